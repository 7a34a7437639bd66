"""The connection sheet (前置库接入单) that a department is handed. Pure."""

from collections.abc import Iterator

from connectors.access import Access
from connectors.front.place import Front
from schemas.catalog import Item
from schemas.front_receipts import LOADS, MESSAGES, OUTCOME, ROWS, RULES
from schemas.front_table import ID, OPERATION, READY, WITHDRAWN
from schemas.words import OUTCOMES
from schemas.words import WITHDRAWN as TAKEN_BACK

TITLES = {"postgres": "PostgreSQL", "mariadb": "MariaDB"}


def sheet(front: Front, title: str, access: Access) -> str:
    """``access``: where the server is; its account is not shown."""
    return "\n".join(_lines(front, title, access)) + "\n"


def _lines(front: Front, title: str, access: Access) -> Iterator[str]:
    yield f"前置库接入单：{title}"
    yield ""
    yield f"数据库    {TITLES[front.kind]}，地址 {access.host}，端口 {access.port}，库名 {front.name}，字符集 UTF-8"
    yield f"账号      {front.name}（只看得见、只写得了本部门的表；最多同时 20 个连接）"
    yield f"口令      由平台管理员从主目录 secrets.env 的 {front.accounts[front.name]} 一行取出，当面或加密交付；不写在本单上"
    yield ""
    yield "表        一个信息项一张表，列名是目录里的字段代码，每列都是文本，写什么就送什么，由平台检查："
    for item in front.items:
        yield f"  {item.code}  {item.title}（回执表 {item.code}{ROWS}、{item.code}{LOADS}）"
    yield ""
    yield f"报送      插入一行即报送一条，{ID} 由数据库产生，不要填写；日期写作 2017-08-01。例如："
    yield from (f"  {_insert(front, item)}" for item in front.items[:1])
    yield f"更正      在原行上修改（UPDATE），不要另插一行。{OPERATION} 留空即可。"
    yield f"撤回      删除该行（DELETE），或把该行的 {OPERATION} 改为“删除”或“撤销”。"
    yield f"          {OPERATION} 可以留空，或填{'、'.join(filter(None, (*READY, *WITHDRAWN)))}；填了别的文字的行按“未就绪”处理，暂不归集。"
    if front.kind == "mariadb":
        yield "清空      用 DELETE；本账号不能执行 TRUNCATE。"
    yield ""
    words = "、".join((*OUTCOMES.values(), TAKEN_BACK))
    yield f"回执      每行的处理结果在同名的 {ROWS} 表，一般在几秒内写入，改正后随之更新；结果有：{words}。"
    yield f"  {_asking(front, front.items[0])}"
    yield f"          每批的处理结果在 {LOADS} 表：何时收到、读到多少条、各种结果各多少条。回执表只能读，也不参加归集。"
    yield f"          没有回执的行：平台还没有读到，或 {OPERATION} 填了别的文字。"


def _insert(front: Front, item: Item) -> str:
    said = {field.name: item.example.get(field.name) for field in item.fields if field.required and item.example.get(field.name)}
    names = ", ".join(_quoted(front, name) for name in said)
    return f"INSERT INTO {_quoted(front, item.code)} ({names}) VALUES ({', '.join(_text(str(value)) for value in said.values())});"


def _asking(front: Front, item: Item) -> str:
    columns = ", ".join(f"h.{_quoted(front, name)}" for name in (ID, OUTCOME, RULES, MESSAGES))
    return f"SELECT {columns} FROM {_quoted(front, item.code + ROWS)} h WHERE h.{_quoted(front, OUTCOME)} = '{OUTCOMES['rejected']}';"


def _quoted(front: Front, name: str) -> str:
    return f'"{name}"' if front.kind == "postgres" else f"`{name}`"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
