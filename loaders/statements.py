"""The SQL of `loaders/queries`: one file, one statement, in the dialect that both the oldest and the newest server understand."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Template

from loaders.capability import Capability
from schemas.catalog import Catalog, Item

FOLDER = Path(__file__).parent / "queries"
VIEWS = {"accepted": "view_accepted", "loaded_rows": "view_loaded_rows", "legs": "view_legs", "reject_threads": "view_threads",
         "reject_answers": "view_answers", "open_rejects": "view_open_rejects"}  # fmt: skip

PARTS = ("decided_identities", "judged_identities", "open_at")  # what others are asked over


@cache
def text(name: str) -> str:
    """The statement in ``queries/<name>.sql``; FileNotFoundError where there is none."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def composed(name: str) -> str:
    """A statement in which others of PARTS stand as `${name}`."""
    whole = text(name)
    return Template(whole).substitute({each: _bare(composed(each)) for each in PARTS if f"${{{each}}}" in whole})


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
