"""Charts as they are described: one `NAME.yaml` (what is shown) and one `NAME.sql` (what is asked) in `charts`. A new pair is found by itself, on the boards that it names."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).parent / "charts"
BOARDS = {  # address, title
    "overview": "总览", "department": "部门", "item": "信息项", "source": "信源", "quality": "质量", "timeliness": "报送日历", "subjects": "主体",
}  # fmt: skip
Kind = Literal["period", "hour", "due", "department", "item", "way", "source", "rule", "age", "field"]


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(_Described):
    """The column whose values the chart is drawn over, and what they are (`is`)."""

    column: str
    title: str
    kind: Kind


class Value(_Described):
    """A column with a number. `behind`: the list of records behind it (blank none, None the chart's), narrowed by `which`; `drawn`: in the picture, too, not only in the table."""

    column: str
    title: str
    behind: str | None = None
    which: str = ""
    drawn: bool = True


class Ratio(_Described):
    """Two columns, one a part of the other; both are shown beside the rate. `behind` and `which` are of the part."""

    title: str
    part: str
    whole: str
    behind: str | None = None
    which: str = ""


class Text(_Described):
    """A column with words."""

    column: str
    title: str


class Chart(_Described):
    """`boards`: on which it stands, and where; `counts`: whether each number is how many records its list has; `needs`: what must be chosen first.

    `ledger`: its rows are periods of the ledger, no statement of its own. Rates are drawn where there are any, else values.
    """

    name: str
    sql: str
    title: str
    boards: Mapping[str, int]
    label: Label
    form: Literal["stacked", "columns", "bars", "lines", "calendar"]
    unit: str
    about: str
    values: Sequence[Value] = ()
    rates: Sequence[Ratio] = ()
    texts: Sequence[Text] = ()
    behind: str = ""
    stacked: bool = True
    counts: bool = True
    needs: Literal["", "item"] = ""
    ledger: bool = False

    def behind_of(self, number: Value | Ratio) -> str:
        """The list behind a number, blank where there is none."""
        return self.behind if number.behind is None else number.behind


@cache
def charts() -> dict[str, Chart]:
    """Every chart by its name."""
    return {path.stem: read(path) for path in sorted(FOLDER.glob("*.yaml"))}


def read(path: Path) -> Chart:
    """The chart that a file describes. Raises ValueError (what is wrong and where), FileNotFoundError where its statement is missing."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    said["label"]["kind"] = said["label"].pop("is")
    sql = "" if said.get("ledger") else path.with_suffix(".sql").read_text(encoding="utf-8")
    return Chart(name=path.stem, sql=sql, **said)


def of(board: str) -> list[Chart]:
    """The charts of a board, in their order."""
    found = [each for each in charts().values() if board in each.boards]
    return sorted(found, key=lambda each: (each.boards[board], each.name))
