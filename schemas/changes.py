"""What a change of the catalogue will do, before it is done: two readings in, changes in words out, each with a verdict and, where refused, the way to do it.

The words are Chinese: the catalogue office (目录办) reads them. Judged is what the pipeline itself would do: the registry's subjects, the warehouse's tables, templates, rules, fingerprints, keys.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.catalog import Field, Item
from schemas.words import WORDS

FREE, NOTICE, REFUSED = "可上线", "须知", "拒绝"
PERSONAL = "person_number"
ANEW = (
    "新的一代：停判定进程，把现有两张表改名留存（RENAME TABLE），重建该信息项的提交主题后执行 guiji judge --new-generation {item}，再由各部门重新报送；"
    "或者另立一个新代码的信息项，在 schemas/assignments.csv 中给旧项填上截止日期。"
)
KEEP = "把字段留在文件里，改为选填，在说明中写明自何日起不再报送；确须去掉的，先把两张表改名留存（RENAME TABLE），装载进程会从主题重建不含该列的表。"
LOOSE = "先按选填上线，等各部门补齐并重新报送；要对既有记录一并适用的，按新的一代处理：" + ANEW
FIELD_TEXTS = {"title": "名称", "help": "说明", "example": "示例"}
JUDGING = {
    "min_length": "最短长度", "pattern": "写法", "codes": "代码集", "many": "可多选", "blank": "空白时的值", "blank_person": "自然人空白时的值", "rules": "规则",
    "group": "至少填一种的分组", "when": "有条件必填",
}  # fmt: skip
SILENT = {"searchable": "可检索", "former": "曾用值", "source": "依据"}
ITEM_TEXTS = {"title": "名称", "doc": "释义", "category": "类别", "source": "依据"}
DUTIES = {"frequency": "报送频率", "due": "报送时限", "dated_by": "计日字段", "usage": "使用范围", "delete": "删除的含义", "wins": "多渠道时以谁为准", "scope": "归集范围"}


@dataclass(frozen=True)
class Change:
    """One difference. ``place``: a field's code, or an attribute; ``touches``: what follows (注册表 表 模板 规则 指纹 键 时限); ``way``: how to do what is refused."""

    item: str
    place: str
    verdict: str
    what: str
    touches: tuple[str, ...] = ()
    way: str = ""


def changes(old: Mapping[str, Item], new: Mapping[str, Item]) -> list[Change]:
    """All differences between two readings of a catalogue, item by item; empty when they mean the same."""
    found: list[Change] = []
    for code in sorted({*old, *new}):
        if code not in old:
            found.append(Change(code, "", FREE, f"新信息项“{new[code].title}”：新建主题、表和模板；在 schemas/assignments.csv 中写明由哪些部门自何日起报送。", ("注册表", "表", "模板")))
        elif code not in new:
            what = f"去掉信息项“{old[code].title}”：已入库的记录和主题都不删除，但不再判定、装载和公布。"
            way = "先在 schemas/assignments.csv 中给各部门填上截止日期；引用它的前置机映射（connectors/sources）一并去掉。"
            found.append(Change(code, "", NOTICE, what, ("注册表", "表", "模板"), way))
        else:
            found += _item(old[code], new[code])
    return found


def refused(found: list[Change]) -> bool:
    """Whether anything among them cannot be done in place."""
    return any(change.verdict == REFUSED for change in found)


def _item(old: Item, new: Item) -> Iterator[Change]:
    yield from _identity(old, new)
    for name, title in ITEM_TEXTS.items():
        if getattr(old, name) != getattr(new, name):
            yield Change(new.code, name, FREE, f"{title}由“{_said(getattr(old, name))}”改为“{_said(getattr(new, name))}”。", ("模板",))
    for name, title in DUTIES.items():
        if getattr(old, name) != getattr(new, name):
            before, after = (_worded(name, getattr(each, name)) for each in (old, new))
            yield Change(new.code, name, NOTICE, f"{title}由 {before} 改为 {after}，自上线起适用，已判定的不重判。", ("规则", "时限"))
    if old.registers != new.registers or old.subject != new.subject:
        yield Change(new.code, "subject", NOTICE, "主体类别或者主体登记的用途改变：自上线起的记录按新的办法关联，已关联的不变。", ("规则",))
    for name in old.by_name:
        if name not in new.by_name:
            yield Change(new.code, name, REFUSED, f"去掉字段“{old.by_name[name].title}”：表中已有该列，历史记录仍有值。", ("注册表", "表", "模板", "指纹"), KEEP)
    for name, field in new.by_name.items():
        if name not in old.by_name:
            yield _added(new, field)
        else:
            yield from _field(new, old.by_name[name], field)
    kept = [name for name in new.by_name if name in old.by_name]
    if kept != [name for name in old.by_name if name in new.by_name]:
        yield Change(new.code, "fields", FREE, "字段的先后次序改变：模板的列序随之改变，旧模板照常可以报送。", ("模板",))


