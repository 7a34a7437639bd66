"""`guiji bulk`: systems that write to their own Kafka topics."""

from pathlib import Path
from typing import Annotated

import typer

from infra import grants, show
from infra.settings import get
from infra.show import Output
from producers.bulk import access
from producers.principal import UNSUITABLE, suitable
from schemas import departments
from schemas.catalog import load

group = typer.Typer(no_args_is_help=True, help="Systems that write to their own Kafka topics.")
out = show.console(stderr=True)
FAULTS = (grants.Refused,)


@group.command("new")
def new(
    department: str,
    client: str,
    item: list[str],
    schemas: Annotated[Path, typer.Option(help="folder for the Avro schemas of the topics")] = Path(),
    *,
    password: Annotated[bool, typer.Option("--password", help="a new password for a system that has one")] = False,
    output: Output = "table",
) -> None:
    """Open a topic for each ITEM to the system CLIENT of DEPARTMENT. Its password is shown once; run again for more items, or when an item has new fields."""
    settings, catalog, user = get(), load(get().catalogue), access.user(department, client)
    if department not in departments.load():
        raise typer.BadParameter(f"there is no department {department!r} in schemas/departments.csv")
    if not suitable(client):
        raise typer.BadParameter(f"{client!r} {UNSUITABLE}")
    if unknown := [code for code in item if code not in catalog]:
        raise typer.BadParameter(f"there is no item {', '.join(unknown)}; known are {', '.join(catalog)}")
    found = access.opened(settings, catalog, department, client, item)
    for each in found:
        (schemas / f"{each.item}.avsc").write_text(each.text(), encoding="utf-8")
    secret = grants.new_password(settings, user) if password or not grants.has_password(settings, user) else None
    rows = [{"topic": each.topic, "schema id": each.schema_id, "schema": str(schemas / f"{each.item}.avsc"), "user": user, "password": secret} for each in found]
    show.output(show.console(), rows, output)
    out.print("The password is shown once." if secret else "The password stays as it is (--password for a new one).")


@group.command("end")
def end(department: str, client: str) -> None:
    """The system can neither log in nor write from now on; its topics and what stands in them stay."""
    grants.revoke(get(), access.user(department, client))
    out.print(f"{access.user(department, client)} may do nothing any more.")
