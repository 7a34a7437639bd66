"""A source file as it is proposed: what is doubtful says so beside it (待核), what is lacking stands there as a comment (待定). Pure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import yaml

from connectors.propose import Proposal
from schemas.sources_form import DATABASE

HEAD = """# 由 guiji connectors new 按库中的表名、列名、注释和类型草拟。标“待核”的请核对，标“待定”的请补上；guiji connectors plan 会列出还不成立的地方。
# 口令不写在这里：把 {secret}=… 写进主目录的 secrets.env。
"""


def draft(name: str, department: str, database: Mapping[str, str], proposals: Sequence[Proposal], left: Iterable[str]) -> str:
    """The file. ``database``: its entries, the password as a reference; ``left``: tables that serve as no item."""
    secret = re.sub(r"\W*env:|\W", "", database["password"])
    about = ", ".join(f"{part}: {scalar(database[part])}" for part in DATABASE)
    lines = [HEAD.format(secret=secret).rstrip(), f"source: {name}", f"department: {department}", f"database: {{{about}}}", "generation: 1"]
    lines += ["tables:" if proposals else "tables: {}  # 待定：没有一张表像该部门应报送的信息项"]
    for proposal in proposals:
        lines += _table(proposal)
    if unused := sorted(left):
        lines.append(f"# 未采用的表：{'、'.join(unused)}")
    return "\n".join(lines) + "\n"


def scalar(text: str) -> str:
    """A text as YAML reads it back: `no` and `01` in quotes."""
    plain = re.fullmatch(r"[A-Za-z0-9_][\w.-]*", text) and yaml.safe_load(text) == text
    return text if plain else json.dumps(text, ensure_ascii=False)


def _table(proposal: Proposal) -> Iterator[str]:
    table, item = proposal.table, proposal.item
    yield f"  {scalar(table.name)}:" + (f"  # {_line(table.comment)}" if table.comment else "")
    yield f"    item: {item.code}  # {item.title}" + (f"  待核：也可能是 {'、'.join(proposal.items)}" if proposal.items else "")
    yield f"    delete: {item.delete}"
    yield "    columns:" if proposal.matches else "    columns: {}"
    for code, match in proposal.matches.items():
        doubt = f"待核：按{match.why}" + (f"；也可能是 {'、'.join(match.others)}" if match.others else "") if match.doubtful else ""
        comment = _line(table.columns[match.column].comment)
        about = "  ".join(filter(None, [item.by_name[code].title, comment if comment != item.by_name[code].title else "", doubt]))
        yield f"      {code}: {scalar(match.column)}  # {about}"
    for field in item.fields:
        if field.required and field.name not in proposal.matches:
            example = json.dumps(field.example or "", ensure_ascii=False)
            yield f"    # 待定 {field.name} {field.title}（必填）：没有找到对应的列；写进 columns，或在 constants 里给一个固定值，如 {field.name}: {example}"
    if missing := [f"{field.name} {field.title}" for field in item.fields if not field.required and field.name not in proposal.matches]:
        yield f"    # 选填而没有对应列的：{'、'.join(missing)}"
    if proposal.unused:
        yield f"    # 没有用到的列：{'、'.join(_told(proposal, name) for name in proposal.unused)}"
    if proposal.time:
        yield f"    source_time: {scalar(proposal.time)}  # 待核：行最后修改的时间"


def _told(proposal: Proposal, name: str) -> str:
    column = proposal.table.columns[name]
    return f"{name}（{_line(column.comment or column.type)}）"


def _line(text: str) -> str:
    return " ".join(text.split())[:80]
