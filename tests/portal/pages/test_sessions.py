"""登录会话: seen and ended by their owner, by nobody else."""

import re

from portal.accounts.roles import Role
from tests.portal.desk import BOTH, Desk


@BOTH
def test_another_session_of_mine_is_shown_and_can_be_ended(desk: Desk) -> None:
    account = desk.account(Role.OFFICER)
    here, there = desk.enter(account), desk.enter(account)
    here.get("/account/sessions")
    (end,) = re.findall(r'action="(/account/sessions/[0-9a-f]+/end)"', here.page)
    assert "本次登录" in here.page
    here.follow(here.post(end))
    assert "已结束该登录会话" in here.page
    assert there.get("/my-work").status_code == 303
    assert here.get("/my-work").status_code == 200
    assert here.post(end).status_code == 404


def test_all_others_can_be_ended_together(desk: Desk) -> None:
    account = desk.account(Role.OFFICER)
    here, others = desk.enter(account), [desk.enter(account) for _ in range(2)]
    here.post("/account/sessions/end-others")
    assert [other.get("/my-work").status_code for other in others] == [303, 303]
    assert here.get("/my-work").status_code == 200


def test_a_session_of_somebody_else_cannot_be_ended_from_my_list(desk: Desk) -> None:
    mine, other = desk.account(Role.OFFICER), desk.account(Role.OFFICER)
    theirs = desk.enter(other)
    theirs.get("/account/sessions")
    with_two = desk.enter(other)
    with_two.get("/account/sessions")
    (end,) = re.findall(r'action="(/account/sessions/[0-9a-f]+/end)"', with_two.page)
    assert desk.enter(mine).post(end).status_code == 404
    assert theirs.get("/my-work").status_code == 200
