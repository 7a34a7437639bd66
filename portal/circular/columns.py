"""The tables of 通报 as columns: the circulars, departments by rank, lines, the rows behind a number. A row is plain data as it was frozen."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from portal.circular import frozen, result
from portal.circular.frozen import AGED, DECIDED, JUDGED, Frozen
from portal.circular.result import TITLES
from portal.frame.column import Column
from portal.status.words import WAYS
from schemas.obligations.figures import Rate

NONE = "—"


def files(path: str) -> list[Column]:
    """A row is a file."""
    return [
        Column("月份", lambda row: row.circular.month, short=True), Column("文件", lambda row: row.title, lambda row: f"{path}/{row.circular.id}"),
        Column("状态", lambda row: row.standing.state, short=True), Column("文号", lambda row: row.issue.document if row.issue else "", short=True),
        Column("答复期限", lambda row: row.standing.until.isoformat() if row.standing.until else "", short=True), Column("签发人", lambda row: row.issue.signer if row.issue else "", short=True),
    ]  # fmt: skip


def departments(link: Callable[[Any], str] | None, *, apart: bool = False) -> list[Column]:
    """A row is a department's. ``apart``: each number in a column of its own."""
    return [
        Column("名次", lambda row: row["rank"] or NONE, short=True), Column("部门", lambda row: row["name" if apart else "short"], link, short=True),
        Column("得分", lambda row: _score(row, apart=apart), short=True), Column("较上次", moved, short=True), Column("报送条数", lambda row: row["delivered"], short=True), *_figures(apart=apart),
    ]  # fmt: skip


def lines(text: Frozen, path: str, *, apart: bool = False) -> list[Column]:
    """A row is a line."""
    short, titles = {code: each for code, _, each in text["departments"]}, text["titles"]
    return [
        Column("部门", lambda row: short[row["department"]], short=True),
        Column("信息项", lambda row: titles[row["item"]], lambda row: f"{path}/{row['department']}/{row['item']}", short=True),
        Column("报送条数", lambda row: row["delivered"], short=True), *_figures(apart=apart), Column("申报情况", lambda row: row["remark"], short=True),
        Column("改定前", lambda row: "；".join(f"{TITLES[name]} {rate(each)}" for name, each in row["was"].items())),
    ]  # fmt: skip


def behind(block: str) -> list[Column]:
    """A row is a record's."""
    number, way = Column("回执行号", lambda row: row["number"]), Column("归集方式", lambda row: WAYS.get(str(row["way"]), str(row["way"])), short=True)
    received = Column("收到时间", lambda row: row["received"], short=True)
    return {
        DECIDED: [
            number, Column("日期", lambda row: row["day"], short=True), way, Column("应于", lambda row: row["due"], short=True),
            Column("报送时间", lambda row: row["delivered"], short=True), Column("及时", lambda row: row["timely"], short=True),
        ],
        JUDGED: [
            number, received, way, Column("一次合规", lambda row: "是" if row["first_try"] else "否", short=True), Column("截止时", lambda row: "仍退回" if row["open"] else "合规", short=True),
        ],
        AGED: [number, received, way, Column("违反的规则", lambda row: "、".join(row["rules"]))],
    }[block]  # fmt: skip


def trend(said: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Score and rank of every department in this circular and in those before it: the header, and the rows."""
    header = ["部门", "本次", *(f"{month} {document}" for month, document in said["before"])]
    rows = [[row["short"], *(f"{points}（第 {rank} 名）" if points else NONE for points, rank in [(row["score"], row["rank"]), *row["trend"]])] for row in said["departments"]]
    return header, rows


def moved(row: Mapping[str, Any]) -> str:
    """The rank against the last circular."""
    before = row["trend"][0][1] if row["trend"] else None
    if not before or not row["rank"]:
        return NONE
    return f"升 {before - row['rank']} 位" if before > row["rank"] else f"降 {row['rank'] - before} 位" if before < row["rank"] else "持平"


def said(line: Mapping[str, Any], name: str) -> str:
    """A figure as it stands, and as it was where that was decided otherwise."""
    if name in line["was"]:
        return f"{_one(line, name)}，改定前为 {rate(line['was'][name])}"
    return str(_one(line, name)) + (f" {line['remark']}" if name == "collected" else "")


def rate(pair: Sequence[int]) -> str:
    """Part and whole as people read them."""
    return str(frozen.rate(pair))


def _score(row: Mapping[str, Any], *, apart: bool) -> str | float:
    if row["score"] is None:
        return "不排名"
    return float(row["score"]) if apart else str(row["score"])


def _figures(*, apart: bool) -> list[Column]:
    if not apart:
        return [Column(title, partial(_told, name=name), short=True) for name, title in TITLES.items()]
    return [column for name, title in TITLES.items() for column in _parts(title, name)]


def _parts(title: str, name: str) -> list[Column]:
    return [
        Column(title, lambda row: NONE if (value := _one(row, name).value) is None else round(value, 4)), Column(f"{title}分子", lambda row: _one(row, name).part),
        Column(f"{title}分母", lambda row: _one(row, name).whole),
    ]  # fmt: skip


def _told(row: Mapping[str, Any], name: str) -> str:
    return str(_one(row, name))


def _one(row: Mapping[str, Any], name: str) -> Rate:
    return result.figures(row["figures"])[name]

