"""What departments get wrong, one function a kind of mistake, with the reasons it must be told. Written down here by hand: never asked of the rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from demo.records import Record
from demo.subjects import identity_number

Change = Callable[[Record, "Names", Random], None]


@dataclass(frozen=True)
class Names:
    """An item's fields by the part they play; blank where the item has none."""

    uscc: str = ""
    number: str = ""  # 居民身份证号
    party: str = ""
    head: str = ""
    free: str = ""
    codes: str = ""
    decided: str = ""
    until: str = ""
    changed: str = "SJC"
    group: tuple[str, ...] = ()


NAMES = {
    "xzxk": Names("XK_XDR_SHXYM", "XK_XDR_SFZ", "XK_XDR", "XK_FR", "XK_NR", "XK_SPLB", "XK_JDRQ", "XK_JZQ", group=("XK_XDR_SHXYM", "XK_XDR_ZDM")),
    "xzcf": Names("CF_XDR_SHXYM", "CF_XDR_SFZ", "CF_XDR_MC", "CF_FR", "CF_SY", "CF_CFLB1", "CF_JDRQ", "CF_GSJZQ", group=("CF_XDR_SHXYM",)),
    "zyzg": Names("", "SFZH", "XM", "", "ZGMC", "ZGJB", "FZRQ", "YXQZ"),
}


def _wrong_check(record: Record, names: Names, _rng: Random) -> None:
    code = str(record[names.uscc])
    record[names.uscc] = code[:17] + ("A" if code[17] != "A" else "B")


def _letter(record: Record, names: Names, _rng: Random) -> None:
    record[names.uscc] = "9I" + str(record[names.uscc])[2:]


def _short(record: Record, names: Names, _rng: Random) -> None:
    record[names.uscc] = str(record[names.uscc])[:17]


def _mangled(record: Record, names: Names, rng: Random) -> None:
    record[names.number] = f"3.70102{rng.randint(10**8, 10**9 - 1)}E+17"


def _missing(record: Record, names: Names, _rng: Random) -> None:
    record[names.free] = None


def _no_code(record: Record, names: Names, _rng: Random) -> None:
    for name in names.group:
        record[name] = None


def _future(record: Record, names: Names, _rng: Random) -> None:
    record[names.decided] = "2108" + str(record[names.decided])[4:]
    record[names.changed] = record[names.decided]
    if names.until in record:
        record[names.until] = None


def _ends_before(record: Record, names: Names, _rng: Random) -> None:
    record[names.until] = "2014-12-31"


def _unknown_code(record: Record, names: Names, _rng: Random) -> None:
    record[names.codes] = "备案类"


def _other(record: Record, names: Names, _rng: Random) -> None:
    record[names.codes] = "其他"


def _too_long(record: Record, names: Names, _rng: Random) -> None:
    record[names.free] = "经" * 2100


def _placeholder(record: Record, names: Names, _rng: Random) -> None:
    record[names.free] = "/"


def _no_date(record: Record, names: Names, _rng: Random) -> None:
    record[names.decided] = "二〇一七年"


def _wrong_number(record: Record, names: Names, _rng: Random) -> None:
    number = str(record.get(names.number) or identity_number("37010219800101123"))
    record[names.number] = number[:17] + ("1" if number[17] != "1" else "2")


def _no_head(record: Record, names: Names, _rng: Random) -> None:
    record[names.head] = None


def _both(record: Record, names: Names, rng: Random) -> None:
    _unknown_code(record, names, rng)
    _wrong_check(record, names, rng)


# Harmless: the record must be accepted, and say the same as the clean one.
def _wide(record: Record, names: Names, _rng: Random) -> None:
    record[names.uscc] = "".join(chr(ord(letter) + 0xFEE0) for letter in str(record[names.uscc]))


def _spaces(record: Record, names: Names, _rng: Random) -> None:
    record[names.party] = f"\u00a0{record[names.party]} \u3000"


