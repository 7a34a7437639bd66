"""政务查询 for departments' own systems: the same look-up as the page's, with a token whose scope is the query. Nothing by authorisation: a system cannot show the paper.

What is asked travels in the body, so that no address holds a number. Every look-up is written down before it is answered.
"""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials

from portal import site as sites
from portal import tokens
from portal.audit import journal
from portal.audit.journal import Deed
from portal.frame.access import BY_TOKEN
from portal.government import api_models as models
from portal.government import asking, ledger, lists
from portal.government.asking import COMPANY, PERSON, Draft
from portal.government.inquiry import Candidate, Inquiry
from portal.government.ledger import Answer, Asker, Question
from portal.government.record import Record
from portal.site import Site
from producers.api_errors import ErrorBody
from producers.api_models import ERRORS
from producers.api_schema import PREFIX
from producers.interface import BEARER
from producers.principal import QUERY, Principal
from producers.refusal import Refusal

MOST_BYTES = 16 << 10
ACTION = "接口政务查询"
NAMES = {"subject": "said", "name": "person"}  # what a body calls it → what a draft does
TITLES = {"subject": "所查企业", "number": "身份证号", "name": "姓名", "matter": "事由", "case_number": "案号/文号"}
SAID = {403: "令牌不是用于政务查询的", 413: "请求体过大", 422: "请求体不是 JSON 对象，或有字段不对（全部列在 details 中）", 503: "暂时查不到：数据仓库没有应答"}
RESPONSES: dict[int | str, dict[str, Any]] = {401: ERRORS[401], 429: ERRORS[429], **{key: {"model": ErrorBody, "description": words} for key, words in SAID.items()}}
Credentials = Annotated[HTTPAuthorizationCredentials | None, BEARER]

router = APIRouter(prefix=f"{PREFIX}/query", tags=["政务查询"], dependencies=[BY_TOKEN], responses=RESPONSES)


@router.post("/organisations", summary="查询企业和其他组织", response_model=models.LookedUpBody, openapi_extra=models.request_body(models.COMPANY, {"subject": "91370102678901232X"}))
async def organisations(request: Request, who: Credentials) -> models.LookedUpBody:
    """按代码或全称查询，返回各部门提供的现行记录（公示的和政府部门共享的）。每次查询都有记录，提供部门可以看到。"""
    said = await _body(request, (*models.COMPANY, *models.REASONS), who)
    return await run_in_threadpool(_looked_up, request, said[0], said[1], COMPANY)


@router.post("/persons", summary="查询自然人", response_model=models.LookedUpBody, openapi_extra=models.request_body(models.PERSON, {"number": "11010519491231002X", "name": "张三"}))
async def persons(request: Request, who: Credentials) -> models.LookedUpBody:
    """按完整的身份证号和姓名查询，两者都相符才查得到。"""
    said = await _body(request, (*models.PERSON, *models.REASONS), who)
    return await run_in_threadpool(_looked_up, request, said[0], said[1], PERSON)


def _caller(site: Site, credentials: HTTPAuthorizationCredentials | None) -> Principal:
    """Raises Refusal `unauthorized`, `forbidden` or `too_fast`."""
    principal = tokens.authenticate(site.database, credentials.credentials, site.now()) if credentials else None
    if principal is None:
        raise Refusal("unauthorized", "没有令牌，或令牌无效、已过期、已撤销。", "请在请求头写 Authorization: Bearer <令牌>；令牌在平台的“数据接口”页面建立。")
    if principal.scope != QUERY:
        raise Refusal("forbidden", "这个令牌用于报送，不能查询。", "请在平台的“数据接口”页面建立用途为“政务查询”的令牌。")
    site.look_ups.spend(f"token {principal.prefix}")
    return principal


