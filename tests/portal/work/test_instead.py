"""What stands instead is told; of another department's only that it does, and since when."""

from portal.work import instead
from schemas import identity
from tests.portal.desk import CATALOG
from tests.portal.entry.site import ITEM
from tests.portal.work.site import stood


def test_ones_own_is_told_with_its_way_and_number() -> None:
    assert instead.told(stood("k"), "zjj") == {"way": "数据录入", "since": "2026-11-26 08:00", "number": "HZ1#1"}


def test_another_departments_is_told_without_number_way_or_source() -> None:
    assert instead.told(stood("k", department="gtj"), "zjj") == {"way": "其他部门", "since": "2026-11-26 08:00", "number": ""}


def test_what_is_withdrawn_or_nothing_is_said() -> None:
    assert instead.told(stood("k", withdrawn=1), "zjj")["way"] == "已撤销"
    assert instead.told(None, "zjj") == {"way": "", "since": "", "number": ""}


def test_a_record_is_named_by_its_key_without_a_persons_number() -> None:
    key = identity.key(ITEM, "zjj", ITEM.example, b"s" * 32)
    assert key is not None
    assert str(ITEM.example["XK_WSH"]) in instead.name(ITEM, key)
    assert instead.name(ITEM, '["?","xzxk","zjj/excel","3@HZ"]') == instead.UNKNOWN
    person = next(item for item in CATALOG().values() if any(item.by_name[name].privacy == "person_number" for name in item.key))
    said = person.example
    found = identity.key(person, "zjj", said, b"s" * 32)
    assert found is not None
    assert "hmac" not in instead.name(person, found)
    assert instead.COVERED in instead.name(person, found)