def _slashes(record: Record, names: Names, _rng: Random) -> None:
    year, month, day = str(record[names.decided]).split("-")
    record[names.decided] = f"{year}/{int(month)}/{int(day)}"


def _dots(record: Record, names: Names, _rng: Random) -> None:
    record[names.decided] = str(record[names.decided]).replace("-", ".")


def _chinese_date(record: Record, names: Names, _rng: Random) -> None:
    year, month, day = str(record[names.decided]).split("-")
    record[names.decided] = f"{year}年{int(month)}月{int(day)}日"


def _run_together(record: Record, names: Names, _rng: Random) -> None:
    record[names.decided] = str(record[names.decided]).replace("-", "")


def _long_term(record: Record, names: Names, _rng: Random) -> None:
    record[names.until] = "2099/12/31"


def _small_letters(record: Record, names: Names, _rng: Random) -> None:
    record[names.uscc] = str(record[names.uscc]).lower()


@dataclass(frozen=True)
class Mistake:
    """`rules`: the reasons it must be told, in the order of the item's fields; none for a harmless one. `needs`: the part of `Names` it spoils, which must be filled."""

    name: str
    change: Change
    rules: tuple[str, ...]
    needs: str
    text_only: bool = False  # a database's date column cannot hold it


MISTAKES = (
    Mistake("wrong check digit", _wrong_check, ("R-USCC-03",), "uscc"),
    Mistake("impossible letter", _letter, ("R-USCC-02",), "uscc"),
    Mistake("17 characters", _short, ("R-USCC-01",), "uscc"),
    Mistake("rewritten by Excel", _mangled, ("R-XLS-01",), "number"),
    Mistake("required and blank", _missing, ("R-REQ-01",), "free"),
    Mistake("no code of the group", _no_code, ("R-REQ-02",), "uscc"),
    Mistake("date in the future", _future, ("R-DATE-02",), "decided"),
    Mistake("ends before the decision", _ends_before, ("R-DATE-03",), "until"),
    Mistake("unknown code", _unknown_code, ("R-CODE-01",), "codes"),
    Mistake("other without a note", _other, ("R-CODE-02",), "codes"),
    Mistake("too long", _too_long, ("R-LEN-01",), "free"),
    Mistake("placeholder", _placeholder, ("R-PLH-01",), "free"),
    Mistake("not a date", _no_date, ("R-DATE-01",), "decided", text_only=True),
    Mistake("wrong identity number", _wrong_number, ("R-RIC-03",), "number"),
    Mistake("no legal representative", _no_head, ("R-REQ-03",), "head"),
    Mistake("two at once", _both, ("R-CODE-01", "R-USCC-03"), "uscc"),
)
HARMLESS = (
    Mistake("full-width code", _wide, (), "uscc"),
    Mistake("blanks nobody sees", _spaces, (), "party"),
    Mistake("2017/6/1", _slashes, (), "decided", text_only=True),
    Mistake("2017.06.01", _dots, (), "decided", text_only=True),
    Mistake("2017年6月1日", _chinese_date, (), "decided", text_only=True),
    Mistake("20170601", _run_together, (), "decided", text_only=True),
    Mistake("2099/12/31", _long_term, (), "until", text_only=True),
    Mistake("small letters", _small_letters, (), "uscc"),
)
NOT_OF: Mapping[str, set[str]] = {
    "xzxk": {"no legal representative"},
    "xzcf": {"2099/12/31"},
    "zyzg": {"two at once", "other without a note", "2099/12/31", "too long"},
}


def fits(mistake: Mistake, item: str, record: Record, *, dates_typed: bool) -> bool:
    """Whether a mistake can be made in this record by this way."""
    name = getattr(NAMES[item], mistake.needs)
    if not name or mistake.name in NOT_OF[item] or (dates_typed and mistake.text_only):
        return False
    if mistake.needs in ("uscc", "free", "party", "decided", "head"):
        return record.get(name) is not None
    if mistake.needs == "number":
        return item == "zyzg" or record.get(NAMES[item].uscc) is not None
    return True
