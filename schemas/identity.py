"""Which record is this, and did it change: keys and fingerprints, the same for every way in. Committed vectors hold them still (tests/schemas/identity_vectors.json).

A key is compact JSON: `[item, department or null, key value, …]`. Its values are made alike first: compatibility forms folded (full-width to half-width), blanks folded, letters in
capitals, dates and whole numbers in one form. A personal number never stands in a key, only its HMAC. A fingerprint is xxh3-128 over (field code, length in bytes, text) of what is not null, in
the order of the codes: a field that is null leaves no trace, so a new nullable field changes no old fingerprint.
"""

import base64
import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Protocol

import polars as pl
import xxhash

from schemas import normalize

PERSONAL = "person_number"
_RUN = re.compile(r"[0-9]{14,}[0-9X]")
_SIGNS = {"（": "(", "）": ")", "，": ",", "：": ":", "；": ";"}  # what Chinese names and titles have of full-width signs
# Values that `canonical` and JSON leave as they are: half-width capitals, digits and signs, Chinese characters, the standards' brackets; no blanks.
_PLAIN = r"^[!#-\[\]-`{-~\x{4e00}-\x{9fff}〔〕《》、。]+$"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class Field(Protocol):
    """What is needed of a catalogue's field."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def privacy(self) -> str: ...
    @property
    def volatile(self) -> bool: ...


class Item(Protocol):
    """What is needed of a catalogue's item; ``key_scope`` is `department` or `city`."""

    @property
    def code(self) -> str: ...
    @property
    def key(self) -> Sequence[str]: ...
    @property
    def key_scope(self) -> str: ...
    @property
    def fields(self) -> Sequence[Field]: ...


def batch(source: str, idempotency_key: str) -> str:
    """The receipt number of a batch: the same for the same two, `HZ` and 26 base32 characters."""
    digest = hashlib.sha256(_json([source, idempotency_key]).encode()).digest()
    return "HZ" + base64.b32encode(digest).decode()[:26]


def key(item: Item, department: str, fields: Mapping[str, str | None], secret: bytes) -> str | None:
    """The key of one verbatim record; None when a key field is blank or missing."""
    values = [canonical(field, fields.get(field.name), secret) for field in _key_fields(item)]
    return None if None in values else _json([item.code, _scope(item, department), *values])


def keys(item: Item, departments: str | Sequence[str] | pl.Series, frame: pl.DataFrame, secret: bytes) -> list[str | None]:
    """`key` of every row of a frame of text columns; one department for all, or one a row."""
    rows = frame.height
    owners = pl.repeat(departments, rows, dtype=pl.String, eager=True) if isinstance(departments, str) else pl.Series(departments, dtype=pl.String)
    scope = normalize.by_value(owners, _compact) if item.key_scope == "department" else pl.repeat("null", rows, dtype=pl.String, eager=True)
    columns = [scope.alias("_scope")]
    for number, field in enumerate(_key_fields(item)):
        said = frame[field.name] if field.name in frame.columns else pl.repeat(None, rows, dtype=pl.String, eager=True)
        columns.append(_in_json(field, said.cast(pl.String), secret).alias(str(number)))
    pieces = [pl.lit(f"[{_compact(item.code)}"), *(part for each in columns for part in (pl.lit(","), pl.col(each.name))), pl.lit("]")]
    return pl.DataFrame(columns).select(key=pl.concat_str(pieces))["key"].to_list()


def _in_json(field: Field, said: pl.Series, secret: bytes) -> pl.Series:
    """Each value of a key field as JSON text, null where it is blank. Plain values are taken as they are; the others are made canonical, each different one once."""

    def one(value: str) -> str | None:
        found = canonical(field, value, secret)
        return None if found is None else _compact(found)

    if field.privacy == PERSONAL or field.kind in ("date", "long"):
        return normalize.by_value(said, one)
    said = said.str.replace_many(list(_SIGNS), list(_SIGNS.values()))
    plain = (said.str.contains(_PLAIN) & ~said.str.contains(_RUN.pattern)).fill_null(value=False)
    quoted = pl.DataFrame([said.alias("v")]).select(v=pl.concat_str(pl.lit('"'), pl.col("v"), pl.lit('"')))["v"]
    return quoted if plain.all() else quoted.zip_with(plain, normalize.by_value(said.zip_with(~plain, pl.repeat(None, len(said), dtype=pl.String, eager=True)), one))


def parts(item: Item, said: str, secret: bytes) -> set[str]:
    """How a value that a person names may stand inside an item's keys, as JSON text; empty when it is blank."""
    found = {canonical(field, said, secret) for field in _key_fields(item)}
    return {_compact(part) for part in found if part is not None}


def incomplete(item: Item, source: str, place: str) -> str:
    """The key of a record whose own is incomplete: ``place`` is its row in the source, or `<line>@<batch>`."""
    return _json(["?", item.code, source, place])


