"""An application goes through its states, each once it may; the marks follow from where it stands."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.public import applications
from portal.public.applications import Draft, NotNow, Wanted
from portal.public.marks import Decided
from portal.public.record import Record
from portal.public.tables import Application
from schemas import catalog
from tests.portal.desk import BOTH

NOW, ZONE = datetime(2017, 9, 1, 17, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
ITEM = catalog.load()["xzcf"]
ABOUT = Record(ITEM, '["xzcf","hbj","1"]', "xzcf-0-1", "hbj", date(2017, 5, 10), "甲有限公司", person=False, what="济环罚字1号", facts=(), until=None)


def draft(kind: str = "objection", **said: str) -> Draft:
    return Draft(**{"kind": kind, "applicant": "王芳", "capacity": "受托人", "phone": "0531-66608888", "statement": "处罚的不是我公司，是同名的另一家。", **said}, files=[("a.pdf", b"%PDF-1")])


def filed(database: Session, kind: str = "objection") -> Application:
    return applications.file(database, ABOUT, draft(kind), [f"{kind}-{applications.number('S', NOW.date())}"], NOW, date(2017, 9, 2))


def marks(database: Session) -> tuple[list[str], list[str]]:
    found = Decided(database)
    return list(found.withheld("xzcf")), list(found.disputed("xzcf"))


@BOTH
def test_an_objection_marks_its_record_from_acceptance_to_decision_and_ends_its_publication_when_upheld(portal: sessionmaker[Session]) -> None:
    with portal.begin() as database:
        made = filed(database)
        assert marks(database) == ([], [])
        applications.accept(made, "", "李娜", NOW, yes=True)
        assert marks(database) == ([], [ABOUT.key])
        applications.answer(made, "确系同名企业。", "张伟", NOW)
        assert marks(database) == ([], [ABOUT.key])
        applications.decide(made, "成立。", "李娜", NOW, granted=True)
        assert marks(database) == ([ABOUT.key], [])
        assert Decided(database).withheld("xzxk") == []
        applications.decide(made, "重新核查，不成立。", "李娜", NOW, granted=False)
        assert marks(database) == ([], [])
        assert applications.said(made) == "异议不成立，继续公示"


def test_a_repair_marks_nothing_before_it_is_granted(portal: sessionmaker[Session]) -> None:
    with portal.begin() as database:
        made = filed(database, "repair")
        applications.accept(made, "", "李娜", NOW, yes=True)
        assert marks(database) == ([], [])
        applications.decide(made, "同意。", "李娜", NOW, granted=True)
        assert marks(database) == ([ABOUT.key], [])
        assert applications.said(made) == "同意修复，停止公示"


def test_what_is_refused_or_too_early_marks_nothing(portal: sessionmaker[Session]) -> None:
    with portal.begin() as database:
        made = filed(database)
        for early in (lambda: applications.answer(made, "意见", "x", NOW), lambda: applications.decide(made, "决定", "x", NOW, granted=True)):
            with pytest.raises(NotNow, match="待受理"):
                early()
        applications.accept(made, "材料不全。", "李娜", NOW, yes=False)
        assert (applications.said(made), made.decision) == ("不予受理", "材料不全。")
        applications.accept(made, "", "李娜", NOW, yes=True)
        assert (applications.said(made), made.decision) == ("部门核查中", "")
        applications.answer(made, "意见。", "张伟", NOW)
        with pytest.raises(NotNow, match="待信用办决定"):
            applications.accept(made, "", "李娜", NOW, yes=False)
        assert marks(database) == ([], [ABOUT.key])


def test_days_are_counted_by_the_calendar_here(portal: sessionmaker[Session]) -> None:
    with portal.begin() as database:
        made = filed(database)  # 2017-09-02 01:00 here
        assert [applications.days(made, NOW + timedelta(hours=hours), ZONE) for hours in (0, 22, 23, 240)] == [0, 0, 1, 10]
        applications.accept(made, "", "x", NOW, yes=True)
        applications.decide(made, "成立。", "x", NOW + timedelta(days=3), granted=True)
        assert applications.days(made, NOW + timedelta(days=30), ZONE) == 3


def test_everything_that_is_wrong_is_told_at_its_field() -> None:
    wrong = Draft("king", "", "", "abc", "短", [])
    assert applications.faults(wrong).keys() == {"kind", "applicant", "capacity", "phone", "statement", "files"}
    assert applications.faults(draft()) == {}


def test_a_personal_number_in_what_is_written_is_not_kept(portal: sessionmaker[Session]) -> None:
    with portal.begin() as database:
        made = applications.file(database, ABOUT, draft(statement="我的身份证号 11010519491231002X，不是我公司。"), ["s"], NOW, NOW.date())
        applications.accept(made, "", "x", NOW, yes=True)
        applications.answer(made, "核对 11010519491231002X", "x", NOW)
        applications.decide(made, "核对 11010519491231002X", "x", NOW, granted=False)
        assert "110105" not in made.statement + made.opinion + made.decision


def test_applications_are_found_by_department_state_and_kind_and_by_number_alone(portal: sessionmaker[Session]) -> None:
    with portal.begin() as database:
        first, second = filed(database), filed(database, "repair")
        assert applications.find(database, Wanted("hbj")) == ([second, first], 2)
        assert applications.find(database, Wanted(kind="repair"), limit=1) == ([second], 1)
        assert applications.find(database, Wanted("zjj")) == applications.find(database, Wanted(state="decided")) == ([], 0)
        assert applications.numbered(database, f" {first.number.lower()} ") is first
        assert applications.numbered(database, first.number[:-1]) is None


def test_numbers_cannot_be_guessed() -> None:
    found = {applications.number("YY", NOW.date()) for _ in range(1000)}
    assert len(found) == 1000
    assert all(len(each) == 21 and each.startswith("YY20170901-") for each in found)
