"""An analyst's statement, taken apart by a parser and put together again: what is run is made of what was understood, never the text itself, so that the server cannot read it otherwise.

Allowed is one SELECT (WITH, UNION, JOIN, sub-selects) over the views by their plain names, with the functions of `functions`. Each name is replaced by the view's own statement; names of WITH are
changed, so that none can ever be a table's. Everything else is refused: other tables and databases, table functions, SETTINGS, FORMAT, INTO OUTFILE, and tables as the right side of IN.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import sqlglot
from sqlglot import Token, exp
from sqlglot.errors import ParseError, TokenError, UnsupportedError

from portal.analysis.functions import FUNCTIONS, HIGHER, SYNTAX
from portal.analysis.views import View

DIALECT = "clickhouse"
LONGEST = 20_000
OWN = "q__"  # before the name of a WITH: no table of the warehouse begins so
CLAUSES = {"settings": "SETTINGS", "format": "FORMAT", "into": "INTO", "sample": "SAMPLE", "prewhere": "PREWHERE", "locks": "FOR"}
# What the parser stumbles over itself, of statements that are none.
ODD = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, UnsupportedError)
_WORD = re.compile(r"[A-Za-z_]\w*")
_ODD = re.compile(r"[\\\"'`\x00-\x1f]")  # the parser and the server do not read these alike inside a name


@dataclass(frozen=True)
class Fault:
    """What is wrong, in Chinese, and in which line (None: nowhere in particular)."""

    line: int | None
    message: str


class NotAllowed(Exception):
    """The statement is not run. `faults` are all that were found."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("；".join(each.message for each in faults))
        self.faults = faults


def runnable(text: str, views: Mapping[str, View]) -> str:
    """The statement to run for what an analyst wrote. Raises NotAllowed."""
    if len(text) > LONGEST:
        raise NotAllowed([Fault(None, f"语句太长：最多 {LONGEST} 个字符。")])
    try:
        tree, tokens = _parsed(text)
        faults = [*_clauses(tree, tokens), *_tables(tree, views, tokens), *_functions(tree, tokens), *_called(tree, tokens)]
        if faults:
            raise NotAllowed(sorted(set(faults), key=lambda each: (each.line or 0, each.message)))
        return _replaced(tree, views).sql(dialect=DIALECT, comments=False, identify=True)
    except RecursionError:
        raise NotAllowed([Fault(None, "嵌套太深。")]) from None
    except ODD as fault:
        raise NotAllowed([Fault(None, "读不懂这条语句：函数的参数可能不对。")]) from fault


def line_of(text: str, name: str) -> int | None:
    """The first line in which a name stands as a word of its own."""
    try:
        return _line(sqlglot.tokenize(text, read=DIALECT), name)
    except (TokenError, ParseError):
        return None


def _parsed(text: str) -> tuple[exp.Query, list[Token]]:
    try:
        tokens = sqlglot.tokenize(text, read=DIALECT)
        trees = [each for each in sqlglot.parse(text, read=DIALECT) if each is not None]
    except ParseError as fault:
        raise NotAllowed([Fault(each.get("line"), f"语法错误，在“{each.get('highlight') or ''}”附近。") for each in fault.errors]) from fault
    except TokenError as fault:
        raise NotAllowed([Fault(None, "读不懂这条语句：引号或括号没有配对。")]) from fault
    if len(trees) != 1:
        raise NotAllowed([Fault(None, "一次只能运行一条语句。" if trees else "没有语句。")])
    (tree,) = trees
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        raise NotAllowed([Fault(1, "只能查询：语句须以 SELECT 或 WITH 开头，不能写入、建表或查看系统。")])
    return tree, tokens


def _clauses(tree: exp.Query, tokens: list[Token]) -> Iterator[Fault]:
    for node in tree.walk():
        for name, word in CLAUSES.items():
            if node.args.get(name) and isinstance(node, exp.Query | exp.Table):
                yield Fault(_line(tokens, word), f"不能使用 {word}。" + ("请用 WHERE。" if word == "PREWHERE" else ""))
        if isinstance(node, exp.Placeholder | exp.Parameter | exp.Command | exp.DDL | exp.DML) and not isinstance(node, exp.Query):
            yield Fault(None, "不能使用参数占位和其他命令。")
        if isinstance(node, exp.Identifier) and _ODD.search(node.name):
            yield Fault(_line(tokens, node.name), "名称中不能有引号和反斜杠。")
        if isinstance(node, exp.In) and not _values(node):
            yield Fault(_line(tokens, "IN"), "IN 的右边只能是值或子查询，不能是表名或字段名。")


