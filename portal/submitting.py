"""`guiji submit`: a file told beforehand, sent, and returned with what is wrong in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from infra import show
from infra.settings import Settings, get
from infra.wait import until
from loaders.warehouse import connect
from portal.outcomes import Told
from portal.workbooks import foreseen, rejections
from producers import door
from producers.file import File, Sender, Terms, opened, submit
from producers.preview import Preview
from producers.refusal import Refusal
from producers.returned import book
from producers.returned.book import Judged
from producers.submission import Receipt
from producers.tables.mapping import Kept, confirmed, proposals
from schemas import departments
from schemas.catalog import Catalog

out = show.console()


@contextmanager
def _refusals() -> Iterator[None]:
    """What is refused is told, and the command fails."""
    try:
        yield
    except Refusal as refusal:
        out.print("退回", style="red", end=" ")
        out.print(f"{refusal.message}\n{refusal.remedy}", markup=False, highlight=False)
        for title, code in proposals(refusal).items():
            out.print(f'  --map "{title}={code or "-"}"', markup=False, highlight=False)
        raise typer.Exit(1) from refusal


def command(registered: Callable[[Settings], Catalog]) -> Callable[..., None]:
    """The command, with ``registered`` to make topics and schemas before anything is sent."""

    def submit_(
        file: Path,
        department: Annotated[str, typer.Option()],
        item: Annotated[list[str] | None, typer.Option(help="the items that are in it; none: those the department owes")] = None,
        means: Annotated[list[str] | None, typer.Option("--map", help="TITLE=FIELD: what a strange title means (- for nothing); remembered")] = None,
        return_: Annotated[Path | None, typer.Option("--return", help="write the workbook to correct here, once all is judged")] = None,
        *,
        only_preview: Annotated[bool, typer.Option("--preview", help="tell what it would do and store nothing")] = False,
        asserted: Annotated[bool, typer.Option("--assert", help="以本次为准: all rows stand against other ways")] = False,
        wait: float = 60.0,
    ) -> None:
        """Submit an Excel, CSV or XML file, as the portal's upload does it."""
        settings = get()
        catalog = registered(settings)
        terms, sender = _terms(settings, catalog, department, item or []), Sender(department, "cli")
        with _refusals():
            _remember(terms, department, means or [])
            with opened(file, terms, sender) as read:
                if only_preview:
                    _preview(settings, catalog, read, department, asserted=asserted)
                else:
                    _submit(settings, catalog, read, sender, asserted=asserted, wait=wait, target=return_)

    submit_.__name__ = "submit"
    return submit_


def _terms(settings: Settings, catalog: Catalog, department: str, codes: Sequence[str]) -> Terms:
    known = departments.load()
    if department not in known:
        raise typer.BadParameter(f"there is no department {department!r} in schemas/departments.csv")
    if unknown := [code for code in codes if code not in catalog]:
        raise typer.BadParameter(f"there is no item {', '.join(unknown)}; known are {', '.join(catalog)}")
    owed = {each.item for each in departments.assignments(known, catalog) if each.department == department}
    items = [catalog[code] for code in codes or sorted(owed)]
    if not items:
        raise typer.BadParameter(f"{department} owes no item; name one with --item")
    return Terms(items, settings.key_secret, Kept(settings.mappings))


def _remember(terms: Terms, department: str, means: Sequence[str]) -> None:
    if not means:
        return
    if len(terms.items) > 1 or any("=" not in each for each in means):
        raise typer.BadParameter("--map is TITLE=FIELD and goes with one --item")
    chosen = {each.rpartition("=")[0]: each.rpartition("=")[2] for each in means}
    terms.mappings.keep(department, terms.items[0].code, confirmed(terms.items[0], chosen))


def _preview(settings: Settings, catalog: Catalog, file: File, department: str, *, asserted: bool) -> None:
    warehouse = connect(settings)
    try:
        for table in file.tables:
            found = foreseen(settings, warehouse, catalog, table, department, asserted=asserted)
            for line in [*table.notes, found.told(), *_groups(found)]:
                out.print(line, markup=False, highlight=False)
    finally:
        warehouse.close()
    for note in file.notes:
        out.print(note, markup=False, highlight=False)


def _groups(found: Preview) -> Iterator[str]:
    for group in found.groups:
        lines = "、".join(map(str, group.first)) + ("等" if group.count > len(group.first) else "")
        yield f"  {group.reason.title or '整行'} {group.count} 行（第 {lines} 行）：{group.reason.message}"


def _submit(settings: Settings, catalog: Catalog, file: File, sender: Sender, *, asserted: bool, wait: float, target: Path | None) -> None:
    with door.opened(settings, catalog) as entrance:
        receipts = submit(entrance, file, sender, asserted=asserted)
        published = [entrance.settle(receipt.receipt, wait) for receipt in receipts]
    for receipt, done in zip(receipts, published, strict=True):
        out.print(f"回执号 {receipt.receipt}，{receipt.records} 行" + ("" if done else "（已收妥，待发布）"))
        for note in receipt.notes:
            out.print(note, markup=False, highlight=False)
    if target is not None:
        warehouse = connect(settings)
        try:
            whole = returned(Told(warehouse, catalog), file, receipts, target, wait)
        finally:
            warehouse.close()
        out.print(f"written: {target}" + ("" if whole else "（只含有误的行）"), markup=False)


def returned(told: Told, file: File, receipts: Sequence[Receipt], target: Path, wait: float) -> bool:
    """Write the workbook to correct once everything is judged; True when it is the whole file. Raises Refusal `not_judged` when that takes longer than ``wait`` seconds."""
    judged = [Judged(table, receipt.receipt, reasons(told, receipt, wait)) for table, receipt in zip(file.tables, receipts, strict=True)]
    return book.write(file, judged, target)


def reasons(told: Told, receipt: Receipt, wait: float) -> Mapping[int, Sequence[Mapping[str, object]]]:
    """The reasons of a submission's rejected rows by line."""
    if until(lambda: told(receipt.receipt, receipt.item, 0, 1).settled, wait, every=0.5, holds=lambda settled: settled >= receipt.records) < receipt.records:
        raise Refusal("not_judged", f"回执 {receipt.receipt} 还没有处理完。", "数据已经收下；请稍后再取退回的工作簿。")
    return rejections(told, receipt.receipt, receipt.item)
