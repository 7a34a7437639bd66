"""What the judge would make of rows as they are read in their table: by his own functions, in columns. Pure."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas import identity, rules
from schemas.catalog import Item
from schemas.image import image
from schemas.sources import Table

SAID, REJECTED, EXCLUDED, OUTSIDE, WAITING = "said", "rejected", "excluded", "outside", "waiting"


@dataclass(frozen=True)
class Bench:
    """What judging a table's rows needs besides them. ``catalogue``: its version; ``today``: the site's own day."""

    item: Item
    table: Table
    department: str
    secret: bytes
    catalogue: str
    today: date

    @property
    def digest(self) -> str:
        """12 hex digits of everything that makes the same texts another record; of the secret only that it is the same."""
        told = (self.catalogue, self.department, repr(self.table), hmac.digest(self.secret, b"sweep", "sha256").hex(), pl.__version__)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


def fields(bench: Bench, texts: pl.DataFrame) -> pl.DataFrame:
    """The item's fields, every one, as text."""
    mapped = image(bench.table, texts, [True] * texts.height).fields
    return mapped.select(mapped[field.name] if field.name in mapped.columns else pl.lit(None, pl.String).alias(field.name) for field in bench.item.fields)


def said(bench: Bench, texts: pl.DataFrame) -> pl.DataFrame:
    """By row of ``texts``: `kind` (one of the above), and of those inside the filter `key`, `fingerprint` (of what they say) and `verbatim` (of their text, as a reject bears it)."""
    side = image(bench.table, texts, [True] * texts.height)
    kinds = pl.Series("kind", [SAID if inside else WAITING if waits else OUTSIDE for inside, waits in zip(side.inside, side.waiting, strict=True)], pl.String)
    inside = (kinds == SAID).arg_true()
    told = _judged(bench, fields(bench, texts[inside])).with_columns(inside.alias("place"))
    nothing = kinds.to_frame().with_row_index("place").filter(pl.col("kind") != SAID)
    return pl.concat([told.cast({"place": pl.UInt32}), nothing], how="diagonal").sort("place").drop("place").select("kind", "key", "fingerprint", "verbatim")


def _judged(bench: Bench, said: pl.DataFrame) -> pl.DataFrame:
    item = bench.item
    checked = rules.check(item, said, rules.Context(bench.today))
    keys = identity.keys(item, bench.department, said, bench.secret)
    refused = pl.Series([n in checked.errors or key is None for n, key in enumerate(keys)], dtype=pl.Boolean)
    frame = pl.DataFrame({"refused": refused, "out": checked.excluded, "key": pl.Series(keys, dtype=pl.String)})
    kind = pl.when("refused").then(pl.lit(REJECTED)).when("out").then(pl.lit(EXCLUDED)).otherwise(pl.lit(SAID))
    prints = [identity.fingerprints(item, checked.typed).alias("fingerprint"), identity.verbatim_fingerprints(item, said).alias("verbatim")]
    return frame.select(kind.alias("kind"), "key", *prints)
