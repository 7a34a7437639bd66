"""Which subject a record is about, on columns and without a warehouse."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import polars as pl

from schemas import normalize
from schemas.catalog import Item
from schemas.rules import rows as row_rules

# Rule of a field → what the field says of a subject. The order is the order in which a record is linked.
KINDS = {"uscc": "code", "regno": "regno", "orgcode": "orgcode", "name": "name"}
SEVERAL = re.compile("[;；]")
CITY = "3701"
LOCAL, OUTSIDE, UNKNOWN = "本市", "外地", "不明"


@dataclass(frozen=True, slots=True)
class Parts:
    """The fields of an item that name its subject: per kind (code, regno, orgcode, name) the first field with its rule, and those that hold given-up values."""

    now: Mapping[str, str]
    former: tuple[tuple[str, str], ...]
    persons: bool

    @property
    def any(self) -> bool:
        """Whether records of the item can be linked at all."""
        return bool(self.now) and not self.persons

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.now.values(), *(name for _, name in self.former))))

    def values(self, row: Mapping[str, Any]) -> dict[str, str]:
        """What one row says now, made alike; blank where it says nothing. An 18-digit code holds the organisation code."""
        found = {kind: normalize.code(row[name]) or "" if (name := self.now.get(kind)) else "" for kind in KINDS.values()}
        return found | {"orgcode": _orgcode(found["orgcode"], found["code"])}


def parts(item: Item) -> Parts:
    """What an item says of subjects."""
    now: dict[str, str] = {}
    former = []
    for field in item.fields:
        kinds = [KINDS[rule.name] for rule in field.rules if rule.name in KINDS]
        if field.former:
            # Several values stand in one field, which no rule can judge: then its title says what they are.
            former.append((kinds[0] if kinds else "regno" if "注册号" in field.title else "name", field.name))
        elif kinds:
            now.setdefault(kinds[0], field.name)
    return Parts(now, tuple(former), item.subject == "person")


def claims(register: Item, frame: pl.DataFrame) -> pl.DataFrame:
    """Every value a register's versions carry: rows of `subject_names`."""
    about, found = parts(register), []
    for row in frame.iter_rows(named=True):
        place = {"item": register.code, "key": row["_key"], "_version": row["_version"], "_partition": row["_partition"], "_offset": row["_offset"]}
        given_up = ((kind, normalize.code(each) or "") for kind, name in about.former for each in SEVERAL.split(row[name] or ""))
        said = {(kind, value) for kind, value in chain(about.values(row).items(), given_up) if value}
        # A version that carries nothing still says how far the index has come.
        found += [{"kind": kind, "value": value, **place} for kind, value in sorted(said) or [("", "")]]
    kinds = dict.fromkeys(("kind", "value", "item", "key"), pl.String) | dict.fromkeys(("_version", "_partition", "_offset"), pl.Int64)
    return pl.DataFrame(found, schema=kinds)


def proposals(item: Item, frame: pl.DataFrame) -> pl.DataFrame:
    """What an item's versions say of their subjects: rows of `links` without the link."""
    about = parts(item)
    said = {kind: _alike(frame[about.now[kind]]) if kind in about.now else pl.repeat("", frame.height, eager=True) for kind in KINDS.values()}
    bare, code = pl.col("orgcode").str.replace_all("-", "", literal=True), pl.col("code")
    within = pl.when(code.str.len_chars() == 18).then(code.str.slice(8, 9)).otherwise(pl.lit(""))
    said["orgcode"] = pl.DataFrame(said).select(pl.when(bare != "").then(bare).otherwise(within).alias("orgcode"))["orgcode"]
    clean = pl.DataFrame({field.name: frame[field.name] if field.name in frame.columns else pl.repeat(None, frame.height, dtype=pl.String, eager=True) for field in item.fields})
    return pl.DataFrame(
        {
            "item": pl.repeat(item.code, frame.height, eager=True), "key": frame["_key"], "_version": frame["_version"], "department": frame["_department"], **said,
            "person": (~row_rules.organisations(item, clean)).cast(pl.UInt8), "standing": (1 - frame["_withdrawn"].cast(pl.Int64)).cast(pl.UInt8),
            "_partition": frame["_partition"], "_offset": frame["_offset"],
        }
    )  # fmt: skip


def match(waiting: pl.DataFrame, claimed: pl.DataFrame) -> pl.DataFrame:
    """``waiting`` with its links: subject (blank: none), register, by (the kind of value, `former_` before one given up) and place."""
    found: dict[tuple[str, str, bool], set[tuple[str, str]]] = {}
    for row in claimed.iter_rows(named=True):
        found.setdefault((row["kind"], row["value"], row["former"]), set()).add((row["subject"], row["register"]))
    links = [("", "", "")] * waiting.height
    named = pl.any_horizontal(pl.col(list(KINDS.values())).is_in(claimed["value"].unique().implode()))
    for row in waiting.with_row_index("row").filter(named & (pl.col("person") == 0)).iter_rows(named=True):
        links[row["row"]] = _one(row, found)
    linked = waiting.drop(["subject", "register", "by", "place"], strict=False).with_columns(
        *(pl.Series(name, [link[at] for link in links], dtype=pl.String) for at, name in enumerate(("subject", "register", "by")))
    )
    return linked.with_columns(_place().alias("place"))


def _one(row: Mapping[str, Any], found: Mapping[tuple[str, str, bool], set[tuple[str, str]]]) -> tuple[str, str, str]:
    """The first kind of value that exactly one subject answers to: those in force before those given up, a name last of all."""
    for kind in ("code", "regno", "orgcode", "name"):
        for former in (False, True):
            who: Iterable[tuple[str, str]] = found.get((kind, row[kind], former), ()) if row[kind] else ()
            if len(subjects := {subject for subject, _ in who}) == 1:
                return (*min(who), f"former_{kind}" if former else kind)
            if subjects:
                break  # two hold it: a former holder is not asked
    return "", "", ""


def _place() -> pl.Expr:
    """Where the organisation is registered, by the 18-digit code said of it, else by its subject's."""
    told = pl.when(pl.col("code").str.len_chars() == 18).then("code").otherwise("subject")
    here = pl.when(told.str.slice(2, 4) == CITY).then(pl.lit(LOCAL)).otherwise(pl.lit(OUTSIDE))
    return pl.when((told.str.len_chars() != 18) | told.str.starts_with("[")).then(pl.lit(UNKNOWN)).otherwise(here)


def _orgcode(said: str, code: str) -> str:
    return said.replace("-", "") or (code[8:17] if len(code) == 18 else "")


def _alike(column: pl.Series) -> pl.Series:
    return normalize.codes(column.cast(pl.String)).fill_null("")
