"""Which lists are published: each item once, none on persons, none that its scope keeps."""

from portal.public import query
from schemas import catalog

CATALOG = catalog.load()


def test_every_public_item_on_discredit_or_honour_is_in_one_list_and_no_other_is() -> None:
    found = query.lists(CATALOG)
    codes = [item.code for items in found.values() for item in items]
    assert len(codes) == len(set(codes))
    assert set(codes) == {"xzxk", "xzcf"} | {
        item.code for item in CATALOG.values() if item.category in ("表彰荣誉", "失信") and item.subject != "person" and item.usage == "0"
    }  # fmt: skip
    assert {item.code for item in found["黑名单"]} == set(query.BLACK)
    assert {item.category for item in found["黑名单"]} == {"失信"}


def test_every_category_of_the_catalogue_has_its_section_on_a_companys_page() -> None:
    assert {item.category for item in CATALOG.values()} <= set(query.SECTIONS)
