"""What a returned workbook says of its rows: the words, by row and column. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.catalog import Item

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
Reasons = Sequence[Mapping[str, Any]]
SUMMARY_TITLES = ("序号", "所在表", "行", "回执行号", "字段", "填的内容", "问题", "怎么改")
MOST_LISTED = 5_000


@dataclass(frozen=True)
class Block:
    """One table on a sheet, in rows from 1 and columns from 0: where its titles stand, its data begins, each field's column, where the two columns of ours are or go, and each row's number
    (回执行号) and reasons.
    """

    item: Item
    title_row: int
    first_row: int
    columns: Mapping[str, int]
    reference: int
    explanation: int
    rows: Mapping[int, tuple[str, Reasons]] = field(repr=False)

    @property
    def last_row(self) -> int:
        return max(self.rows, default=self.first_row)

    def bad(self) -> list[tuple[int, str, Reasons]]:
        """Row, number and reasons of the rows that have any, in order."""
        return [(row, number, reasons) for row, (number, reasons) in sorted(self.rows.items()) if reasons]


def explanation(reasons: Reasons) -> str:
    """What stands beside a bad row: each reason with the field's title in 【】, by which the cell is coloured."""
    return "；".join(f"【{each['title']}】{sentence(each)}" if each.get("title") else sentence(each) for each in reasons)


def sentence(reason: Mapping[str, Any]) -> str:
    message, remedy = str(reason["message"]).rstrip("。；"), str(reason["remedy"]).rstrip("。；")
    return f"{message}。{remedy}。" if remedy else f"{message}。"


def harmless(value: object) -> str:
    """A text that no spreadsheet takes for a formula, wherever it is copied to."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def summary(tables: Mapping[str, Sequence[Block]]) -> list[list[str]]:
    """The rows of the sheet 错误汇总, by the sheets' names: how many, which reasons how often, and every one in its place."""
    bad = [(sheet, block, *each) for sheet, blocks in tables.items() for block in blocks for each in block.bad()]
    often = Counter((str(reason.get("title") or "整行"), str(reason["rule"])) for *_, reasons in bad for reason in reasons)
    samples = {(str(reason.get("title") or "整行"), str(reason["rule"])): sentence(reason) for *_, reasons in bad for reason in reasons}
    total = sum(len(block.rows) for blocks in tables.values() for block in blocks)
    told = [
        [f"共 {total} 行，有误 {len(bad)} 行。请在原表上改正标色的单元格后，把本文件原样再报一次；没有错误的行不必删除，不会重复。"],
        ["“回执行号”用来认出改正后的行：排序、删行、把行复制到别的表里都可以，请不要改动这一列。"],
        [],
        ["问题分类", "", "", "", "字段", "条数", "例"],
        *([f"{n}", "", "", "", title, str(count), samples[title, rule]] for n, ((title, rule), count) in enumerate(often.most_common(), 1)),
        [],
        list(SUMMARY_TITLES),
    ]
    listed = [
        [str(n), sheet, str(row), number, str(reason.get("title") or "整行"), harmless(reason.get("value")), str(reason["message"]), str(reason["remedy"])]
        for n, (sheet, row, number, reason) in enumerate(((sheet, row, number, reason) for sheet, _, row, number, reasons in bad for reason in reasons), 1)
    ]
    if len(listed) > MOST_LISTED:
        listed = [*listed[:MOST_LISTED], [f"……另有 {len(listed) - MOST_LISTED} 条没有列出，见各表的“错误说明”列。"]]
    return told + listed
