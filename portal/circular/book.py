"""A circular as a workbook: ranking, lines with each number in a cell of its own, problems, objections, corrections, and what it rests on."""

from collections.abc import Iterator, Sequence

from infra.cells import Cell
from portal.circular import columns, words
from portal.circular.frozen import rate
from portal.circular.result import TITLES
from portal.circular.shelf import File
from portal.frame.column import Column
from producers import sheet

Sheet = tuple[str, Sequence[str], Sequence[Sequence[Cell]]]


def xlsx(file: File) -> bytes:
    """The file."""
    return sheet.to_book(_sheets(file))


def _sheets(file: File) -> Iterator[Sheet]:
    said, text = file.own, file.text
    names, titles = {code: name for code, name, _ in text["departments"]}, text["titles"]
    yield _table("排名", columns.departments(None, apart=True), said["departments"])
    if said["before"]:
        yield "趋势", *columns.trend(said)
    yield _table("分项明细", columns.lines(text, "", apart=True), said["lines"])
    yield "问题清单", ["部门", "信息项", "问题"], [[names[each["department"]], titles[each["item"]], "；".join(each["words"])] for each in said["problems"]]
    objections = [
        [names[each.department], titles[each.item], TITLES[each.figure], str(rate(each.was)), each.why, each.outcome, str(rate(each.now)), each.decided.get("why", "")]
        for each in file.standing.objections.values()
    ]  # fmt: skip
    yield "异议和裁定", ["部门", "信息项", "指标", "原数", "异议", "裁定", "现数", "裁定理由"], objections
    if file.root:
        corrections = [[names[each.department], titles[each.item], TITLES[each.figure], str(rate(each.was)), str(rate(each.now)), each.why] for each in file.standing.corrections.values()]
        yield "更正", ["部门", "信息项", "指标", "原为", "更正为", "理由"], corrections
    yield "依据", ["项目", "内容"], _basis(file)


def _table(title: str, shown: Sequence[Column], rows: Sequence[object]) -> Sheet:
    return title, [each.title for each in shown], [[each.value(row) for each in shown] for row in rows]


def _basis(file: File) -> list[list[Cell]]:
    text, root = file.text, file.root or file
    found: list[list[Cell]] = [["文件", file.title], ["文号", file.issue.document if file.issue else words.UNISSUED], ["签发人", file.issue.signer if file.issue else ""]]
    if file.root and file.root.issue:
        found.append(["更正的文件", f"{file.root.title}（{file.root.issue.document}）"])
    found += [["统计截止", words.cut_off(text)], ["目录版本", text["catalogue"]], ["工作日历版本", text["calendar"]], ["规则版本", text["rules"]], ["评分办法", f"{text['score']['from']} 起施行"]]
    return [*found, ["数据校验码", root.circular.digest]]
