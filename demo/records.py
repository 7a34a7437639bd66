"""Clean records of the three items, as canonical text: what must stand in the warehouse when a department says them without a mistake."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random

from demo.subjects import company, person

Record = dict[str, str | None]
PROJECTS = ["建筑工程施工许可", "道路运输经营许可", "排污许可", "城市建筑垃圾处置核准", "商品房预售许可", "占用城市道路许可"]
OFFENCES = ["超标排放水污染物", "未批先建", "扬尘污染防治不力", "超范围经营", "未按规定公示信息", "违反安全生产规定"]
KINDS = ["警告", "罚款", "没收违法所得、没收非法财物", "责令停产停业"]
CERTIFICATES = ["一级建造师", "注册会计师", "执业药师", "注册安全工程师", "监理工程师"]


def _day(rng: Random, first: date = date(2015, 1, 5), last: date = date(2017, 9, 20)) -> date:
    return first + timedelta(days=rng.randint(0, (last - first).days))


def licence(rng: Random, mark: str, number: int, authority: str) -> Record:
    """行政许可. One in twelve holders is a natural person, one in fifteen decisions has no number."""
    decided = _day(rng)
    natural = rng.random() < 1 / 12
    holder, firm = person(rng), company(rng)
    project = rng.choice(PROJECTS)
    numberless = rng.random() < 1 / 15
    return {
        "XK_WSH": "空" if numberless else f"济{mark}许〔{decided.year}〕{number}号", "XK_XMMC": f"{project}（{mark}{number}）", "XK_SPLB": rng.choice(["普通", "特许", "认可", "核准", "登记"]),
        "XK_NR": f"准予{project}，第{number}号", "XK_XDR": holder.name if natural else firm.name, "XK_XDR_SHXYM": None if natural else firm.uscc,
        "XK_XDR_ZDM": None if natural or rng.random() < 0.7 else firm.org_code, "XK_XDR_SFZ": holder.number if natural else None, "XK_FR": None if natural else firm.head,
        "XK_JDRQ": decided.isoformat(), "XK_JZQ": rng.choice([None, "2099-12-31", (decided + timedelta(days=1095)).isoformat()]), "XK_XZJG": authority, "XK_ZT": "0",
        "DFBM": "370100", "SJC": (decided + timedelta(days=rng.randint(0, 9))).isoformat(), "XK_SYFW": "0",
    }  # fmt: skip


def penalty(rng: Random, mark: str, number: int, authority: str) -> Record:
    """行政处罚, of companies."""
    decided, firm, offence = _day(rng), company(rng), rng.choice(OFFENCES)
    return {
        "CF_WSH": f"济{mark}罚字〔{decided.year}〕{number}号", "CF_CFMC": f"{offence}案（{mark}{number}）", "CF_CFLB1": rng.choice(KINDS), "CF_SY": f"当事人{offence}，经调查属实",
        "CF_YJ": "《中华人民共和国行政处罚法》及有关规定", "CF_XDR_MC": firm.name, "CF_XDR_SHXYM": firm.uscc, "CF_FR": firm.head, "CF_JG": f"罚款人民币{rng.randint(1, 50)}万元",
        "CF_JDRQ": decided.isoformat(), "CF_XZJG": authority, "CF_ZT": "0", "DFBM": "370100", "SJC": (decided + timedelta(days=rng.randint(0, 9))).isoformat(), "CF_SYFW": "0",
        "CF_SXYZCD": rng.choice([None, "0", "1", "2"]),
    }  # fmt: skip


def qualification(rng: Random, mark: str, number: int, authority: str) -> Record:
    """专业技术人员职业资格."""
    issued, holder = _day(rng), person(rng)
    return {
        "XM": holder.name, "SFZH": holder.number, "ZGMC": rng.choice(CERTIFICATES), "ZGJB": rng.choice([None, "初级", "中级", "高级"]), "ZGZS_BH": f"鲁{mark}{issued.year}{number:06d}",
        "FZJG": authority, "FZRQ": issued.isoformat(), "YXQZ": None, "ZT": "0", "DFBM": "370100", "SJC": issued.isoformat(),
    }  # fmt: skip


MAKERS: Mapping[str, Callable[[Random, str, int, str], Record]] = {"xzxk": licence, "xzcf": penalty, "zyzg": qualification}
