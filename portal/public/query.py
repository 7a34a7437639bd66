"""The public query: what is published of companies and of lists, today, under the marks of the platform. Every exit of it goes through here.

Raises Refusal `unavailable` where the warehouse does not answer, `not_found` where nothing is published.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from loaders.errors import WarehouseError
from loaders.published import Published, Row, Subject, Wanted
from portal.frame.visit import Visit
from portal.public.marks import Decided, Marks
from portal.public.record import Record, like_a_person, record, shown_code, shown_name
from producers.refusal import Refusal
from schemas import publication, reason
from schemas.catalog import Catalog, Item

SECTIONS = {"基本": "登记信息", "资质": "行政许可与资质", "失信": "行政处罚与失信", "表彰荣誉": "荣誉", "履约": "履约", "其它": "其他"}
NAMES = 50  # names looked at for a part of a name
DOUBLE = ("xzxk", "xzcf")  # 双公示
RED, DISCREDIT = "表彰荣誉", "失信"
# Items by which somebody is put on a list of the discredited; every other item on discredit is a notice.
BLACK = ("aqhmd", "sxbzx", "tjsx", "whhmd", "yzwf", "zdss", "zfcg")
NUMBER = re.compile(r"([a-z0-9_]+)-(\d{1,9})-(\d{1,18})")
T = TypeVar("T")


@dataclass(frozen=True)
class Company:
    """A company that was found. `address` asks for its page; `register` is empty where no register knows it; `former`: found by what it no longer bears."""

    name: str
    code: str
    address: Mapping[str, str]
    register: str = ""
    facts: Sequence[tuple[str, str]] = ()
    former: bool = False
    matched: str = ""


@dataclass(frozen=True)
class Query:
    """One reader's query on one day."""

    published: Published
    catalog: Catalog
    marks: Marks
    today: date

    def find(self, said: str) -> list[Company]:
        """Companies by exact code or name, those in force first; where there are none, those no register knows; where there are none either, by a part of a name."""
        found = self._companies(answered(lambda: self.published.by_value(said)))
        found += self._unregistered(said) if not any(not each.former for each in found) else []
        if found or len(said) < 2:
            return found
        return self._companies(answered(lambda: self.published.by_part(said, NAMES)))

    def company(self, subject: str, said: str) -> tuple[list[Company], dict[str, list[Record]]]:
        """A company by the id or the value its address holds, and its published records by section. Raises Refusal `not_found`."""
        if subject:
            companies = self._companies(answered(lambda: self.published.subject(subject)))
            rows = answered(lambda: self.published.records(subject)) if companies else {}
        else:
            rows = answered(lambda: self.published.unregistered(said))
            companies = self._unregistered(said, rows)
        if not companies:
            raise Refusal("not_found", "没有这家企业的公示信息。", "请返回查询页，按统一社会信用代码或企业全称重新查询。")
        sections: dict[str, list[Record]] = {title: [] for title in SECTIONS.values()}
        for code, found in rows.items():
            item = self.catalog[code]
            sections[SECTIONS[item.category]] += [each for each in self._shown(item, found) if not each.person]
        return companies, {title: sorted(found, key=lambda each: each.decided or date.min, reverse=True) for title, found in sections.items()}

    def listed(self, item: Item, asked: Mapping[str, str], skip: int, limit: int) -> tuple[list[Record], int]:
        """A page of an item's published records and how many there are. `asked` may hold department, since, to."""
        wanted = Wanted(self.today, self.marks.withheld(item.code), asked.get("department", ""), asked.get("since", ""), asked.get("to", ""))
        rows = answered(lambda: self.published.page(item, wanted, skip, limit))
        return self._shown(item, rows), answered(lambda: self.published.count(item, wanted))

    def record(self, number: str) -> Record:
        """One published record. Raises Refusal `not_found`, whether there never was one or it is no longer shown."""
        item, partition, offset = self._named(number)
        row = answered(lambda: self.published.numbered(item, partition, offset)) if item else None
        found = self._shown(item, [row]) if item and row else []
        if not found:
            raise Refusal("not_found", "没有这条公示信息，或者它已经停止公示。", "请返回查询页重新查询。")
        return found[0]

    def _named(self, number: str) -> tuple[Item | None, int, int]:
        said = NUMBER.fullmatch(number)
        if not said or int(said[3]) >= 1 << 59:
            return None, 0, 0
        return self.catalog.get(said[1]), int(said[2]), int(said[3])

    def _shown(self, item: Item, rows: Sequence[Row]) -> list[Record]:
        """The rows that are published and not withheld. On persons only what its own scope says is public."""
        if item.subject == "person":
            return []
        rule, withheld, disputed = publication.terms(item, self.today), set(self.marks.withheld(item.code)), set(self.marks.disputed(item.code))
        kept = [row for row in rows if row["_key"] not in withheld and publication.published(item, row, self.today, rule)]
        found = [record(item, row, rule, disputed=row["_key"] in disputed) for row in kept]
        return [each for each in found if not each.person or item.usage in item.by_name]

    def _companies(self, found: Sequence[Subject]) -> list[Company]:
        """Those of them that are published and no persons, found by nothing that a person may have been called: sole traders once bore their owners' names."""
        told = []
        for each in found:
            if each.former and like_a_person(each.matched):
                continue
            for shown_ in self._shown(each.item, [each.row]):
                if not shown_.person:
                    about = (each.item.title, shown_.facts, each.former, reason.public(each.matched, "none"))
                    told.append(Company(shown_.subject, shown_code(each.item, each.row), {"id": each.id}, *about))
        return told

    def _unregistered(self, said: str, rows: Mapping[str, Sequence[Row]] | None = None) -> list[Company]:
        """Companies that only published records speak of, each code and name once."""
        found: dict[tuple[str, str], Company] = {}
        for code, each in (answered(lambda: self.published.unregistered(said)) if rows is None else rows).items():
            item = self.catalog[code]
            for row in each:
                if any(not shown_.person for shown_ in self._shown(item, [row])):
                    name, uscc = shown_name(item, row), shown_code(item, row)
                    found.setdefault((name, uscc), Company(name, uscc, {"said": uscc or name}))
        return list(found.values())


def of(visit: Visit) -> Query:
    """This visit's. Counts the look-up for its address: raises Refusal `too_fast`."""
    site = visit.site
    try:
        site.look_ups.spend(visit.address)
    except Refusal as refusal:
        raise Refusal(refusal.code, "从您的网络地址来的查询太频繁。", "请等一分钟再试。") from refusal
    return Query(Published(site.warehouse, site.catalog), site.catalog, Decided(visit.db), site.today)


def lists(catalog: Catalog) -> dict[str, list[Item]]:
    """The lists that are published: title of the group → items."""
    open_ = [item for item in catalog.values() if item.subject != "person" and (item.usage == publication.PUBLIC or item.usage in item.by_name)]
    return {
        "双公示": [item for item in open_ if item.code in DOUBLE],
        "红名单": [item for item in open_ if item.category == RED],
        "黑名单": [item for item in open_ if item.code in BLACK],
        "异常名录与失信公告": [item for item in open_ if item.category == DISCREDIT and item.code not in (*DOUBLE, *BLACK)],
    }


def answered(ask: Callable[[], T]) -> T:
    """What the warehouse answers. Raises Refusal `unavailable` where it does not."""
    try:
        return ask()
    except WarehouseError as fault:
        raise Refusal("unavailable", "现在查不到：数据仓库没有应答。", "请稍后再试。") from fault
