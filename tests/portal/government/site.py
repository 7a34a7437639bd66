"""Look-ups as the pages make them, and a warehouse with one of everything that they may show."""

import json
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.government import ledger
from portal.government.ledger import Answer, Asker, Question
from portal.government.record import Record
from portal.government.tables import Authorisation, CompanyList, LookUp
from portal.public import attachments
from tests.loaders.records import Records
from tests.portal.desk import CATALOG, Desk

CODE, OTHER, NUMBER, OLD = "91370102678901232X", "91440300708461136T", "11010519491231002X", "110105491231002"
NAME = "济南泉城化工有限公司"
WHY = {"matter": "审查施工许可申请", "case_number": "济建许受〔2017〕12号"}
PENALTY = {"CF_CFMC": "超标排放水污染物", "CF_XDR_MC": NAME, "CF_XDR_SHXYM": CODE, "CF_ZT": "0", "CF_JDRQ": date(2017, 5, 10)}
PROOF = [("授权书.pdf", b"%PDF-1.4")]


def fill(records: Records) -> None:
    """A company with a register, a penalty of each usage by 环保局 and a permit by 住建委; a person with a penalty of each usage and a licence; a company that no register knows."""
    records.put("qydj", '["qydj",null,"1"]', department="gsj", QYMC=NAME, TYSHXYDM=CODE, CYMC="济南老厂化工有限公司", FDDBR="李四", FDDBRZJHM=NUMBER, DJZT="存续")
    for usage, words in (("0", "公示的处罚"), ("1", "共享的处罚"), ("2", "授权的处罚")):
        records.put("xzcf", f'["xzcf","hbj","{usage}"]', department="hbj", CF_WSH=f"济环罚字〔2017〕{usage}号", CF_SY=words, CF_SYFW=usage, **PENALTY)
        person = PENALTY | {"CF_XDR_MC": "张三丰", "CF_XDR_SHXYM": None, "CF_XDR_SFZ": NUMBER, "CF_SY": f"本人{words}"}
        records.put("xzcf", f'["xzcf","hbj","人{usage}"]', department="hbj", CF_WSH=f"济环罚字〔2017〕9{usage}号", CF_SYFW=usage, **person)
    records.put("xzxk", '["xzxk","zjj","1"]', XK_WSH="济建许〔2017〕1号", XK_XMMC="施工许可", XK_XDR=NAME, XK_XDR_SHXYM=CODE, XK_SYFW="0", XK_ZT="0", XK_JDRQ=date(2017, 6, 1))
    records.put("lszy", '["lszy","1"]', department="sfj", XM="张三丰", SFZH=OLD)
    records.put("xzcf", '["xzcf","hbj","9"]', department="hbj", CF_SYFW="0", **PENALTY | {"CF_XDR_MC": "上海外地有限公司", "CF_XDR_SHXYM": OTHER})
    records.link()


def asker(account_id: int | None = 1, department: str = "zjj", role: str = "officer", client: str = "") -> Asker:
    return Asker(account_id, "zhang", "张伟", role, department, client, "10.1.2.3")


def shown(department: str = "zjj", item: str = "xzxk", key: str = "k", version: int = 7) -> Record:
    return Record(CATALOG()[item], key, version, f"{item}-0-1", department, "数据录入", None, None, "0", "公示中", "", "", ())


def looked_up(desk: Desk, database: Session, account_id: int, subject: str, key: str) -> dict[str, Any]:
    """A look-up by this account with an authorisation, and a list that is done; their numbers by what addresses call them."""
    why = ("审查许可申请", "济建〔2017〕1号")
    made: LookUp = ledger.add(database, asker(account_id), Question(ledger.PAGE, "organisation", subject, *why, authorised=True), Answer(ledger.FOUND, subject, [shown(key=key)]), desk.clock())
    with attachments.kept(desk.settings.home, PROOF) as (stored,):
        paper = Authorisation(look_up_id=made.id, name="授权书.pdf", kind="pdf", size=6, stored=stored)
    listed = CompanyList(
        number=f"QD{made.id}", account_id=account_id, asker=json.dumps(vars(asker(account_id))), matter=subject, case_number="济", companies="[]",
        total=0, repeated=0, made_at=desk.clock(), ended_at=desk.clock(),
    )  # fmt: skip
    database.add_all([paper, listed])
    database.flush()
    return {"look_up": made.number, "listed": listed.number, "authorisation": paper.id, "shown": "xzxk-0-1"}
