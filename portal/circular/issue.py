"""Issuing: the number of the year, the result for good, the documents as they were signed, in one transaction."""

from collections.abc import Callable, Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.roles import Role
from portal.circular import frozen, office, steps
from portal.circular.frozen import Packed
from portal.circular.office import Act
from portal.circular.shelf import File
from portal.circular.tables import CIRCULAR, Issue
from producers.refusal import Refusal
from schemas.obligations import score

Documents = Callable[[File], Sequence[Packed]]


def waits(file: File, act: Act) -> list[str]:
    """Why it cannot be signed now; empty when it can."""
    if file.circular.kind == CIRCULAR:
        if file.standing.state != steps.CONSULTING:
            return [f"现在是“{file.standing.state}”"]
        return file.standing.waits_for(file.departments, act.today)
    return [] if file.standing.state == steps.DRAFTED and file.standing.corrections else ["还没有写入更正" if file.standing.state == steps.DRAFTED else f"现在是“{file.standing.state}”"]


def issue(database: Session, file: File, documents: Documents, act: Act) -> Issue:
    """Sign and number it; nothing of it changes from then on. Raises Refusal `forbidden`, `conflict`."""
    if act.who.role is not Role.OFFICE:
        raise Refusal("forbidden", "通报由市信用办签发。", "请由信用办的账号办理。")
    if reasons := waits(file, act):
        raise Refusal("conflict", f"还不能签发：{'；'.join(reasons)}。", "请刷新页面，看过现在的内容再做。")
    year = act.today.year
    number = 1 + (database.scalar(select(func.max(Issue.number)).where(Issue.year == year)) or 0)
    said = frozen.text(file.own)
    file.issue = Issue(
        circular_id=file.circular.id, year=year, number=number, document=f"{score.of(file.text['score']).number}〔{year}〕{number}号", content=said, digest=frozen.digest(said),
        signer=act.who.name, username=act.who.username, at=act.now,
    )  # fmt: skip
    database.add(file.issue)
    try:
        database.flush()
    except IntegrityError as fault:
        raise Refusal("conflict", "另一份文件刚刚取了这个文号，没有签发。", "请再办理一次。") from fault
    office.step(database, file, steps.ISSUE, {"document": file.issue.document}, act)
    office.keep(database, file.circular, documents(file))
    database.flush()
    return file.issue
