"""What can be said of records without knowing what stands: keyed, checked, fingerprinted, in columns. The judge and every preview ask here, so that they never disagree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas import identity, reason, rules
from schemas.catalog import Item
from schemas.reason import Reason
from schemas.sayings import ASSERT, RETRACT, UPSERT, WITHDRAW

OPERATIONS = (UPSERT, WITHDRAW, ASSERT, RETRACT)


@dataclass(frozen=True)
class Found:
    """By row: what it says in the item's types, its key (one of its place where its own is incomplete), every reason, whether it lies outside the period collected, its fingerprint."""

    typed: pl.DataFrame
    keys: list[str]
    errors: dict[int, list[Reason]]
    warnings: dict[int, list[Reason]]
    excluded: list[bool]
    fingerprints: list[str]


def examine(item: Item, said: pl.DataFrame, secret: bytes, today: date) -> Found:
    """Look at submissions of one item: ``said`` has the item's fields as text, `_faults` and the envelope's `_department _operation _source _row _line _batch`. A row with errors is to be rejected."""
    operations = said["_operation"]
    ending = operations.is_in([WITHDRAW, RETRACT])
    checked = rules.check(item, said.select([field.name for field in item.fields]), rules.Context(today), ending)
    found = identity.keys(item, said["_department"], said, secret)
    errors, warnings = {n: list(all_) for n, all_ in checked.errors.items()}, {n: list(all_) for n, all_ in checked.warnings.items()}
    _add_faults(item, said, ending, errors, warnings)
    _add_operations(operations, errors)
    keys = _complete(item, said, found, errors)
    fingerprints = identity.fingerprints(item, checked.typed).to_list()
    return Found(checked.typed, keys, errors, warnings, checked.excluded.to_list(), fingerprints)


def _complete(item: Item, said: pl.DataFrame, found: Sequence[str | None], errors: dict[int, list[Reason]]) -> list[str]:
    """The keys, with those that are incomplete replaced by their place in the source; such a record is always rejected."""
    if None not in found:
        return [key for key in found if key is not None]
    places = said.select("_source", "_row", "_line", "_batch").rows()
    keys = []
    for n, key in enumerate(found):
        if key is None and n not in errors:
            titles = "、".join(item.by_name[name].title for name in item.key)
            errors[n] = [error("R-KEY", f"记录的标识不完整：{titles}须全部填写", "补全后重新报送")]
        keys.append(key if key is not None else identity.fallback_key(item, *places[n]))
    return keys


def _add_faults(item: Item, said: pl.DataFrame, ending: pl.Series, errors: dict[int, list[Reason]], warnings: dict[int, list[Reason]]) -> None:
    """What was found while the way was read; of a withdrawal only what concerns its key."""
    for n in said["_faults"].is_not_null().arg_true().to_list():
        try:
            told = reason.loads(said["_faults"][n])
        except (ValueError, TypeError, AttributeError):
            told = [error("R-FAULTS", "采集环节附带的问题说明无法读取", "请联系平台管理员")]
        if ending[n]:
            told = [each for each in told if each.field is None or each.field in item.key]
        for each in told:
            (errors if each.severity == "error" else warnings).setdefault(n, []).append(each)


def _add_operations(operations: pl.Series, errors: dict[int, list[Reason]]) -> None:
    for n in (~operations.is_in(list(OPERATIONS))).arg_true().to_list():
        errors.setdefault(n, []).append(error("R-OPERATION", "操作类型不是 upsert、withdraw、assert、retract 之一", "改正操作类型后重新报送"))


def error(rule: str, message: str, remedy: str) -> Reason:
    """A reason that concerns the whole record."""
    return Reason(rule, "error", None, None, None, message, remedy)


__all__ = ["Found", "error", "examine"]
