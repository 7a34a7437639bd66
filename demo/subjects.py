"""Companies and persons that do not exist, with numbers whose check digits are right. Computed here from the standards' texts, not by the product's rules: the demo compares the two."""

from dataclasses import dataclass
from random import Random

PLACES = ["济南", "济南历下", "济南市中", "济南槐荫", "济南天桥", "济南历城", "山东", "济南泉城", "济南高新"]
WORDS = ["鼎盛", "恒泰", "润泽", "金鹏", "华昱", "鑫源", "明湖", "趵突", "千佛", "黄台", "舜耕", "泺源", "龙奥", "汉峪", "珍珠泉", "䶮海", "燚林", "喆诚", "堃元", "瑢安"]
TRADES = ["建筑工程", "环保科技", "化工", "物流运输", "餐饮管理", "医药", "机械制造", "装饰", "市政园林", "食品", "汽车服务", "信息技术"]
FORMS = ["有限公司", "股份有限公司", "有限责任公司", "集团有限公司"]
FAMILY, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "伟芳娜敏静秀丽强磊洋艳勇军杰娟涛超明霞平刚桂英"
DISTRICTS = ["370102", "370103", "370104", "370105", "370112", "370113"]
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Company:
    name: str
    uscc: str
    org_code: str
    head: str


@dataclass(frozen=True)
class Person:
    name: str
    number: str


def org_code(body: str) -> str:
    """GB 11714: eight characters and their check character."""
    total = sum((ord(letter) - 48 if letter.isdigit() else ord(letter) - 55) * weight for letter, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    check = 11 - total % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


def credit_code(body: str) -> str:
    """GB 32100: seventeen characters and their check character."""
    total = sum(_USCC.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return body + _USCC[(31 - total % 31) % 31]


def identity_number(body: str) -> str:
    """GB 11643: seventeen digits and their check character (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def person(rng: Random) -> Person:
    born = f"{rng.randint(1955, 1995)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    name = rng.choice(FAMILY) + "".join(rng.sample(GIVEN, rng.randint(1, 2)))
    return Person(name, identity_number(rng.choice(DISTRICTS) + born + f"{rng.randint(1, 999):03d}"))


def company(rng: Random) -> Company:
    name = rng.choice(PLACES) + rng.choice(WORDS) + rng.choice(WORDS) + rng.choice(TRADES) + rng.choice(FORMS)
    code = org_code(f"{rng.randint(10**7, 10**8 - 1)}" if rng.random() < 0.5 else "MA3" + "".join(rng.choice("0123456789ABCDEFGHJK") for _ in range(5)))
    return Company(name, credit_code("91" + rng.choice(DISTRICTS) + code), code, person(rng).name)