def _identity(old: Item, new: Item) -> Iterator[Change]:
    way = ANEW.format(item=new.code)
    if old.key != new.key:
        yield Change(new.code, "key", REFUSED, f"识别键由 {'、'.join(old.key)} 改为 {'、'.join(new.key)}：已入库的每条记录都会被当成另一条。", ("键", "表"), way)
    if old.key_scope != new.key_scope:
        yield Change(new.code, "key_scope", REFUSED, f"识别键的范围由 {_worded('key_scope', old.key_scope)} 改为 {_worded('key_scope', new.key_scope)}：键随之全部改变。", ("键", "表"), way)
    if old.partitions != new.partitions:
        yield Change(new.code, "partitions", REFUSED, f"分区数由 {old.partitions} 改为 {new.partitions}：同一条记录的先后次序不再有保证。", ("键",), way)
    for name in set(old.key) & set(new.key):
        before, after = old.by_name[name], new.by_name[name]
        if (before.privacy == PERSONAL) != (after.privacy == PERSONAL):
            yield Change(new.code, f"{name}.privacy", REFUSED, f"识别键中“{after.title}”是否按个人号码加密改变：键随之全部改变。", ("键",), way)


def _added(item: Item, field: Field) -> Change:
    if field.required:
        return Change(item.code, field.name, REFUSED, f"新增必填字段“{field.title}”：已入库的记录没有值，按旧模板报送的会全部退回。", ("注册表", "表", "模板", "规则"), LOOSE.format(item=item.code))
    touches = ("注册表", "表", "模板", *(("规则",) if field.when or field.group else ()))
    return Change(item.code, field.name, FREE, f"新增选填字段“{field.title}”：表中加一个可空的列，已入库的记录为空，指纹不变；旧模板照常可以报送。", touches)


def _field(item: Item, old: Field, new: Field) -> Iterator[Change]:
    yield from _narrowed(item, old, new)
    for name, title in FIELD_TEXTS.items():
        if getattr(old, name) != getattr(new, name):
            note = "；旧模板的这一列要按代码或者重新对应表头才认得" if name == "title" else ""
            what = f"“{old.title}”的{title}由“{_said(getattr(old, name))}”改为“{_said(getattr(new, name))}”{note}。"
            yield Change(item.code, f"{new.name}.{name}", NOTICE if note else FREE, what, ("模板",))
    for name, title in JUDGING.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            touches = ("规则", "模板", "指纹") if name in ("codes", "many", "blank", "blank_person") else ("规则", "模板")
            yield Change(item.code, f"{new.name}.{name}", NOTICE, f"“{new.title}”的{title}由 {_said(before)} 改为 {_said(after)}：自上线起按新规则判定，已入库的不重判。", touches)
    for name, title in SILENT.items():
        if getattr(old, name) != getattr(new, name):
            yield Change(item.code, f"{new.name}.{name}", FREE, f"“{new.title}”的{title}由 {_said(getattr(old, name))} 改为 {_said(getattr(new, name))}。")
    if old.volatile != new.volatile:
        what = f"“{new.title}”{'不再' if new.volatile else '开始'}计入内容：指纹改变，下一次全量报送时每条记录都算一次变更。"
        yield Change(item.code, f"{new.name}.volatile", NOTICE, what, ("指纹",))
    if old.privacy != new.privacy:
        yield Change(item.code, f"{new.name}.privacy", NOTICE, f"“{new.title}”的隐私类别由 {_worded('privacy', old.privacy)} 改为 {_worded('privacy', new.privacy)}：各出口的遮蔽随之改变。", ("规则",))


def _narrowed(item: Item, old: Field, new: Field) -> Iterator[Change]:
    """Kind, size and duty of a field: wider is free, narrower and other is refused."""
    way = ANEW.format(item=item.code)
    if old.kind != new.kind:
        what = f"“{new.title}”的类型由 {_worded('kind', old.kind)} 改为 {_worded('kind', new.kind)}：注册表拒绝新模式，表中该列的类型也不同。"
        yield Change(item.code, f"{new.name}.type", REFUSED, what, ("注册表", "表", "模板", "规则", "指纹"), way)
        return
    if new.required and not old.required:
        yield Change(item.code, f"{new.name}.type", REFUSED, f"“{new.title}”由选填改为必填：没有填过的既有记录再报送时会退回。", ("规则", "模板"), LOOSE.format(item=item.code))
    if old.required and not new.required:
        yield Change(item.code, f"{new.name}.type", FREE, f"“{new.title}”由必填改为选填。", ("规则", "模板"))
    for name, title in (("length", "最大长度"), ("precision", "总位数"), ("scale", "小数位数")):
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        what = f"“{new.title}”的{title}由 {_said(before)} 改为 {_said(after)}"
        if after is not None and (before is None or after < before):
            yield Change(item.code, f"{new.name}.{name}", REFUSED, f"{what}：变窄，既有的长值再报送时会退回。", ("规则", "模板"), way)
        elif name == "scale":
            yield Change(item.code, f"{new.name}.{name}", NOTICE, f"{what}：数值的写法随之改变，下一次全量报送时每条记录都算一次变更。", ("规则", "指纹"))
        else:
            yield Change(item.code, f"{new.name}.{name}", FREE, f"{what}。", ("规则", "模板"))


def _worded(name: str, value: Any) -> str:
    """A value of an attribute as people call it."""
    return WORDS.get(name, {}).get(value) or _said(value) if isinstance(value, str) else _said(value)


def _said(value: Any) -> str:
    if value is None or value in ("", ()):
        return "（无）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(f"{rule.name}{dict(rule.parameters) or ''}" if hasattr(rule, "parameters") else str(rule) for rule in value)
    if isinstance(value, Mapping):
        return "，".join(f"{name}={said}" for name, said in value.items())
    return str(value)
