"""到达情况: by which ways this department's records came, when the last, and what became of them in the period that is running and before. What is not known here is said."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal import owed
from portal.entry import showing
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.work import instead
from portal.work.asking import CRUMBS, DEPARTMENT, PATH, own, told
from schemas.words import OUTCOMES

ARRIVALS = PATH + "/arrivals"
TITLE = "到达情况"
HOURS = 24  # lately
NEVER = "尚无记录到达"
VERDICTS = {"equal": "一致", "differs": "有差异，归集中心处理", "unsettled": "源头变动中，未得出结论", "unknown": "未能核对"}  # of a comparison of a tapped table with the warehouse

Row = Mapping[str, Any]
router = APIRouter(include_in_schema=False)


@router.get(ARRIVALS)
def index(visit: Annotated[Visit, only(*DEPARTMENT, action="查看到达情况")]) -> Response:
    visit.about(TITLE, visit.who.department)
    rows = _rows(visit)
    table = Listing(TITLE, _columns(), rows, len(rows), 1, ARRIVALS, {}, "目前没有分配给本部门的信息项。如果不对，请与市信用办联系。")
    return visit.page("work_arrivals.html", title=TITLE, crumbs=CRUMBS, listing=table, tapped=any(row["way"] == "cdc" for row in rows))


@router.get(ARRIVALS + "/export")
def export(visit: Annotated[Visit, only(*DEPARTMENT, action="导出到达情况")]) -> Response:
    visit.about(TITLE, visit.who.department)
    counts = [Column(f"{word}{title}", _count(f"{name}_{part}")) for part, word in (("now", "本期"), ("before", "以前")) for name, title in OUTCOMES.items()]
    return listing.exported(visit, "arrivals", TITLE, [*_columns()[:-2], *counts], _rows(visit))


def _rows(visit: Visit) -> list[Row]:
    """One for each item, way and source; one for an item of which nothing ever came. Raises Refusal `unavailable`."""
    running = {line.item: line.period for line in owed.of(visit.site, visit.who.department, visit.site.today) if line.period.holds(visit.site.today)}
    lately = (visit.site.now() - timedelta(hours=HOURS)).astimezone(visit.site.zone).strftime("%Y-%m-%d %H:%M:%S")
    found = told(lambda: own(visit).arrivals({item: f"{period.start.isoformat()} 00:00:00" for item, period in running.items()}, lately))
    codes = [*(item.code for item in visit.site.owed(visit.who.department)), *sorted({row["item"] for row in found})]
    by_item = {code: [row for row in found if row["item"] == code] for code in codes}
    none = {"way": "", "source": "", "last": "", "said": 0, "judged": 0, "lately": 0, **{f"{name}_{part}": 0 for name in OUTCOMES for part in ("now", "before")}}
    catalog, proofs = visit.site.catalog, told(own(visit).proofs)
    return [
        {
            **row, "item": code, "title": catalog[code].title if code in catalog else code, "period": running[code].label if code in running else "",
            "proof": _proof(proofs.get(row["source"])) if row["way"] == "cdc" else "",
        }
        for code, rows in by_item.items() for row in (rows or [none])
    ]  # fmt: skip


def _columns() -> Sequence[Column]:
    return [
        Column("信息项", lambda row: row["title"]),
        Column("方式", lambda row: showing.WAYS.get(row["way"], row["way"]) or NEVER, short=True),
        Column("来源", lambda row: row["source"], short=True),
        Column("最近到达", lambda row: instead.moment(row["last"]), short=True),
        Column(f"近{HOURS}小时", lambda row: f"{row['lately']} 条，每小时 {row['lately'] / HOURS:.1f} 条" if row["lately"] else "0 条" if row["way"] else "", short=True),
        Column("处理中", lambda row: max(0, row["said"] - row["judged"]) if row["way"] else "", short=True),
        Column("与源头核对", lambda row: row["proof"]),
        Column("本期", lambda row: row["period"], short=True),
        Column("本期结果", lambda row: _outcomes(row, "now")),
        Column("以前结果", lambda row: _outcomes(row, "before")),
    ]


def _proof(found: Row | None) -> str:
    return f"{VERDICTS.get(found['found'], found['found'])}（{instead.moment(found['at'])}）" if found else "还没有核对过"


def _outcomes(row: Row, part: str) -> str:
    return "，".join(f"{title} {row[f'{name}_{part}']}" for name, title in OUTCOMES.items() if row[f"{name}_{part}"]) or ("0" if row["way"] else "")


def _count(name: str) -> Any:
    return lambda row: row[name]
