"""The seven kinds of people, what they are called, who belongs to a department and who may appoint whom."""

from enum import StrEnum


class Role(StrEnum):
    """Stored by its value, which is never changed."""

    OFFICER = "officer"
    REVIEWER = "reviewer"
    OFFICE = "office"
    CENTRE = "centre"
    ANALYST = "analyst"
    OPERATOR = "operator"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        return TITLES[self]


TITLES = {
    Role.OFFICER: "部门经办", Role.REVIEWER: "部门审核", Role.OFFICE: "信用办", Role.CENTRE: "归集中心", Role.ANALYST: "分析", Role.OPERATOR: "运维", Role.AUDITOR: "审计",
}  # fmt: skip
# What each may do, as the pages tell whoever chooses one.
DUTIES = {
    Role.OFFICER: "为本部门报送、录入，管理本部门的接口令牌", Role.REVIEWER: "审核本部门的报送，查看本部门人员", Role.OFFICE: "统筹归集工作，建立部门账号",
    Role.CENTRE: "建设和运行平台，管理全部账号", Role.ANALYST: "查询和分析归集结果", Role.OPERATOR: "维护平台的运行", Role.AUDITOR: "查阅全部操作记录",
}  # fmt: skip
DEPARTMENTAL = frozenset({Role.OFFICER, Role.REVIEWER})
APPOINTS = {Role.OFFICE: frozenset({Role.OFFICER, Role.REVIEWER, Role.OFFICE, Role.ANALYST}), Role.CENTRE: frozenset(Role)}


def appoints(role: Role) -> frozenset[Role]:
    """The roles whose accounts somebody of this role may make and change."""
    return APPOINTS.get(role, frozenset())
