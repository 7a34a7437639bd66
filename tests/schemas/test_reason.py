"""What the public may see of a value: no digit of a personal number, however it is written."""

import pytest

from schemas import reason

NUMBER, OLD = "11010519491231002X", "110105491231002"


@pytest.mark.parametrize(
    "written",
    [
        NUMBER, NUMBER.lower(), OLD, "110105 19491231 002X", "110105-19491231-002X", "１１０１０５１９４９１２３１００２Ｘ", f"号码{NUMBER}的人", f"12{NUMBER}", "1.10105194912310E+17",
        "110105********002X", "11010519491231****", "110105xxxxxxxx002X", "110105　1949　1231　002x",
    ],
)  # fmt: skip
def test_no_digit_of_a_personal_number_is_public(written: str) -> None:
    shown = reason.public(written, "content")
    assert "***" in shown
    assert not any(letter.isdigit() for letter in shown)


@pytest.mark.parametrize("text", ["济环罚字〔2017〕12号", "罚款人民币 356000 元", "2017-05-10 至 2018-05-10", "0531 6660 8888", "", "91440300708461136T"])
def test_other_numbers_stay(text: str) -> None:
    assert reason.public(text, "content") == text


def test_names_and_numbers_of_persons_are_never_shown() -> None:
    assert reason.public("张三", "person_name") == reason.public("123", "person_number") == "***"


@pytest.mark.parametrize(("written", "shown"), [
    (NUMBER, "110105***********X"), (OLD, "110105********2"), (f"号码{NUMBER}的人", "号码110105***********X的人"), ("110105 19491231 002X", "110105***********X"),
    ("１１０１０５１９４９１２３１００２Ｘ", "110105***********X"), ("110105********002X", "***"), ("1.10105194912310E+17", "***"), ("济环罚字〔2017〕12号", "济环罚字〔2017〕12号"),
])  # fmt: skip
def test_staff_see_the_first_six_and_the_last_of_a_number_at_most(written: str, shown: str) -> None:
    assert reason.staff(written, "content") == reason.staff(shown, "content") == shown


def test_staff_see_names_and_of_a_field_of_numbers_six_and_one_whatever_it_holds() -> None:
    assert reason.staff("张三", "person_name") == "张三"
    assert reason.staff("E12345678", "person_number") == "*********"
    assert reason.staff("110105********002X", "person_number") == "110105***********X"