def _values(node: exp.In) -> bool:
    """Whether IN has values or a sub-select on its right: a name would be read as a table's."""
    if node.args.get("query") is not None:
        return isinstance(node.args["query"], exp.Subquery | exp.Query)
    expressions = node.args.get("expressions") or []
    return bool(expressions) and node.args.get("field") is None and node.args.get("unnest") is None and not any(each.find(exp.Column, exp.Table) for each in expressions)


def _tables(tree: exp.Query, views: Mapping[str, View], tokens: list[Token]) -> Iterator[Fault]:
    named = _named(tree)
    for node in tree.find_all(exp.Table):
        name = node.name
        if not isinstance(node.this, exp.Identifier):
            yield Fault(_line(tokens, node.this.name) if node.this else None, "不能使用表函数（file、url、remote、numbers 等）。")
        elif node.args.get("db") or node.args.get("catalog"):
            yield Fault(_line(tokens, name), f"不能查询“{node.sql(dialect=DIALECT)}”：只能按名称查询数据字典中的视图。")
        elif name not in named and name not in views:
            yield Fault(_line(tokens, name), f"没有视图“{name}”：可查的视图见数据字典。")


def _functions(tree: exp.Query, tokens: list[Token]) -> Iterator[Fault]:
    """Told by the words of the statement that would be run and of the one that was written: whatever stands before a bracket is called, be it named by WITH, too."""
    for found in (sqlglot.tokenize(tree.sql(dialect=DIALECT, comments=False), read=DIALECT), tokens):
        for word, bracket in pairwise(found):
            if bracket.text == "(" and _WORD.fullmatch(word.text) and word.text.lower() not in FUNCTIONS | SYNTAX:
                yield Fault(_line(tokens, word.text), f"不能使用函数“{word.text}”。")


def _called(tree: exp.Query, tokens: list[Token]) -> Iterator[Fault]:
    """What is called for each element is written out: `arrayMap(f, …)` would call any function of the server's by its name."""
    for node in tree.find_all(exp.Func):
        name, given = node.sql(dialect=DIALECT).partition("(")[0], list(node.iter_expressions())
        if name.lower() in HIGHER and len(given) > 1 and not any(isinstance(each.unnest(), exp.Lambda) for each in given):
            yield Fault(_line(tokens, name), f"“{name}”的第一个参数须写成 x -> …。")


def _named(tree: exp.Query) -> set[str]:
    """The names that WITH gives to sub-selects."""
    return {each.alias for each in _ctes(tree)}


def _ctes(tree: exp.Query) -> list[exp.CTE]:
    """WITH names a sub-select by `x AS (SELECT …)`; `(SELECT …) AS x` names a value."""
    return [each for each in tree.find_all(exp.CTE) if isinstance(each.this, exp.Query) and not each.args.get("scalar")]


def _replaced(tree: exp.Query, views: Mapping[str, View]) -> exp.Query:
    named = _named(tree)
    for cte in _ctes(tree):
        cte.args["alias"].set("this", exp.to_identifier(OWN + cte.alias, quoted=True))
    for node in list(tree.find_all(exp.Table)):
        alias, name = node.alias or node.name, node.name
        if name in named:
            node.set("this", exp.to_identifier(OWN + name, quoted=True))
            node.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
            continue
        view = sqlglot.parse_one(views[name].sql, read=DIALECT)
        assert isinstance(view, exp.Query)
        whole = exp.Subquery(this=view, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)), joins=node.args.get("joins"))
        outer = node.parent if isinstance(node.parent, exp.Final) else node
        outer.replace(whole)
    return tree


def _line(tokens: list[Token], name: str) -> int | None:
    return next((each.line for each in tokens if each.text.lower() == name.lower()), None)
