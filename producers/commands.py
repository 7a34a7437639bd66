"""`guiji items`: the catalogue read, checked, compared, begun, taken from a workbook and given back as one."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from infra import show
from infra.settings import get
from infra.show import Output
from producers import catalogue_book, form, template
from schemas import catalog, catalog_check, changes, code_changes, departments, item_file, lint
from schemas.catalog import load

group = typer.Typer(no_args_is_help=True, help="The catalogue: one file per item.")
out = show.console()
LARGEST = 20 << 20  # of a catalogue's workbook
Item = Annotated[str, typer.Argument(help="item code, e.g. xzxk")]


def known(code: str) -> catalog.Item:
    """An item of the catalogue in use, or a message that names those there are."""
    items = load(get().catalogue)
    if code not in items:
        raise typer.BadParameter(f"there is no item {code!r}; known are {', '.join(items)}")
    return items[code]


@group.command("list")
def list_(output: Output = "table") -> None:
    """Every item."""
    found = load(get().catalogue)
    show.output(out, [{"item": item.code, "title": item.title, "category": item.category, "fields": len(item.fields), "key": ", ".join(item.key)} for item in found.values()], output)


@group.command("show")
def show_(item: Item, output: Output = "table") -> None:
    """One item's fields."""
    names = ("name", "title", "kind", "required", "length", "codes", "group", "example")
    show.output(out, [{name: getattr(field, name) for name in names} for field in known(item).fields], output)


@group.command("check")
def check() -> None:
    """Read the whole catalogue and list every fault; where there is none, what should be better."""
    found = load(get().catalogue)
    noted = lint.notes(found)
    for note in noted:
        out.print(str(note), markup=False, highlight=False)
    out.print(f"{len(found)} items, no faults" + (f", {len(noted)} notes." if noted else "."))


@group.command("diff")
def diff(old: Path, new: Path, output: Output = "table") -> None:
    """What a change will do, in words: OLD and NEW are item files, folders of them, or whole `schemas` folders, whose code sets are compared, too.
    Exit code 2 when something is refused.
    """
    for path in (old, new):
        if not path.exists():
            raise typer.BadParameter(f"there is no {path}")
    found = changes.changes(_read(old), _read(new))
    if _whole(old) and _whole(new):
        found += code_changes.changes(old / "codes", new / "codes")
    show.output(out, [{**asdict(change), "touches": "、".join(change.touches)} for change in found], output)
    if not found:
        show.console(stderr=True).print("没有改变。")
    if changes.refused(found):
        raise typer.Exit(2)


def _whole(path: Path) -> bool:
    return (path / "avro").is_dir() and (path / "codes").is_dir()


def _read(path: Path) -> catalog.Catalog:
    return load(path / "avro", path / "codes") if _whole(path) else load(path)


@group.command("new")
def new(code: str, title: str) -> None:
    """Write a starter file for a new item into the catalogue."""
    path = get().catalogue / f"{code}.avsc"
    spec = item_file.starter(code, title)
    if wrong := [problem for _, problem in catalog_check.faults(code, spec)]:
        raise typer.BadParameter("; ".join(wrong))
    if path.exists():
        raise typer.BadParameter(f"{path} is there already")
    path.write_text(item_file.written(spec), encoding="utf-8")
    out.print(f"written: {path}\nNext: change its lines, guiji items check, and say in schemas/assignments.csv who delivers it.")


@group.command("export")
def export(file: Path) -> None:
    """Write the catalogue as a workbook (目录表)."""
    file.write_bytes(catalogue_book.written(load(get().catalogue).values()))
    out.print(f"written: {file}")


@group.command("import")
def import_(file: Path, into: Annotated[Path, typer.Option(help="folder for the item files")]) -> None:
    """Read a catalogue kept as a workbook and write item files; report what could not be read and what was supposed in its stead. Files there
    are replaced only where `items diff` refuses nothing. Exit code 2 when anything was left out.
    """
    if not file.is_file() or file.stat().st_size > LARGEST:
        raise typer.BadParameter(f"there is no {file}" if not file.is_file() else f"{file} is larger than {LARGEST >> 20} MB")
    into.mkdir(parents=True, exist_ok=True)
    there = load(into).values() if any(into.glob("*.avsc")) else ()
    found = catalogue_book.read(file.read_bytes(), departments.load().values(), there)
    refused = {code: _imported(into / f"{code}.avsc", spec) for code, spec in found.specs.items()}
    left_out = found.unread + [line for lines in refused.values() for line in lines]
    told = show.console(stderr=True)
    for line in (*left_out, *found.supposed):
        told.print(line, markup=False, highlight=False)
    if found.owed:
        told.print("责任单位：请把下列各行加入 schemas/assignments.csv（最后一列为部门确认日期，待确认）：", markup=False)
        told.print("\n".join(found.owed), markup=False, highlight=False)
    written = sum(not lines for lines in refused.values())
    out.print(f"{written} items written into {into}; {len(left_out)} things left out; {len(found.supposed)} items with something supposed.")
    if left_out:
        raise typer.Exit(2)


def _imported(path: Path, spec: dict[str, Any]) -> list[str]:
    """Writes one item's file; says why it did not."""
    if path.exists():
        refused = [change for change in changes.changes(load(path), {path.stem: catalog.read(spec)}) if change.verdict == changes.REFUSED]
        if refused:
            return [f"{path.name} 没有改写：{change.what}做法：{change.way}" for change in refused]
    path.write_text(item_file.written(spec), encoding="utf-8")
    return []


@group.command("template")
def template_(item: Item, file: Path) -> None:
    """Write the item's Excel template (报送模板)."""
    file.write_bytes(template.workbook(known(item), load(get().catalogue).version))
    out.print(f"written: {file}")


@group.command("form")
def form_(item: Item, output: Output = "table") -> None:
    """The item's form (数据录入): its inputs in order."""
    made = form.of(known(item), load(get().catalogue).version)
    if output == "json":
        show.output(out, [asdict(made)], output)
    else:
        names = ("name", "title", "widget", "required", "longest", "start", "needed", "help")
        show.output(out, [{name: getattr(each, name) for name in names} for each in made.inputs], output)
