"""What a circular and a correction say, as an official document: out of the frozen text and the result, nothing else."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from portal.circular import columns, result, steps
from portal.circular.frozen import Frozen, rate
from portal.circular.paper import Paper, chinese, month
from portal.circular.result import TITLES
from portal.circular.shelf import File
from portal.circular.tables import CIRCULAR
from schemas.obligations import score
from schemas.obligations.figures import Rate
from schemas.obligations.score import Rules

ENDS = 5  # departments named at either end of the ranking
UNISSUED = "（征求意见稿）"
PLAN = "《济南市公共信用信息平台信息归集工作实施方案》（济信用办〔2017〕42号）"


def paper(file: File, day: date) -> Paper:
    """The document as of its issue; before that marked as not issued, with the day it is shown on."""
    rules, issue = score.of(file.text["score"]), file.issue
    on = chinese(issue.at.astimezone(_zone(file.text)).date() if issue else day)
    made = Paper(
        f"{rules.issuer}文件", issue.document if issue else UNISSUED, broken(file.title), "市社会信用体系建设工作领导小组各成员单位", rules.issuer, on,
        note=f"签发人：{issue.signer}" if issue else "", print_by=rules.issuer if issue else "",
    )  # fmt: skip
    (_circular if file.circular.kind == CIRCULAR else _correction)(made, file, rules)
    return made


def broken(title: str) -> str:
    """A title on two lines, parted between words."""
    return title.replace("归集情况", "\n归集情况", 1)


def basis(text: Frozen, digest: str) -> str:
    """What the numbers rest on, for whoever wants to check them."""
    return (
        f"统计截止{cut_off(text)}；归集目录版本{text['catalogue']}，工作日历版本{text['calendar']}，校验规则版本{text['rules']}，评分办法{chinese(date.fromisoformat(text['score']['from']))}起施行；"
        f"数字和逐条明细已经冻结，数据校验码{digest[:16]}。各项比率括号内为分子和分母，“—”表示没有可计算的数，不计分、不排名。"
    )


def cut_off(text: Frozen) -> str:
    """2017年11月10日24时"""
    return f"{chinese((_moment(text) - timedelta(microseconds=1)).date())}24时"


def total(rows: Sequence[Mapping[str, Any]]) -> dict[str, Rate]:
    """The rates of all departments together."""
    sums = dict.fromkeys(TITLES, Rate(0, 0))
    for row in rows:
        sums = {name: sums[name] + each for name, each in result.figures(row["figures"]).items()}
    return sums


def overall(text: Frozen, rows: Sequence[Mapping[str, Any]]) -> str:
    """The month in a sentence or two."""
    rates, due = total(rows), [each for line in text["lines"] for each in line["periods"] if each["over"]]
    met = sum(each["state"] == "已上报" for each in due)
    told = "，".join(f"{TITLES[name]}{rates[name]}" for name in ("collected", "timely", "first_try", "valid", "open", "complete"))
    return (
        f"{month(text['month'])}，{len(rows)}个部门承担{len(text['lines'])}项报送任务，归集当月产生的记录{sum(row['delivered'] for row in rows)}条。"
        f"应报{len(due)}期，按时上报{met}期；超时率{rates['late']}，漏报率{rates['missed']}。{told}。"
    )


def outages(text: Frozen) -> str:
    """Our own outages, and what they moved."""
    moved = sum(each["moved"] > 0 for line in text["lines"] for each in line["periods"])
    provisional = sum(each["provisional"] for line in text["lines"] for each in line["periods"])
    found = [f"平台停用{len(text['outages'])}次，共{sum(each['minutes'] for each in text['outages'])}分钟。"] if text["outages"] else []
    found += [f"{moved}期的截止日期已相应顺延，不作为部门迟报。"] if moved else []
    return "".join(found + ([f"有{provisional}期的截止日期按尚未公布的工作日历计算，为暂定。"] if provisional else []))


def _circular(made: Paper, file: File, rules: Rules) -> None:
    text, said = file.text, file.own
    made.body.append(("", f"按照{PLAN}，现将{month(text['month'])}各部门公共信用信息归集情况通报如下。"))
    ranked = made.annex("各部门归集情况得分和排名", [each.title for each in PRINTED], _rows(said["departments"]), RANKING)
    problems = made.annex("问题清单", ["部门", "信息项", "问题"], [[_short(text, each["department"]), text["titles"][each["item"]], "；".join(each["words"])] for each in said["problems"]], (3, 3, 10))
    objections = made.annex("异议和裁定情况", ["部门", "信息项", "指标", "原数", "异议", "裁定", "裁定后", "理由"], list(_objections(file)), (3, 3, 2, 3, 6, 2, 3, 6))
    made.part("总体情况", overall(text, said["departments"]))
    made.part("得分和排名", _ranking(said["departments"], rules, ranked))
    made.part("与以前各期比较", _moved(said))
    made.part("存在的问题", _problems(said, problems))
    made.part("征求意见和异议裁定", _answered(file, objections))
    made.part("平台方面的情况", outages(text))
    made.part("有关说明", basis(text, file.circular.digest))


PRINTED = columns.departments(None)[:-1]  # without 疑问率, which is what 合规率 leaves
RANKING = (1.4, 4.4, 2, 2.3, 2, *(3.1 for _ in score.FIGURES))


def _correction(made: Paper, file: File, rules: Rules) -> None:
    assert file.root
    assert file.root.issue
    made.body.append(("", f"《{file.root.title}》（{file.root.issue.document}）中下列数字有误，现予更正。原文件其他内容不变。"))
    for each in file.standing.corrections.values():
        name, item = _short(file.text, each.department), file.text["titles"][each.item]
        made.part(f"{name}{item}{TITLES[each.figure]}", f"原为{rate(each.was)}，更正为{rate(each.now)}。理由：{each.why.rstrip('。')}。")
    before = {row["department"]: row for row in _before(file)["departments"]}
    found = [_changed(row, before[row["department"]]) for row in file.own["departments"]]
    made.part("对得分和排名的影响", "".join(each for each in found if each) or "各部门得分和名次不变。")
    made.annex("更正后的各部门归集情况得分和排名", [each.title for each in PRINTED], _rows(file.own["departments"]), RANKING)


def _before(file: File) -> Mapping[str, Any]:
    """What stood before this correction: the circular, or the correction before it."""
    assert file.root
    earlier = [each for each in file.root.corrected if each.circular.id < file.circular.id]
    return earlier[-1].own if earlier else file.root.own


def _changed(now: Mapping[str, Any], was: Mapping[str, Any]) -> str:
    if (now["score"], now["rank"]) == (was["score"], was["rank"]):
        return ""
    return f"{now['short']}得分由{was['score'] or '不排名'}改为{now['score'] or '不排名'}，名次由{was['rank'] or '—'}改为{now['rank'] or '—'}。"


def _ranking(rows: Sequence[Mapping[str, Any]], rules: Rules, annex: str) -> str:
    ranked = [row for row in rows if row["rank"]]
    weights = "、".join(f"{title}{rules.figures[name].weight}分" for name, title in score.FIGURES.items() if rules.figures[name].weight)
    told = f"评分满分100分，其中{weights}；没有可计算的数的指标不计。{len(ranked)}个部门参加排名，{len(rows) - len(ranked)}个部门没有应报的期次和记录，不排名。"
    named = ranked if len(ranked) <= 2 * ENDS else ranked[:ENDS]
    told += f"得分{'依次为' if named is ranked else '列前的为'}{_named(named)}。" if named else ""
    told += f"得分列后的为{_named(ranked[-ENDS:])}。" if len(ranked) > 2 * ENDS else ""
    return told + (f"各部门得分和排名见{annex}。" if annex else "")


def _named(rows: Sequence[Mapping[str, Any]]) -> str:
    return "、".join(f"{row['short']}（{row['score']}分）" for row in rows)


def _moved(said: Mapping[str, Any]) -> str:
    if not said["before"]:
        return ""
    last, document = said["before"][0]
    places = [(row["trend"][0][1] - row["rank"], row["short"]) for row in said["departments"] if row["rank"] and row["trend"][0][1]]
    up, down = sorted((each for each in places if each[0] > 0), reverse=True), sorted(each for each in places if each[0] < 0)
    return f"与{month(last)}（{document}）相比，名次上升的部门{len(up)}个{_list('升', up)}，下降的部门{len(down)}个{_list('降', down)}。"


def _list(word: str, places: Sequence[tuple[int, str]]) -> str:
    """The farthest of them."""
    named = "、".join(f"{name}{word}{abs(number)}位" for number, name in places[:ENDS])
    return f"（{named}{'等' if len(places) > ENDS else ''}）" if places else ""


def _problems(said: Mapping[str, Any], annex: str) -> str:
    found = said["problems"]
    if not found:
        return "没有发现问题。"
    kinds: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("漏报", lambda word: word.startswith("漏报")), ("超时", lambda word: word.startswith("超时")), ("未申报产生数量", lambda word: word == "未申报"),
        ("申报数不足", lambda word: word == "申报数不足"), ("有退回记录尚未改正", lambda word: word.startswith("退回")), ("存量未按期完成", lambda word: word.startswith("存量")),
        ("指标低于要求", lambda word: "低于" in word),
    )  # fmt: skip
    told = [f"{title}的任务{number}项" for title, fits in kinds if (number := sum(any(map(fits, each["words"])) for each in found))]
    return f"{len({each['department'] for each in found})}个部门的{len(found)}项任务存在问题，其中{'，'.join(told)}。清单见{annex}。"


def _answered(file: File, annex: str) -> str:
    if not file.issue or not file.standing.until:
        return ""
    day = file.issue.at.astimezone(_zone(file.text)).date()
    answers = [file.standing.answer(code, day) for code in file.departments]
    found = list(file.standing.objections.values())
    upheld = sum(each.upheld for each in found)
    told = f"征求意见期间，{answers.count(steps.CONFIRMED)}个部门确认无异议，{answers.count(steps.SILENT)}个部门逾期没有答复、视为无异议，{answers.count(steps.OBJECTED)}个部门提出异议{len(found)}条。"
    return told + (f"经裁定，成立{upheld}条，不成立{len(found) - upheld}条，改定前后的数见{annex}。" if found else "")


def _objections(file: File) -> Any:
    for each in file.standing.objections.values():
        stands = str(rate(each.now)) if each.decision else "—"
        yield [
            _short(file.text, each.department), file.text["titles"][each.item], TITLES[each.figure], str(rate(each.was)), each.why, each.outcome, stands, each.decided.get("why", "—"),
        ]  # fmt: skip


def _rows(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """A rate's two numbers under it."""
    return [[str(each.value(row)).replace("（", "\n").removesuffix("）") for each in PRINTED] for row in rows]


def _short(text: Frozen, code: str) -> str:
    return next((short for each, _, short in text["departments"] if each == code), code)


def _moment(text: Frozen) -> datetime:
    return datetime.fromisoformat(text["cut_off"])


def _zone(text: Frozen) -> Any:
    return _moment(text).tzinfo
