"""What is written back for a dropped file: the outcome of each of its rows as CSV (`<name>.hz.csv`), and words about a file that is not taken. Pure."""

import csv
import io
from collections.abc import Iterable

from producers.outcomes import Outcome
from producers.submission import Receipt
from schemas import reason
from schemas.words import OUTCOMES

TITLES = ("行号", "回执号", "结果", "规则", "原因和办法")


def outcomes(receipt: Receipt, found: Iterable[Outcome]) -> bytes:
    """With a mark in front, by which Excel and WPS know UTF-8."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(TITLES)
    for each in found:
        reasons = [reason.of_record(record) for record in each.reasons]
        told = " ".join(f"{one.message}{one.remedy}" for one in reasons)
        table.writerow((each.line, f"{receipt.receipt}#{each.line}", OUTCOMES[each.outcome], ";".join(dict.fromkeys(one.rule for one in reasons)), told))
    return text.getvalue().encode("utf-8-sig")


def words(text: str) -> bytes:
    return f"{text}\r\n".encode("utf-8-sig")
