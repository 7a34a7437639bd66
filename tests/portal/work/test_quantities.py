"""The numbers of a month: everything that is wrong is said at once, and nothing that is right is refused."""

import pytest

from portal.work import quantities
from portal.work.quantities import Answer

GOOD = {"produced": "1,200", "reported": "1198", "unreported": "2", "published": "1000", "grounds": "《保守国家秘密法》第九条", "address": "https://a.example/xk"}


def said(**more: str) -> Answer:
    return quantities.said({f"{name}.xzxk": value for name, value in (GOOD | more).items()}, "xzxk")


def test_what_is_right_is_declared_as_numbers_and_read_back() -> None:
    answer = said()
    assert quantities.wrong(answer) == {}
    about = answer.about("2017-09")
    assert (about["of"], about["produced"], about["grounds"]) == ("2017-09", 1200, GOOD["grounds"])
    assert quantities.declared(about).said == GOOD | {"produced": "1200"}
    assert quantities.declared(None).blank


def test_an_item_of_which_nothing_is_said_is_left_alone() -> None:
    blank = quantities.said({}, "xzxk")
    assert blank.blank
    assert quantities.wrong(blank) == {}
    assert quantities.wrong(said(**dict.fromkeys(GOOD, "0") | {"grounds": "", "address": ""})) == {}


@pytest.mark.parametrize(
    ("more", "faults"),
    [
        ({"produced": "很多", "reported": "1.5", "unreported": "", "published": "-1"}, {"produced", "reported", "unreported", "published"}),
        ({"produced": "9999999999", "grounds": "长" * 501}, {"produced", "grounds"}),
        ({"reported": "1199"}, {"unreported"}),
        ({"grounds": "", "address": " "}, {"grounds", "address"}),
        ({"published": "1201"}, {"published"}),
    ],
)
def test_everything_that_is_wrong_is_said_at_once(more: dict[str, str], faults: set[str]) -> None:
    assert set(quantities.wrong(said(**more))) == faults
