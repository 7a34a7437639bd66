"""What a change of code sets will do: two folders of them in, changes in words out, beside those of the items (`changes`)."""

from collections.abc import Iterator
from pathlib import Path

from schemas.changes import FREE, NOTICE, REFUSED, Change
from schemas.codes import Entry, entries, versions

KEEP = "不要删去这一行：在 to 列填上停用的日期，在 now 列填上现行代码；停用以后的记录再用它只提醒，不退回。"


def changes(old: Path, new: Path) -> list[Change]:
    """All differences between two folders of code sets, by set; empty when they mean the same."""
    before, after = ({each.name for each in versions(folder)} for folder in (old, new))
    found = [Change(f"codes/{name}", "", FREE, "新代码集。") for name in sorted(after - before)]
    found += [Change(f"codes/{name}", "", NOTICE, "去掉代码集：还有信息项使用它的，目录不能启动。", ("规则",)) for name in sorted(before - after)]
    return found + [change for name in sorted(before & after) for change in _set(name, entries(name, old), entries(name, new))]


def _set(name: str, old: tuple[Entry, ...], new: tuple[Entry, ...]) -> Iterator[Change]:
    place, before, after = f"codes/{name}", _by_code(old), _by_code(new)
    for code in before:
        if code not in after:
            what = f"去掉代码 {code}（{before[code][-1].title}）：用它的记录再报送时会退回。"
            yield Change(place, code, REFUSED, what, ("规则", "模板"), KEEP)
        elif before[code] != after[code]:
            yield from _lines(place, code, before[code], after[code])
    for code in after:
        if code not in before:
            yield Change(place, code, FREE, f"新代码 {code}（{after[code][-1].title}）。", ("规则", "模板"))
    if list(before) != list(after) and set(before) == set(after):
        yield Change(place, "", FREE, "代码的先后次序改变，下拉列表随之改变。", ("模板",))


def _lines(place: str, code: str, old: list[Entry], new: list[Entry]) -> Iterator[Change]:
    if old[-1].title != new[-1].title:
        yield Change(place, code, FREE, f"代码 {code} 的名称由“{old[-1].title}”改为“{new[-1].title}”。", ("模板",))
    if _periods(old) != _periods(new):
        what = f"代码 {code} 的有效期由 {_periods(old)} 改为 {_periods(new)}：有效期以外的记录给出提醒。"
        yield Change(place, code, NOTICE, what, ("规则",))
    if [each.now for each in old] != [each.now for each in new]:
        yield Change(place, code, FREE, f"代码 {code} 的现行代码改为 {new[-1].now or '（无）'}。")


def _by_code(lines: tuple[Entry, ...]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for line in lines:
        found.setdefault(line.code, []).append(line)
    return found


def _periods(lines: list[Entry]) -> str:
    return "、".join(f"{each.since or '最初'} 至 {each.until or '今'}" for each in lines)
