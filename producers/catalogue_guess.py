"""What a catalogue as issued leaves open, supposed from the words of its titles: codes, types, rules, key, dates.

Every supposition is told, so that the catalogue office looks at it; nothing that was said is changed.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

DATE = {"type": "int", "logicalType": "date"}
MONEY = {"type": "string", "logicalType": "decimal-text", "precision": 18, "scale": 2}
SINCE = "2015-01-01"


@dataclass(frozen=True)
class Guess:
    """Titles that contain ``words`` (a regular expression) are of this type, length, rules and privacy; ``example`` stands until a better one is given."""

    words: str
    example: str
    type: Any = "string"
    said: Mapping[str, Any] = field(default_factory=dict)


GUESSES = (
    Guess("统一社会信用代码|信用代码", "91440300708461136T", said={"length": 18, "rules": ["uscc"], "searchable": True}),
    Guess("组织机构代码", "55138508-2", said={"length": 10, "rules": ["orgcode"]}),
    Guess("注册号|工商登记码", "110108000000016", said={"length": 15, "rules": ["regno"]}),
    Guess("税务登记号|纳税人识别号", "91440300708461136T", said={"length": 20, "rules": ["taxno"], "privacy": "content"}),
    Guess("身份证", "11010519491231002X", said={"length": 18, "rules": ["ric"], "privacy": "person_number"}),
    Guess("电话|手机", "0531-12345678", said={"length": 20, "rules": ["phone"]}),
    Guess("日期|时间|有效期|截止期|起始|届满|时间戳", "2017-06-01", DATE),
    Guess("金额|元）|元\\)|税额|费额|注册资本", "1000.00", MONEY, {"rules": ["amount"]}),
    Guess("人数|数量|次数|年龄", "1", "long", {"rules": ["amount"]}),
    Guess("年度|年份", "2016", said={"length": 4, "pattern": "\\d{4}"}),
    Guess("法定代表人|负责人|联系人|姓名", "张三", said={"length": 64, "privacy": "person_name"}),
    Guess("文号|文书号|案号|编号|证号", "济字〔2017〕1号", said={"length": 128, "searchable": True}),
    Guess("内容|事由|依据|结果|情况|原因|备注|说明|范围|理由", "按决定书填写", said={"length": 2000, "privacy": "content"}),
    Guess("名称|单位|企业", "济南泉城建筑有限公司", said={"length": 256, "searchable": True}),
    Guess("", "按原件填写", said={"length": 256}),
)
CATEGORIES = (("基本|登记|注册", "基本"), ("资质|许可|资格", "资质"), ("履约|缴费|缴存", "履约"), ("失信|不良|处罚|欠|黑名单|警示|提示", "失信"), ("荣誉|表彰|良好|奖励|守信", "表彰荣誉"))
COLUMNS = {"type": "类型", "length": "长度", "rules": "规则", "privacy": "隐私", "pattern": "写法", "searchable": "可检索"}
KEYS = ("文号|文书号|案号|编号|(?<!身份)证号", "统一社会信用代码|身份证")  # a document's number before the number of whom it is about


def unused(name: str, taken: Mapping[str, Any] | set[str]) -> str:
    """The name, or the first of name2, name3 … that is not taken (small and capital letters count as the same)."""
    low = {each.lower() for each in taken}
    number, found = 1, name
    while found.lower() in low:
        number += 1
        found = f"{name}{number}"
    return found


def category(words: str) -> str:
    """The catalogue's category for what an issued catalogue calls it; 其它 where the words mean none."""
    return next((found for pattern, found in CATEGORIES if re.search(pattern, words)), "其它")


def complete_field(spec: dict[str, Any], titles: Collection[str], *, required: bool) -> Iterator[str]:
    """Fills in what a field lacks and yields what was supposed. ``titles``: the columns of its sheet; where there is one for an attribute, a blank means none."""
    guess = next(each for each in GUESSES if re.search(each.words, spec["title"]))
    if "type" not in spec:
        spec |= {"type": guess.type} if required else {"type": ["null", guess.type], "default": None}
        yield COLUMNS["type"]
    plain = spec["type"] if not isinstance(spec["type"], list) else spec["type"][1]
    same = plain == guess.type  # a rule belongs to a kind of value: not where the workbook says another
    for name, value in guess.said.items():
        if same and name not in spec and COLUMNS[name] not in titles:
            spec[name] = value
            yield COLUMNS[name]
    if required and not spec.get("example"):
        spec["example"] = guess.example if same else _plain_example(plain)
        yield "示例"


def _plain_example(plain: Any) -> str:
    return {"string": "按原件填写", "long": "1"}.get(plain) or ("2017-06-01" if plain.get("logicalType") in ("date", "timestamp-millis") else "1")


def complete_item(spec: dict[str, Any], words: str, *, scoped: bool, ruled: bool) -> Iterator[str]:
    """Fills in what an item lacks and yields, in Chinese, what was supposed. ``words``: what the workbook calls its category;
    ``scoped``, ``ruled``: whether it has columns for the first day collected and for rules.
    """
    about, fields = spec["catalogue"], spec["fields"]
    by_name = {each["name"]: each for each in fields}
    if "category" not in about:
        about["category"] = category(words or about.get("title", ""))
        yield f"类别：暂按“{about['category']}”"
    if "key" not in about:
        key = next((each for words in KEYS for each in fields if re.search(words, each["title"])), fields[0])
        about["key"] = [key["name"]]
        yield f"识别键：暂按“{key['title']}”，请核对它能否认准一条记录"
    for name in about["key"]:
        if isinstance(by_name.get(name, {}).get("type"), list):
            _require(by_name[name])
            yield f"必填：识别键“{by_name[name]['title']}”"
    dates = [each for each in fields if DATE in (each["type"], each["type"][1] if isinstance(each["type"], list) else None)]
    if "dated_by" not in about and dates:
        about["dated_by"] = dates[0]["name"]
        yield f"计日字段：暂按“{dates[0]['title']}”"
    if "subject" not in about:
        about["subject"] = _subject(fields)
        yield "主体类别"
    if "scope" not in about and not scoped:
        about["scope"] = {"since": SINCE}
        yield f"归集起始日：暂按 {SINCE}"
    for name, value, title in (("key_scope", "department", "键的范围"), ("frequency", "month", "报送频率"), ("usage", "1", "使用范围"), ("source", "drafted", "依据")):
        if name not in about:
            about[name] = value
            yield title
    first = next((each for each in fields if re.search("名称|姓名", each["title"])), None)
    if not ruled and first and first["type"] in ("string", ["null", "string"]):
        first["rules"] = ["name"]
        yield f"主体名称：暂按“{first['title']}”"


def _require(spec: dict[str, Any]) -> None:
    spec["type"] = spec["type"][1]
    spec.pop("default", None)
    if not spec.get("example"):
        guess = next(each for each in GUESSES if re.search(each.words, spec["title"]))
        spec["example"] = guess.example if guess.type == spec["type"] else _plain_example(spec["type"])


def _subject(fields: list[dict[str, Any]]) -> str:
    person = any("身份证" in each["title"] for each in fields)
    organisation = any(re.search("信用代码|组织机构代码|注册号", each["title"]) for each in fields)
    return "any" if person and organisation else "person" if person else "organisation"
