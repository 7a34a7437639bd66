"""What a run has read so far, and what the runs before it made of each row: files under `<home>/state/sweep/<source>.<table>/`. Losing them costs time and nothing else.

Making a row's texts what the judge makes of them is what costs; a row whose texts are the same as at the run before (by a hash of them) is not made anew. A run that was killed goes on behind the
last page it wrote.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from connectors.sweep.said import REJECTED, Bench, said
from connectors.sweep.scan import Page, Place
from infra.settings import Settings
from schemas.sources import Table

SCHEMA = {"hash": pl.UInt64, "row": pl.String, "kind": pl.String, "key": pl.String, "fingerprint": pl.String, "verbatim": pl.String}


@dataclass(frozen=True)
class Progress:
    """A run: ``began`` epoch seconds, ``pages`` written, ``after`` the row it goes on behind, ``place`` of the last page, ``done`` when the table was read to its end."""

    digest: str
    began: float
    pages: int = 0
    after: str | None = None
    place: Place = (0, 0)
    done: bool = False


class Ledger:
    """What the run before made of each row: pages in files. In memory is only which page has a row of that hash."""

    def __init__(self, pages: Sequence[Path]) -> None:
        self._pages = pages
        empty = pl.DataFrame(schema={"hash": pl.UInt64, "page": pl.UInt32})
        self._where = pl.concat([empty, *(pl.read_parquet(path, columns=["hash"]).with_columns(page=pl.lit(number, pl.UInt32)) for number, path in enumerate(pages))])

    def of(self, hashes: pl.Series) -> pl.DataFrame:
        """Those rows that are known."""
        found = self._where.filter(pl.col("hash").is_in(hashes.implode()))["page"].unique()
        return pl.concat([pl.DataFrame(schema=SCHEMA), *(pl.read_parquet(self._pages[number]).filter(pl.col("hash").is_in(hashes.implode())) for number in found)])


class Run:
    """One table's run. ``made``: how many rows had to be made anew, in this process."""

    def __init__(self, settings: Settings, bench: Bench, now: float, *, anew: bool) -> None:
        self._folder = folder(settings, bench.table)
        self._bench = bench
        self._pages = self._folder / "run"
        if anew:
            shutil.rmtree(self._folder, ignore_errors=True)
        resumed = self._resumed()
        if resumed is None:
            shutil.rmtree(self._pages, ignore_errors=True)
        self._pages.mkdir(mode=0o700, parents=True, exist_ok=True)  # primary keys stand in it
        self.progress = resumed or Progress(bench.digest, now)
        self._known = Ledger(sorted((self._folder / bench.digest).glob("*.parquet")))
        self.made = 0

    def add(self, page: Page) -> None:
        """Keep what a page's rows say, and the place behind it."""
        frame = told(self._bench, page, self._known.of(_hashed(page)["hash"]))
        self.made += int(frame["fresh"].sum())
        _write(self._page(self.progress.pages), frame.drop("fresh"))
        after = page.last if page.last is not None else self.progress.after
        self.progress = replace(self.progress, pages=self.progress.pages + 1, after=after, place=page.place, done=page.last is None)
        draft = self._pages / "progress.draft"
        draft.write_text(json.dumps(asdict(self.progress)), encoding="utf-8")
        draft.replace(self._pages / "progress.json")

    def rows(self) -> pl.LazyFrame:
        """All that was read, on disk: `row`, `kind`, `key`, `fingerprint`, `verbatim` (of rejected rows)."""
        return pl.scan_parquet([self._page(number) for number in range(self.progress.pages)]) if self.progress.pages else pl.LazyFrame(schema=SCHEMA)

    def finish(self) -> None:
        """The run is over: the next one begins at the first row, and knows these."""
        for old in self._folder.iterdir():
            if old.is_file():  # of an earlier version
                old.unlink()
            elif old != self._pages:
                shutil.rmtree(old)
        (self._pages / "progress.json").unlink()
        self._pages.rename(self._folder / self._bench.digest)

    def _resumed(self) -> Progress | None:
        try:
            found = json.loads((self._pages / "progress.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        progress = Progress(**found | {"place": tuple(found["place"])})
        return progress if progress.digest == self._bench.digest else None

    def _page(self, number: int) -> Path:
        return self._pages / f"{number:08d}.parquet"


def folder(settings: Settings, table: Table) -> Path:
    return settings.state / "sweep" / table.source_id


def told(bench: Bench, page: Page, known: pl.DataFrame) -> pl.DataFrame:
    """A page in the ledger's form, and `fresh`: whether a row had to be made. ``known`` are rows of a run before, under the same digest."""
    hashed = _hashed(page)
    found = hashed.join(known.drop("row").unique("hash", keep="any"), on="hash", how="left", maintain_order="left")
    fresh = found["kind"].is_null()
    if not fresh.any():
        return found.with_columns(fresh=pl.lit(value=False))
    made = said(bench, page.texts.filter(fresh))
    made = made.with_columns(pl.when(pl.col("kind") == REJECTED).then("verbatim"), place=fresh.arg_true())
    old = found.with_row_index("place").filter(~fresh)
    new = hashed.filter(fresh).hstack(made)
    whole = pl.concat([old.cast({"place": pl.UInt32}), new.cast({"place": pl.UInt32})], how="diagonal").sort("place").drop("place")
    return whole.select(*SCHEMA).with_columns(fresh.alias("fresh"))


def _hashed(page: Page) -> pl.DataFrame:
    """`hash` of each row's texts and id, and `row`."""
    row = page.rows.fill_null("").alias("row")
    return pl.DataFrame([page.texts.with_columns(row).hash_rows(seed=1).alias("hash"), row])


def _write(path: Path, frame: pl.DataFrame) -> None:
    draft = path.with_suffix(".draft")
    frame.write_parquet(draft, compression="lz4")
    draft.replace(path)
