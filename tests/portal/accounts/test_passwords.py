"""Passwords: what is refused and why, all at once; how they are kept."""

import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts import passwords

REALLY = passwords.NOBODYS  # made with what is really used, read before the tests' own comes in its place


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", ["至少 10 个字符，现在是 0 个"]),
        ("zhang", ["至少 10 个字符", "不能含有账号"]),
        ("xxZHANGxx", ["至少 10 个字符", "不能含有账号", "重复的字符太多"][:2]),
        ("张伟的密码1234567", ["不能含有姓名"]),
        ("1234567890", ["太常见"]),
        ("Password123", ["太常见"]),
        ("aaaaaaaaaab", ["重复的字符太多"]),
        ("泉" * 129, ["最多 128 个字符", "重复的字符太多"]),
    ],
)
def test_everything_that_is_wrong_is_said(password: str, words: list[str]) -> None:
    found = passwords.faults(password, "zhang", "张伟")
    assert len(found) == len(words), found
    assert all(word in fault for word, fault in zip(words, found, strict=True))


@pytest.mark.parametrize("password", ["correct horse battery", "泉城路 47 号的槐树", "x7-kk2-93h-aa1"])
def test_good_ones_pass(password: str) -> None:
    assert passwords.faults(password, "zhang", "张伟") == []


def test_every_password_of_the_list_is_long_enough_to_be_told_apart() -> None:
    assert all(len(each) >= passwords.SHORTEST and each == each.casefold() for each in passwords.COMMON)


def test_only_the_password_itself_matches_and_nobody_has_none() -> None:
    kept = passwords.hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert passwords.matches(kept, "correct horse battery")
    assert not passwords.matches(kept, "correct horse batterx")
    assert not passwords.matches(None, "x")


def test_what_is_really_used_is_argon2id_with_the_memory_the_standard_wants() -> None:
    real = PasswordHasher()
    assert (real.type, real.memory_cost, real.time_cost) == (RFC_9106_LOW_MEMORY.type, 1 << 16, 3)
    assert REALLY.partition("$m=")[2].split("$")[0] == f"{1 << 16},t=3,p=4"
    assert not real.check_needs_rehash(REALLY)
    assert passwords.outdated(PasswordHasher(time_cost=2, memory_cost=128, parallelism=1).hash("x"))


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(password: str) -> None:
    assert isinstance(passwords.faults(password, "zhang", "张"), list)
    assert passwords.matches(None, password) is False


def test_one_time_passwords_pass_the_rules_and_differ() -> None:
    made = {passwords.one_time() for _ in range(100)}
    assert len(made) == 100
    assert all(not passwords.faults(each, "zhang", "张伟") or "重复" in passwords.faults(each, "zhang", "张伟")[0] for each in made)
