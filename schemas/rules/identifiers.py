"""Numbers of organisations and persons, with their check digits.

统一社会信用代码 GB 32100-2015 · 组织机构代码 GB 11714-1997 · 工商注册号 (15 digits, ISO 7064 MOD 11,10) · 居民身份证号 GB 11643-1999.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from schemas.codes import code_set
from schemas.reason import masked
from schemas.rules.finding import Field, Finding, Frame, Row, Rule

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
RIC_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RIC_CHECK = "10X98765432"
FOREIGNER = "9"  # first digit of a foreigner's permanent residence card of 18 digits
MANGLED = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?E[+-]?[0-9]+")
_USCC = re.compile(f"[{USCC_ALPHABET}]{{18}}")
_ORG = re.compile(r"[0-9A-Z]{8}-?[0-9X]")
_RIC = re.compile(r"[0-9]{17}[0-9X]")
Parameters = Mapping[str, Any]


def uscc_check(code: str) -> str:
    """The 18th character that the first 17 ask for."""
    return USCC_ALPHABET[-sum(weight * USCC_ALPHABET.index(letter) for weight, letter in zip(USCC_WEIGHTS, code, strict=False)) % 31]


def org_check(code: str) -> str:
    """The 9th character that the first 8 ask for."""
    return "0123456789X0"[11 - sum(weight * int(letter, 36) for weight, letter in zip(ORG_WEIGHTS, code, strict=False)) % 11]


def regno_check(number: str) -> str:
    """The 15th digit that the first 14 ask for."""
    product = 10
    for digit in number[:14]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def ric_check(number: str) -> str:
    """The 18th character that the first 17 ask for."""
    return RIC_CHECK[sum(weight * int(digit) for weight, digit in zip(RIC_WEIGHTS, number, strict=False)) % 11]


@cache
def excepted() -> Mapping[str, str]:
    """Codes in use that fail the check, kept by the credit office: code → title."""
    return code_set("uscc_exceptions")


@cache
def places() -> Mapping[str, str]:
    """The first two digits of identity numbers: code → province."""
    return code_set("ric_place")


def mangled(value: str) -> bool:
    """Whether Excel made a number of a code and lost its last digits."""
    return MANGLED.fullmatch(value) is not None


def rewritten(field: Field, value: str) -> Finding:
    return Finding("R-XLS-01", f"“{field.title}”是 {masked(value, field.privacy)}：该号码已被 Excel 改写，请按文本填写。", "把该列设为“文本”格式后重新填写完整号码；改写时丢失的末几位无法恢复。")


def explain_uscc(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value, title = str(row.clean[field.name]), field.title
    if mangled(value):
        return rewritten(field, value)
    if len(value) != 18:
        return Finding("R-USCC-01", f"“{title}”有 {len(value)} 个字符，应为 18 位。", "请按营业执照填写完整的 18 位代码。")
    odd = sorted({letter for letter in value if letter not in USCC_ALPHABET})
    if odd:
        return Finding("R-USCC-02", f"“{title}”含有不会出现的字符 {'、'.join(odd)}（代码不用 I、O、S、V、Z）。", "请核对：常见的是把数字 0、1 写成了字母 O、I。")
    if value in excepted():
        return None
    if value[17] != (wanted := uscc_check(value)):
        return Finding("R-USCC-03", f"“{title}”第 18 位校验码应为 {wanted}，实为 {value[17]}。", "请按营业执照核对 18 位代码；确系在用的代码请向信用办申请列入例外。")
    return None


def suspect_uscc(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    column = frame.clean[field.name]
    bad = ~column.str.contains(f"^[{USCC_ALPHABET}]{{18}}$").fill_null(value=True)
    return bad | _wrong_check(column, ~bad & column.is_not_null(), _uscc_sums)


def _wrong_check(column: pl.Series, shaped: pl.Series, right: Any) -> pl.Series:
    wrong = np.zeros(len(column), dtype=bool)
    chosen = shaped.to_numpy()
    if chosen.any():
        letters = _letters(column.filter(shaped))
        wrong[chosen] = ~right(letters)
    return pl.Series(wrong)


def _letters(column: pl.Series) -> np.ndarray[Any, Any]:
    """Texts of one length in ASCII as a matrix of bytes, one row each."""
    joined = "".join(column.to_list()).encode()
    return np.frombuffer(joined, dtype=np.uint8).reshape(len(column), -1)


def _table(alphabet: str) -> np.ndarray[Any, Any]:
    table = np.zeros(256, dtype=np.int64)
    for value, letter in enumerate(alphabet):
        table[ord(letter)] = value
    return table


_USCC_TABLE, _ORG_TABLE = _table(USCC_ALPHABET), _table("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _uscc_sums(letters: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    values = _USCC_TABLE[letters]
    found: np.ndarray[Any, Any] = (-(values[:, :17] @ np.array(USCC_WEIGHTS)) % 31) == values[:, 17]
    return found


def explain_orgcode(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value, title = str(row.clean[field.name]), field.title
    if mangled(value):
        return rewritten(field, value)
    if not _ORG.fullmatch(value):
        return Finding("R-ORG-01", f"“{title}”应为 9 位（8 位数字或字母加 1 位校验码，可带连字符）。", "请按组织机构代码证填写。")
    plain = value.replace("-", "")
    if plain[8] != (wanted := org_check(plain)):
        return Finding("R-ORG-02", f"“{title}”第 9 位校验码应为 {wanted}，实为 {plain[8]}。", "请按组织机构代码证核对。")
    return None


def suspect_orgcode(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    column = frame.clean[field.name]
    plain = column.str.replace("-", "", literal=True)
    bad = ~column.str.contains(r"^[0-9A-Z]{8}-?[0-9X]$").fill_null(value=True)
    return bad | _wrong_check(plain, ~bad & column.is_not_null(), _org_sums)


def _org_sums(letters: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    remainder = 11 - (_ORG_TABLE[letters[:, :8]] @ np.array(ORG_WEIGHTS)) % 11
    wanted = np.frombuffer(b"0123456789X0", dtype=np.uint8)[remainder]
    found: np.ndarray[Any, Any] = wanted == letters[:, 8]
    return found


def explain_regno(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value, title = str(row.clean[field.name]), field.title
    if mangled(value):
        return rewritten(field, value)
    if not re.fullmatch(r"[0-9]{15}", value):
        return Finding("R-REG-01", f"“{title}”不是 15 位数字（2007 年以前的为 13 位，合作社等另有写法）。", "请核对；确实如此的不用改。")
    if value[14] != (wanted := regno_check(value)):
        return Finding("R-REG-02", f"“{title}”第 15 位校验码应为 {wanted}，实为 {value[14]}。", "请按营业执照核对 15 位注册号。")
    return None


def suspect_regno(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    column = frame.clean[field.name]
    bad = ~column.str.contains(r"^[0-9]{15}$").fill_null(value=True)
    return bad | _wrong_check(column, ~bad & column.is_not_null(), _regno_sound)


def _regno_sound(letters: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    digits = letters.astype(np.int64) - 48
    product = np.full(len(digits), 10)
    for place in range(14):
        rest = (product + digits[:, place]) % 10
        product = np.where(rest == 0, 10, rest) * 2 % 11
    found: np.ndarray[Any, Any] = (11 - product) % 10 == digits[:, 14]
    return found


def explain_taxno(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value, title = str(row.clean[field.name]), field.title
    if mangled(value):
        return rewritten(field, value)
    if not re.fullmatch(r"[0-9A-Z]{15,20}", value):
        return Finding("R-TAX-01", f"“{title}”应为 15 至 20 位数字或字母。", "请按税务登记证填写。")
    return None


def suspect_taxno(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    return ~frame.clean[field.name].str.contains(r"^[0-9A-Z]{15,20}$").fill_null(value=True)


def explain_ric(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value, title = str(row.clean[field.name]), field.title
    if mangled(value):
        return rewritten(field, value)
    if not _RIC.fullmatch(value):
        return Finding("R-RIC-01", f"“{title}”不是 18 位居民身份证号。", "15 位旧证、护照、通行证等请在备注中注明证件种类；其余请核对。")
    if not _born(value):
        return Finding("R-RIC-02", f"“{title}”第 7 至 14 位不是日期。", "请按身份证核对出生日期部分。")
    if value[17] != (wanted := ric_check(value)):
        return Finding("R-RIC-03", f"“{title}”第 18 位校验码应为 {wanted}，实为 {value[17]}。", "请按身份证核对 18 位号码。")
    if value[0] != FOREIGNER and value[:2] not in places():
        return Finding("R-RIC-04", f"“{title}”前两位 {value[:2]} 不是已知的省级行政区划。", "请按身份证核对前六位；确实如此的不用改。")
    return None


def _born(number: str) -> bool:
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    lengths = (31, 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return year >= 1800 and 1 <= month <= 12 and 1 <= day <= lengths[month - 1]


def suspect_ric(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    column = frame.clean[field.name]
    bad = ~column.str.contains(r"^[0-9]{17}[0-9X]$").fill_null(value=True)
    return bad | _wrong_check(column, ~bad & column.is_not_null(), _ric_sound)


def _ric_sound(letters: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    digits = letters.astype(np.int64) - 48
    wanted = np.frombuffer(RIC_CHECK.encode(), dtype=np.uint8)[(digits[:, :17] @ np.array(RIC_WEIGHTS)) % 11]
    year = digits[:, 6:10] @ np.array((1000, 100, 10, 1))
    month, day = digits[:, 10:12] @ np.array((10, 1)), digits[:, 12:14] @ np.array((10, 1))
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    lengths = np.array((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))[np.clip(month, 1, 12) - 1] + (leap & (month == 2))
    known = np.zeros(100, dtype=bool)
    known[[int(place) for place in places()]] = True
    placed = known[digits[:, 0] * 10 + digits[:, 1]] | (digits[:, 0] == int(FOREIGNER))
    found: np.ndarray[Any, Any] = (wanted == letters[:, 17]) & placed & (year >= 1800) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= lengths)
    return found


IDENTIFIERS = {
    "uscc": Rule(suspect_uscc, explain_uscc, "统一社会信用代码校验"),
    "orgcode": Rule(suspect_orgcode, explain_orgcode, "组织机构代码校验"),
    "regno": Rule(suspect_regno, explain_regno, "工商注册号校验"),
    "taxno": Rule(suspect_taxno, explain_taxno, "纳税人识别号写法"),
    "ric": Rule(suspect_ric, explain_ric, "居民身份证号校验"),
}
