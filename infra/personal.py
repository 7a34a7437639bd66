"""Personal numbers, by their shape: citizens' numbers (18 or 15 digits) and mobile numbers. Whatever writes for operators passes through here, whatever put the number there."""

import re

WITHHELD = "[withheld]"
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?![0-9A-Za-z])")


def withheld(text: str) -> str:
    """The text with such numbers taken out."""
    return _NUMBER.sub(WITHHELD, text)