def fallback_key(item: Item, source: str, row: str | None, line: int, batch: str) -> str:
    """`incomplete` from an envelope's columns: the source's row where it has one."""
    return incomplete(item, source, row if row is not None else f"{line}@{batch}")


def fingerprint(item: Item, typed: Mapping[str, Any]) -> str:
    """32 hex digits of what a typed record says, without volatile fields. Times in UTC, naive ones taken so."""
    return _hash("".join(_piece(name, _said(typed[name])) for name in _lasting(item) if typed.get(name) is not None))


def fingerprints(item: Item, frame: pl.DataFrame) -> pl.Series:
    """`fingerprint` of every row of a typed frame."""
    return _hashes(frame, _lasting(item))


def verbatim_fingerprint(fields: Mapping[str, str | None]) -> str:
    """32 hex digits of a record as it was said, every field: tells a rejected record sent again from a corrected one."""
    return _hash("".join(_piece(name, value) for name, value in sorted(fields.items()) if value is not None))


def verbatim_fingerprints(item: Item, frame: pl.DataFrame) -> pl.Series:
    """`verbatim_fingerprint` of every row's item fields."""
    return _hashes(frame, sorted(field.name for field in item.fields))


def canonical(field: Field, value: str | None, secret: bytes) -> str | None:
    """A key field's value as it stands in the key; None when blank."""
    if value is None or not (text := _plain(value)):
        return None
    joined = normalize.code(text) or text
    if field.privacy == PERSONAL or holds_personal_number(joined):
        return "hmac:" + hmac.digest(secret, joined.encode(), "sha256").hex()[:32]
    if field.kind == "date" and (day := normalize.day(joined)):
        return day.isoformat()
    if field.kind == "long" and (number := normalize.whole(joined)) is not None:
        return str(number)
    return text


def holds_personal_number(text: str) -> bool:
    """Whether a run of 15 or more digits (the last may be X) in a capital, half-width text holds a personal number: 18 characters with their check, or 15."""
    return any(_personal(run[start : start + size]) for run in _RUN.findall(text) for size in (18, 15) for start in range(len(run) - size + 1))


def _personal(number: str) -> bool:
    digits = number[6:14] if len(number) == 18 else "19" + number[6:12]
    if not number[:-1].isdigit() or not 11 <= int(number[:2]) <= 83 or not _is_date(digits[:4], digits[4:6], digits[6:]):
        return False
    if len(number) == 15:
        return number.isdigit()
    return number[17] == "10X98765432"[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False)) % 11]


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _plain(value: str) -> str | None:
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value).upper()
        # Capitals may decompose anew (ŉ), so that folding twice must change nothing.
        value = unicodedata.normalize("NFKC", value)
    return normalize.text(value.upper())


def _json(parts: Sequence[str | None]) -> str:
    return _compact(parts)


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _scope(item: Item, department: str) -> str | None:
    return department if item.key_scope == "department" else None


def _key_fields(item: Item) -> list[Field]:
    by_name = {field.name: field for field in item.fields}
    return [by_name[name] for name in item.key]


def _lasting(item: Item) -> list[str]:
    return sorted(field.name for field in item.fields if not field.volatile)


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
        return str((since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000)
    return value.isoformat() if isinstance(value, date) else str(value)


def _piece(name: str, text: str) -> str:
    return f"{name}\x1f{len(text.encode())}\x1f{text}\x1e"


def _hash(text: str) -> str:
    return xxhash.xxh3_128_hexdigest(text.encode())


def _hashes(frame: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    blanks = frame.null_count().row(0, named=True)
    pieces = [piece for name in names if name in blanks and blanks[name] < frame.height for piece in _pieces(name, frame.schema[name], some=blanks[name] > 0)]
    if not pieces:
        return pl.Series("_fingerprint", [_hash("")] * frame.height, pl.String)
    texts = frame.select(said=pl.concat_str(pieces))["said"].cast(pl.Binary).to_list()
    return pl.Series("_fingerprint", [xxhash.xxh3_128_hexdigest(text) for text in texts], pl.String)


def _pieces(name: str, kind: pl.DataType, *, some: bool) -> Sequence[pl.Expr]:
    """What makes up `_piece` on a column; ``some`` rows have nothing: an empty text there."""
    column = pl.col(name)
    if kind.base_type() is pl.Datetime:
        text = column.dt.epoch("ms").cast(pl.String)
    elif kind.base_type() is pl.Date:
        text = column.dt.strftime("%Y-%m-%d")
    else:
        text = column.cast(pl.String)
    pieces = [pl.lit(f"{name}\x1f"), text.str.len_bytes().cast(pl.String), pl.lit("\x1f"), text, pl.lit("\x1e")]
    return [pl.concat_str(pieces).fill_null("")] if some else pieces
