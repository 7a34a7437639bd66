"""Ways in which a department's program changes its tables, as data: what stands there at first, what is done, one transaction a step, and what the records must look like afterwards.

Each table has a row's number `id`, the record's key `bh` and its text `wb`. Keys begin with the table's name, so that all of them may be one item.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Change:
    """``news``: how many records the steps make the judge accept (new versions, withdrawals included); ``left``: keys that stand on though the table has them no more, ``lost``: the other way round
    (both empty but for stated limits)."""

    name: str
    first: list[str]
    steps: list[list[str]]
    news: int
    delete: str = "withdraw"
    columns: str = "id int PRIMARY KEY, bh varchar(60), wb text"
    map: dict[str, str] = field(default_factory=lambda: {"BH": "bh", "WB": "wb"})
    left: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def quoted(self, kind: str) -> str:
        mark = '"' if kind == "postgres" else "`"
        return f"{mark}{self.name}{mark}"


def _rows(table: str, *keys: int, text: str = "甲") -> str:
    values = ", ".join(f"({key}, '{table}/{key}', '{text}{key}')" for key in keys)
    return f"INSERT INTO {table} (id, bh, wb) VALUES {values}"


def _night(table: str, *keys: int, empty: str = "DELETE FROM", first: int = 0) -> list[str]:
    """The usual load: everything out, everything in again, with new row numbers if ``first`` says so."""
    values = ", ".join(f"({first + key}, '{table}/{key}', '甲{key}')" for key in keys)
    return [f"{empty} {table}", f"INSERT INTO {table} (id, bh, wb) VALUES {values}"]


LONG = "repeat('长', 50000)"
CHANGES = [
    # An update that does not touch a long value: PostgreSQL does not log it again (TOAST).
    Change("longtext_", [f"INSERT INTO longtext_ VALUES (1, 'longtext_/1', {LONG}, 0)"], [["UPDATE longtext_ SET n = 1"], ["UPDATE longtext_ SET n = 2"]], 0,
           columns="id int PRIMARY KEY, bh varchar(60), wb text, n int"),
    Change("moved", [_rows("moved", 1, 2)], [["UPDATE moved SET id = 20 WHERE id = 1"], ["UPDATE moved SET wb = '乙' WHERE id = 20"]], 3),
    Change("again", [_rows("again", 1, 2)], [["DELETE FROM again WHERE id = 1", _rows("again", 1)], ["DELETE FROM again WHERE id = 2", _rows("again", 2, text="乙")]], 4),
    Change("gone", [_rows("gone", 1, 2)], [["DELETE FROM gone WHERE id = 1"], ["UPDATE gone SET bh = NULL WHERE id = 2"]], 2),
    # Two rows swap their keys: by a third value, and in one statement.
    Change("swap", [_rows("swap", 1, 2)],
           [["UPDATE swap SET bh = 'swap/x' WHERE id = 1", "UPDATE swap SET bh = 'swap/1' WHERE id = 2", "UPDATE swap SET bh = 'swap/2' WHERE id = 1"]], 6),
    Change("swap_one", [_rows("swap_one", 1, 2)], [["UPDATE swap_one SET bh = CASE id WHEN 1 THEN 'swap_one/2' ELSE 'swap_one/1' END"]], 3),
    Change("ring", [_rows("ring", 1, 2, 3)], [["UPDATE ring SET bh = CASE id WHEN 1 THEN 'ring/2' WHEN 2 THEN 'ring/3' ELSE 'ring/1' END"]], 4),
    # Without a primary key.
    Change("keyless", [_rows("keyless", 1, 2, 3)], [["UPDATE keyless SET wb = '乙' WHERE id = 1"], ["DELETE FROM keyless WHERE id = 2"], [_rows("keyless", 4)]], 3,
           columns="id int, bh varchar(60), wb text"),
    # Two rows that are the same in everything, one of them deleted: nobody can tell which one goes.
    Change("twins", ["INSERT INTO twins VALUES (1, 'twins/1', '甲'), (2, 'twins/1', '甲')"], [["DELETE FROM twins WHERE id = 2"]], 1,
           columns="id int, bh varchar(60), wb text", lost=("twins/1",)),
    # Nightly loads with the same content.
    Change("night_kept", [_rows("night_kept", 1, 2, 3)], [_night("night_kept", 1, 2, 3), _night("night_kept", 1, 2, 3)], 0, delete="housekeeping"),
    Change("night_new_rows", [_rows("night_new_rows", 1, 2)], [_night("night_new_rows", 1, 2, first=100)], 0, delete="housekeeping"),
    Change("night_said", [_rows("night_said", 1, 2, 3)], [_night("night_said", 1, 2, 3)], 6),
    Change("night_emptied", [_rows("night_emptied", 1, 2, 3)], [_night("night_emptied", 1, 2, 3, empty="TRUNCATE TABLE"), _night("night_emptied", 1, 2, 3, empty="TRUNCATE TABLE")], 0),
    # A row that is not in the next load any more.
    Change("night_fewer", [_rows("night_fewer", 1, 2, 3)], [_night("night_fewer", 1, 2, empty="TRUNCATE TABLE")], 0, left=("night_fewer/3",)),
    # A load that breaks off half-way.
    Change("night_broken", [_rows("night_broken", 1, 2, 3)], [["DELETE FROM night_broken", _rows("night_broken", 1)]], 0, delete="housekeeping", left=("night_broken/2", "night_broken/3")),
    Change("Big_Names", ["INSERT INTO {} VALUES (1, 'Big_Names/1', '甲', '乙')"], [["UPDATE {} SET {许可内容} = '丙'"]], 1,
           columns="{Id} int PRIMARY KEY, {许可证号} varchar(60), {许可内容} text, {单位名称} text", map={"BH": "许可证号", "WB": "许可内容"}),
]  # fmt: skip
