"""The shapes the query interface takes and answers with."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

REASONS = {
    "matter": {"type": "string", "minLength": 4, "maxLength": 400, "description": "事由：为办理什么事项而查询"},
    "case_number": {"type": "string", "minLength": 2, "maxLength": 128, "description": "案号或文号"},
}
WHY = {"matter": "审查施工许可申请", "case_number": "济建许受〔2017〕12号"}
COMPANY = {"subject": {"type": "string", "minLength": 2, "maxLength": 200, "description": "统一社会信用代码（或注册号、组织机构代码），或企业全称"}}
PERSON = {
    "number": {"type": "string", "description": "居民身份证号，15 或 18 位，必须完整"},
    "name": {"type": "string", "minLength": 2, "maxLength": 64, "description": "姓名，与号码相符才查得到"},
}


class FieldBody(BaseModel):
    code: str = Field(examples=["CF_SY"])
    title: str = Field(examples=["处罚事由"])
    text: str = Field(description="代码已译为文字；个人号码只留前 6 位和末位")


class StandingBody(BaseModel):
    """A record that stands."""

    number: str = Field(description="记录编号", examples=["xzcf-0-17"])
    item: str = Field(examples=["xzcf"])
    title: str = Field(examples=["行政处罚"])
    department: str = Field(description="提供部门代码", examples=["hbj"])
    department_name: str = Field(examples=["济南市环境保护局"])
    way: str = Field(description="归集方式", examples=["数据报送"])
    decided: date | None = Field(description="决定日期")
    received: datetime | None = Field(description="平台收到的时间")
    usage: str = Field(description="使用范围：0 公示，1 政府部门共享", examples=["0"])
    mark: str = Field(description="公示状态", examples=["公示中"])
    fields: list[FieldBody]


class CandidateBody(BaseModel):
    name: str
    code: str


class LookedUpBody(BaseModel):
    """What a look-up found. It has been written down, and the departments that supplied the records can see it."""

    number: str = Field(description="查询编号", examples=["ZC20171101-7KQ2M4X8PD"])
    outcome: str = Field(description="found 查到，several 有多家（列出名称和代码，请用代码再查），none 未查到", examples=["found"])
    as_of: datetime = Field(description="截至")
    subject: str = Field(description="查到的是谁")
    candidates: list[CandidateBody] = []
    records: list[StandingBody] = Field(description="仅可授权查询的不在此列")


def request_body(properties: dict[str, Any], example: dict[str, str]) -> dict[str, Any]:
    """The OpenAPI description of what a look-up takes."""
    schema = {"type": "object", "properties": properties | REASONS, "required": [*properties, *REASONS]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example | WHY}}}}
