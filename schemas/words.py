"""The closed lists of an item file, each value with its Chinese word: what `catalog_check` allows and what pages, workbooks and comparisons say. One row here is one more value everywhere."""

CATEGORIES = {word: word for word in ("基本", "资质", "履约", "失信", "表彰荣誉", "其它")}
SUBJECTS = {"organisation": "法人和其他组织", "person": "自然人", "any": "均可"}
KEY_SCOPES = {"department": "本部门", "city": "全市"}
FREQUENCIES = {"day": "每日", "week": "每周", "month": "每月", "quarter": "每季"}
DELETES = {"withdraw": "撤回", "housekeeping": "清理"}
USAGES = {"0": "公示", "1": "政府部门共享", "2": "授权查询"}
PRIVACY = {"none": "无", "person_number": "个人号码", "person_name": "个人姓名", "content": "可能含个人号码"}
KINDS = {"string": "字符型", "date": "日期型", "timestamp-millis": "日期时间型", "long": "整数型", "decimal-text": "数值型"}
# What became of a record, as its department reads it.
OUTCOMES = {"accepted": "已入库", "duplicate": "重复", "superseded": "被取代", "rejected": "退回", "excluded": "不在归集范围"}
WITHDRAWN = "已撤回"
# By attribute of an item or a field.
WORDS = {
    "category": CATEGORIES, "subject": SUBJECTS, "key_scope": KEY_SCOPES, "frequency": FREQUENCIES, "delete": DELETES, "usage": USAGES, "privacy": PRIVACY, "kind": KINDS,
}  # fmt: skip
