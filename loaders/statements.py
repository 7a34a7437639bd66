"""The SQL of `loaders/queries`: one file, one statement, in the dialect that both the oldest and the newest server understand."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from string import Template
from typing import Protocol

from loaders.answer import Answer
from loaders.capability import Capability
from loaders.parameters import Parameters
from schemas.catalog import Catalog, Item

FOLDER = Path(__file__).parent / "queries"
VIEWS = {"accepted": "view_accepted", "loaded_rows": "view_loaded_rows", "legs": "view_legs", "reject_threads": "view_threads",
         "reject_answers": "view_answers", "open_rejects": "view_open_rejects"}  # fmt: skip

# What others are asked over, each over those before it.
PARTS = ("open_at", "open_identities", "decided_identities", "judged_identities", "receipts_within", "messages_within", "said_and_judged")
FEW = 20  # items that are written out


class Asking(Protocol):
    """What is needed of a warehouse."""

    def query(self, sql: str, parameters: Parameters | None = None) -> Answer: ...


@cache
def text(name: str) -> str:
    """The statement in ``queries/<name>.sql``; FileNotFoundError where there is none."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def composed(name: str, items: Sequence[Item]) -> str:
    """A statement over the versions of these items' records and what may answer their rejections: `${accepted}` and `${answers}` in it; others of PARTS may stand in it, too.

    Of few items that is written out, which spares the server a look at every other item's table; of many it is the views.
    """
    return over(text(name), items)


def over(sql: str, items: Sequence[Item], **more: str) -> str:
    """The same of a statement as text, with what else it has places for."""
    known = {"accepted": "accepted", "answers": "reject_answers"}
    if len(items) <= FEW:
        union = "\nUNION ALL\n".join(of_item("view_accepted", item) for item in items)
        known["accepted"] = f"({_bare(union)})"
        known["answers"] = f"({_bare(text('view_answers').replace('FROM accepted', 'FROM ' + known['accepted']))})"
    for part in PARTS:
        known[part] = Template(_bare(text(part))).safe_substitute(known)
    return Template(sql).substitute(known | more)


def filled(warehouse: Asking, items: Iterable[Item]) -> list[Item]:
    """Those of the items that have records; the first of them where none has."""
    among = list(items)
    rows = warehouse.query(text("filled"), {"tables": [f"{item.code}_history" for item in among]}).dicts()
    names = {row["table"] for row in rows}
    return [item for item in among if f"{item.code}_history" in names] or among[:1]


def of_item(name: str, item: Item, **more: str) -> str:
    """A statement over one item's tables, with what else it has places for. The code comes from the catalogue: lower-case letters, digits and `_`."""
    return Template(text(name)).substitute(item=item.code, dated=item.dated_by, **more)


def views(catalog: Catalog, server: Capability) -> Iterator[str]:
    """The statements that make the views anew, in order; new items come in this way."""
    for name, source in VIEWS.items():
        body = "\nUNION ALL\n".join(of_item(source, item) for item in catalog.values()) if name == "accepted" else text(source)
        if server.replace_view:
            yield f"CREATE OR REPLACE VIEW `{name}` AS {_bare(body)}"
        else:
            yield f"DROP TABLE IF EXISTS `{name}`"
            yield f"CREATE VIEW `{name}` AS {_bare(body)}"


def _bare(sql: str) -> str:
    return "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
