"""归集情况报告: what the centre reports to the office of a month, out of the same frozen set as the circular: what came, by way and by department, problems, and what the platform itself failed at."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from infra.cells import Cell
from loaders.measures import COUNTED
from portal.circular import words
from portal.circular.frozen import AGED, Frozen, Row
from portal.circular.paper import Paper, chinese, month
from portal.circular.shelf import File
from portal.status.words import WAYS
from producers import sheet
from schemas.obligations import score
from schemas.obligations.figures import Rate

OUTCOMES = {"received": "收到", "accepted": "入库", "duplicate": "重复", "superseded": "被取代", "rejected": "退回", "excluded": "不在范围", "changed": "更新"}
MOST_RULES = 10
Rows = Callable[[tuple[str, str, str]], Sequence[Row]]  # the frozen rows of a place
LEGS = ("said", "judged", "loaded")
TITLES = [*OUTCOMES.values(), "入库率", "重复率", "更新率"]
CAME = (4, *(2 for _ in OUTCOMES), 3, 3, 3)


def paper(file: File, rows: Rows, day: date) -> Paper:
    """The report; ``day`` is the one it bears."""
    text = file.text
    rules = score.of(text["score"])
    made = Paper(rules.reporter, "归集情况报告", words.broken(f"关于{month(text['month'])}公共信用信息归集情况的报告"), "市信用办", rules.reporter, chinese(day))
    made.body.append(("", f"按照{words.PLAN}，现将{month(text['month'])}各部门公共信用信息归集情况报告如下。"))
    by_way, by_department = came(text, "way"), came(text, "department")
    ways = made.annex("按归集方式的归集情况", ["归集方式", *TITLES], _printed(by_way, WAYS), CAME)
    names = {code: short for code, _, short in text["departments"]}
    units = made.annex("按部门的归集情况", ["部门", *TITLES], _printed(by_department, names), CAME)
    problems = made.annex("问题清单", ["部门", "信息项", "问题"], [[names[each["department"]], text["titles"][each["item"]], "；".join(each["words"])] for each in file.result["problems"]], (3, 3, 10))
    made.part("总体情况", words.overall(text, file.result["departments"]))
    made.part("数据到达情况", _came(by_way, by_department, ways, units))
    made.part("退回情况", _rejected(text, rows))
    made.part("部门存在的问题", f"{len(file.result['problems'])}项任务存在问题，见{problems}。" if problems else "没有发现问题。", _stock(text))
    made.part("平台自身的问题", *failed(text))
    made.part("有关说明", words.basis(text, (file.root or file).circular.digest), "特此报告。")
    return made


def book(file: File, rows: Rows) -> bytes:
    """The same as a workbook."""
    text = file.text
    names, tables = {code: name for code, name, _ in text["departments"]}, []
    for title, by, named in (("按归集方式", "way", WAYS), ("按部门", "department", names), ("按信息项", "item", text["titles"])):
        tables.append((title, [title[1:], *TITLES], [_told(named.get(code, code), counts) for code, counts in came(text, by).items()]))
    found = [[names[each["department"]], text["titles"][each["item"]], "；".join(each["words"])] for each in file.result["problems"]]
    rules: list[list[Cell]] = [[rule, number] for rule, number in rejected(text, rows).most_common()]
    batches = [[each["batch"], names.get(each["department"], each["department"]), text["titles"].get(each["item"], each["item"]), *(each[leg] for leg in LEGS)] for each in text["unbalanced"]]
    return sheet.to_book([
        *tables, ("问题清单", ["部门", "信息项", "问题"], found), ("尚未改正的退回记录", ["违反的规则", "条数"], rules),
        ("停用记录", ["归集方式", "自", "至", "分钟", "原因"], [[WAYS[each["way"]], each["first"], each["last"], each["minutes"], each["why"]] for each in text["outages"]]),
        ("未核对一致的批次", ["批次", "部门", "信息项", "报送", "判定", "入库"], batches), ("依据", ["项目", "内容"], [["说明", words.basis(text, (file.root or file).circular.digest)]]),
    ])  # fmt: skip


def came(text: Frozen, by: str) -> dict[str, Counter[str]]:
    """Messages judged in the month, added up by `way`, `department` or `item`, the most first."""
    found = dict[str, Counter[str]]()
    for row in text["came"]:
        found.setdefault(row[by], Counter()).update({name: row[name] for name in COUNTED["operating"]})
    return dict(sorted(found.items(), key=lambda each: (-each[1]["received"], each[0])))


def rejected(text: Frozen, rows: Rows) -> Counter[str]:
    """By rule how many records were rejected and open at the cut-off."""
    places = [tuple(place.split("/")) for place in text["blocks"] if place.endswith(f"/{AGED}")]
    return Counter(rule for department, item, of in places for row in rows((department, item, of)) for rule in row["rules"])


def failed(text: Frozen) -> list[str]:
    """What the platform itself failed at, each in a sentence; that there was nothing, where there was nothing."""
    found = [words.outages(text)] if words.outages(text) else []
    found += [f"{WAYS[each['way']]}自{each['first'].replace('T', ' ')[:16]}至{each['last'].replace('T', ' ')[:16]}停用{each['minutes']}分钟：{each['why'].rstrip('。')}。" for each in text["outages"]]
    if text["unbalanced"]:
        lost = sum(each["said"] - each["loaded"] for each in text["unbalanced"])
        found.append(f"冻结数据时有{len(text['unbalanced'])}个批次的接收、判定、入库数目不一致，相差{abs(lost)}条，正在核对。")
    linked = sum(each["本市"] for each in text["unlinked"])
    if linked:
        found.append(f"本市法人记录{linked}条，其中未关联到主体{sum(each['未关联'] for each in text['unlinked'])}条。")
    return found or ["统计期间没有平台停用，各批次接收、判定、入库数目一致。"]


def _came(by_way: Mapping[str, Counter[str]], by_department: Mapping[str, Counter[str]], ways: str, units: str) -> str:
    whole = sum(by_way.values(), Counter[str]())
    if not whole["received"]:
        return "本月没有收到记录。"
    told = "，".join(f"{WAYS.get(way, way)}{counts['received']}条" for way, counts in by_way.items())
    return (
        f"本月判定{len(by_department)}个部门报送的记录{whole['received']}条，其中入库{whole['accepted']}条，重复{whole['duplicate']}条，被取代{whole['superseded']}条，退回{whole['rejected']}条，"
        f"不在归集范围{whole['excluded']}条；入库的记录中更新{whole['changed']}条。按归集方式，{told}（见{ways}）；按部门见{units}。"
    )


def _rejected(text: Frozen, rows: Rows) -> str:
    found = rejected(text, rows)
    records = sum(number for place, (number, _) in text["blocks"].items() if place.endswith(f"/{AGED}"))
    if not records:
        return "截止时没有尚未改正的退回记录。"
    told = "、".join(f"{rule}（{number}条）" for rule, number in found.most_common(MOST_RULES))
    return f"截止时尚未改正的退回记录{records}条，违反最多的规则为{told}。"


def _stock(text: Frozen) -> str:
    late = [each for each in text["stock"] if each["state"] in ("超时", "漏报")]
    silent = sum(each["stated"] is None for each in text["stock"])
    return f"存量归集任务{len(text['stock'])}项，没有按期完成{len(late)}项，其中未申报存量{silent}项。" if text["stock"] else ""


def _printed(counted: Mapping[str, Mapping[str, int]], names: Mapping[str, str]) -> list[list[str]]:
    return [[str(each) for each in _told(names.get(code, code), counts)] for code, counts in counted.items()]


def _told(name: str, counts: Mapping[str, int]) -> list[Cell]:
    received = counts["received"]
    rates = [Rate(counts[each], received - counts[each]) for each in ("accepted", "duplicate", "changed")]
    return [name, *(counts[each] for each in OUTCOMES), *(str(each) for each in rates)]

