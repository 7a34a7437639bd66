"""What an official document says, before it takes any form: headings, paragraphs, annexes with tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Annex:
    """A table behind the text. ``widths``: of the columns, in proportion."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]


@dataclass
class Paper:
    """``mark``: 发文机关标志; ``number``: 文号, or what stands in its place; ``title``: its lines; ``to``: 主送机关; ``by`` and ``on``: 落款; ``note``: 附注;
    ``print_by``: 印发机关, blank before it is issued.
    """

    mark: str
    number: str
    title: str
    to: str
    by: str
    on: str
    note: str = ""
    print_by: str = ""
    body: list[tuple[str, str]] = field(default_factory=list)  # heading or blank, text
    annexes: list[Annex] = field(default_factory=list)

    def part(self, heading: str, *texts: str) -> None:
        """The next numbered part; nothing where there is no text."""
        said = [each for each in texts if each]
        if said:
            count = sum(bool(each) for each, _ in self.body)
            self.body += [(f"{NUMERALS[count]}、{heading}", said[0]), *(("", each) for each in said[1:])]

    def annex(self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> str:
        """Add one; how the text names it. Blank where it has no rows."""
        if not rows:
            return ""
        self.annexes.append(Annex(title, header, rows, widths))
        return f"附件{len(self.annexes)}"


def chinese(day: date) -> str:
    """2017年11月21日"""
    return f"{day.year}年{day.month}月{day.day}日"


def month(text: str) -> str:
    """2017-10 → 2017年10月"""
    year, number = text.split("-")
    return f"{year}年{int(number)}月"
