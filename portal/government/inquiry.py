"""政务查询: whom an official means, and the standing records on him that the scope allows. Indexes propose, the current row decides.

A natural person is found by his whole number and his name together, by nothing else: not by a name, and not as a sole trader who trades under it.
Raises Refusal `unavailable` where the warehouse does not answer.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from loaders import persons
from loaders.published import Published, Row, Subject
from portal.government import record as records
from portal.government.record import Record
from portal.public.marks import Marks
from portal.public.query import NAMES, answered
from portal.public.record import about_person, like_a_person, shown_code
from schemas import normalize
from schemas.catalog import Catalog, Item
from schemas.rules import rows as row_rules
from schemas.rules.identifiers import ric_check


@dataclass(frozen=True)
class Candidate:
    """A company that may be meant. `choice` names it in a form: `id:` and a register's subject, or `said:` and a code or name that no register knows. `former`: found by what it no longer bears."""

    choice: str
    name: str
    code: str
    register: str = ""
    former: bool = False


@dataclass(frozen=True)
class Inquiry:
    """One official's, on one day."""

    published: Published
    catalog: Catalog
    marks: Marks
    today: date

    def companies(self, said: str) -> list[Candidate]:
        """Companies by this exact code or name: those that bear it now, else those no register knows, else those that once bore it."""
        found = self._registered(answered(lambda: self.published.by_value(said)))
        now = [each for each in found if not each.former]
        return now or self._unregistered(said) or found

    def alike(self, said: str) -> list[Candidate]:
        """Companies a name of which holds this text."""
        return self._registered(answered(lambda: self.published.by_part(said, NAMES)))

    def chosen(self, choice: str) -> Candidate | None:
        """The company that a form names."""
        kind, _, value = choice.partition(":")
        if kind == "id":
            return next(iter(self._registered(answered(lambda: self.published.subject(value)))), None)
        return next((each for each in self._unregistered(value) if each.choice == choice), None) if kind == "said" else None

    def records(self, company: Candidate, usages: Collection[str]) -> list[Record]:
        """The standing records on a company whose usage is one of these, registers first, then the newest decision first."""
        kind, _, value = company.choice.partition(":")
        if kind == "said":
            return self._shown(answered(lambda: self.published.unregistered(value)), usages)
        registers = answered(lambda: self.published.subject(value))
        found: dict[str, list[Row]] = {each.item.code: [] for each in registers}
        for each in registers:
            found[each.item.code].append(each.row)
        return self._shown(found, usages) + self._shown(answered(lambda: self.published.records(value)), usages)

    def person(self, number: str, name: str, usages: Collection[str]) -> list[Record]:
        """The standing records on the natural person who bears both, an old number of 15 characters included; on organisations he stands for, none."""
        numbers, alike = both(number), normalize.code(name)
        keys = answered(lambda: persons.keys(self.published.house, self.catalog, numbers))
        found: dict[str, list[Row]] = {}
        for code, mine in keys.items():
            item = self.catalog[code]
            rows = answered(partial(self.published.rows, item, mine))
            found[code] = [row for row in rows if _bears(item, row, numbers, alike)]
        return self._shown(found, usages)

    def again(self, shown: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], Record]:
        """Records that were shown (item, key, version), by item and key: those that still stand in that version."""
        wanted: dict[str, dict[str, int]] = {}
        for code, key, version in shown:
            wanted.setdefault(code, {})[key] = version
        found = {}
        for code, versions in wanted.items():
            item = self.catalog.get(code)
            for each in self._shown({code: answered(partial(self.published.rows, item, versions))}, records.USAGES) if item else ():
                if each.version == versions[each.key]:
                    found[code, each.key] = each
        return found

    def _shown(self, found: Mapping[str, Sequence[Row]], usages: Collection[str]) -> list[Record]:
        shown = []
        for code, rows in found.items():
            item = self.catalog[code]
            marks = records.Marks(set(self.marks.withheld(code)), set(self.marks.disputed(code)))
            shown += [records.record(item, row, self.today, marks) for row in rows if records.usage(item, row) in usages]
        return sorted(shown, key=lambda each: each.decided or date.min, reverse=True)

    def _registered(self, found: Sequence[Subject]) -> list[Candidate]:
        """A sole trader under his own name is found by his code alone, and nobody by a name a person may have borne."""
        return [
            Candidate(f"id:{each.id}", records.named(each.item, each.row), shown_code(each.item, each.row), each.item.title, each.former)
            for each in found if (each.matched and each.matched.isascii()) or not (about_person(each.item, each.row) or (each.former and like_a_person(each.matched)))
        ]  # fmt: skip

    def _unregistered(self, said: str) -> list[Candidate]:
        found: dict[tuple[str, str], Candidate] = {}
        for code, rows in answered(lambda: self.published.unregistered(said)).items():
            item = self.catalog[code]
            for row in rows:
                if not about_person(item, row):
                    name, uscc = records.named(item, row), shown_code(item, row)
                    found.setdefault((name, uscc), Candidate(f"said:{uscc or name}", name, uscc))
        return list(found.values())


def both(number: str) -> list[str]:
    """The two forms of one number: 18 characters and, for who was born before 2000, the 15 of old."""
    if len(number) == 15:
        whole = f"{number[:6]}19{number[6:]}"
        return [number, whole + ric_check(whole)]
    return [number, number[:6] + number[8:17]] if number[6:8] == "19" else [number]


def _bears(item: Item, row: Row, numbers: Collection[str], name: str | None) -> bool:
    """Whether the current row is on a person of this number and name."""
    field = row_rules.name_field(item)
    mine = any((normalize.code(str(row.get(each) or "")) or "") in numbers for each in persons.numbered(item))
    return mine and about_person(item, row) and field is not None and name is not None and normalize.code(str(row.get(field) or "")) == name