async def _body(request: Request, names: tuple[str, ...], who: HTTPAuthorizationCredentials | None) -> tuple[Principal, dict[str, str]]:
    """Who calls and the members of the JSON object, texts all. Raises Refusal with everything that is wrong with them."""
    caller = await run_in_threadpool(_caller, sites.of(request), who)
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BYTES:
            raise Refusal("too_big", f"请求体超过 {MOST_BYTES >> 10} KB。", "一次查询一个对象。")
    try:
        said = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as fault:
        raise Refusal("malformed", "请求体应为 UTF-8 的 JSON 对象。", "请改正后重试，说明见 /api/docs。") from fault
    if not isinstance(said, dict):
        raise Refusal("malformed", "请求体应为 JSON 对象。", "请改正后重试，说明见 /api/docs。")
    wrong = [_detail(name, "没有这个字段。") for name in sorted(said.keys() - set(names))[:20]]
    wrong += [_detail(name, "应为字符串。") for name in names if not isinstance(said.get(name, ""), str)]
    texts = {name: _text(said.get(name, "")) for name in names}
    draft = _draft(texts, PERSON if "number" in names else COMPANY)
    called = {ours: theirs for theirs, ours in NAMES.items()}
    wrong += [_detail(called.get(name, name), words) for name, words in asking.faults(draft, None).items() if not any(each["place"] == called.get(name, name) for each in wrong)]
    if wrong:
        raise Refusal("invalid", f"有 {len(wrong)} 处不对：{'；'.join(TITLES.get(each['place'], '多余的字段') for each in wrong)}。", "请按 details 逐处改正后重试；没有查询。", wrong)
    return caller, texts


def _text(value: object) -> str:
    """A JSON text without what no database can keep."""
    return "".join(letter for letter in value if letter.isprintable()).strip() if isinstance(value, str) else ""


def _detail(place: str, words: str) -> dict[str, str]:
    return {"place": asking.covered(place)[:64], "title": TITLES.get(place, ""), "reason": words}


def _draft(texts: dict[str, str], kind: str) -> Draft:
    said: dict[str, Any] = {NAMES.get(name, name): text for name, text in texts.items()}
    return Draft(kind, **said)


def _looked_up(request: Request, caller: Principal, texts: dict[str, str], kind: str) -> models.LookedUpBody:
    site, draft = sites.of(request), _draft(texts, kind)
    address = request.client.host if request.client else ""
    with site.database() as database:
        answer, several = _answer(lists.inquiry(site, database), draft)
    asker = Asker(None, "", "", "", caller.department, f"{caller.client} gj_{caller.prefix}", address)
    now = site.now()
    with site.database.begin() as database:
        made = ledger.add(database, asker, Question(ledger.API, kind, draft.asked, draft.matter, draft.case_number), answer, now)
        deed = Deed(ACTION, f"{made.number} {made.subject or made.asked} 事由：{draft.matter} 案号：{draft.case_number}", caller.department, address)
        journal.record_client(database, deed, caller.department, asker.client, now)
    candidates = [models.CandidateBody(name=each.name, code=each.code) for each in several]
    found = [_standing(site, each) for each in answer.records]
    return models.LookedUpBody(number=made.number, outcome=answer.outcome, as_of=now.astimezone(site.zone), subject=made.subject, candidates=candidates, records=found)


def _answer(asked: Inquiry, draft: Draft) -> tuple[Answer, list[Candidate]]:
    if draft.kind == PERSON:
        records = asked.person(draft.plain_number, draft.person, draft.usages)
        return Answer(ledger.FOUND if records else ledger.NONE, draft.asked if records else "", records), []
    found = asked.companies(draft.said)
    return lists.told(asked, found), found if len(found) > 1 else []


def _standing(site: Site, record: Record) -> models.StandingBody:
    department = site.departments.get(record.department)
    fields: list[Any] = [models.FieldBody(code=fact.name, title=fact.title, text=fact.text) for fact in record.facts]
    return models.StandingBody(
        number=record.number, item=record.item.code, title=record.item.title, department=record.department, department_name=department.name if department else "",
        way=record.way, decided=record.decided, received=record.received, usage=record.usage, mark=record.mark, fields=fields,
    )  # fmt: skip
