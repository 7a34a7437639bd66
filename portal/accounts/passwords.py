"""Passwords: what is accepted and why not, how they are kept (argon2id), and those that are good for one log-in."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

SHORTEST, LONGEST = 10, 128
COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())
# Without the letters and digits that are taken for each other when read out on the telephone.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
HASHER = PasswordHasher()
# A hash takes 64 MB and a core: more at once would only make everybody wait.
_AT_ONCE = BoundedSemaphore(2)
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$HZmC4nUqPMwg7ttFsKgv9w$xnABK7hQ2qOjOXdbXNsNP4ycPLt8OBGUOEVX6insRgI"  # no account's


def faults(password: str, username: str, name: str) -> Sequence[str]:
    """Everything that is wrong with a new password, in Chinese; empty when it may be used."""
    plain = password.casefold()
    found = []
    if len(password) < SHORTEST:
        found.append(f"至少 {SHORTEST} 个字符，现在是 {len(password)} 个")
    if len(password) > LONGEST:
        found.append(f"最多 {LONGEST} 个字符，现在是 {len(password)} 个")
    if username.casefold() in plain:
        found.append("不能含有账号")
    if len(name) > 1 and name.casefold() in plain:
        found.append("不能含有姓名")
    if plain in COMMON:
        found.append("这个密码太常见，一猜就中")
    elif password and len(set(plain)) < 5:
        found.append("重复的字符太多，至少要有 5 种不同的字符")
    return found


def hashed(password: str) -> str:
    """As it is kept."""
    with _AT_ONCE:
        return HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password; takes as long when there is no account (None)."""
    with _AT_ONCE:
        try:
            return HASHER.verify(kept or NOBODYS, password[: LONGEST + 1]) and kept is not None
        except VerificationError:
            return False


def outdated(kept: str) -> bool:
    """Whether the library's parameters are stronger by now."""
    return HASHER.check_needs_rehash(kept)


def one_time() -> str:
    """A password to hand over: 60 bits in four groups, to be changed at the first log-in."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(3)) for _ in range(4))
