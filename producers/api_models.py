"""The shapes the HTTP interface answers with, and the examples its documentation shows."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from producers.api_errors import ErrorBody
from producers.outcomes import OUTCOMES
from producers.preview import NEW, TITLES, WRONG

RECEIPT = "HZ2QJ7K5X3M4N6P8R9T2V5W7Y3ZA"


class ReasonBody(BaseModel):
    """One thing wrong with a record."""

    rule: str = Field(description="规则编号", examples=["R-USCC-03"])
    severity: str = Field(description="error 退回，warning 提醒", examples=["error"])
    field: str | None = Field(None, description="字段代码", examples=["XK_XDR_SHXYM"])
    title: str | None = Field(None, description="字段名称", examples=["统一社会信用代码"])
    value: str | None = Field(None, description="所报的值（个人号码已遮盖）", examples=["91440300708461136X"])
    message: str = Field(description="哪里不对", examples=["第 18 位校验码不符，应为 T。"])
    remedy: str = Field(description="怎么办", examples=["请核对营业执照上的代码。"])


class RecordBody(BaseModel):
    """What became of one record."""

    index: int = Field(description="在请求中的位置，从 0 开始", examples=[0])
    ref: str | None = Field(None, description="报送方自己的编号")
    outcome: str = Field(
        description="accepted 入库，duplicate 重复，superseded 已有更新，rejected 退回，excluded 不在归集范围", examples=["rejected"]
    )
    reasons: list[ReasonBody] = []


class SubmittedBody(BaseModel):
    """A submission is durable; nothing of it can be lost any more."""

    receipt: str = Field(description="回执号", examples=[RECEIPT])
    item: str = Field(description="目录代码", examples=["xzxk"])
    records: int = Field(description="收到的记录数", examples=[2])
    status: str = Field(description="待处理、处理中、成功、部分成功、失败", examples=["待处理"])
    repeated: bool = Field(default=False, description="true：这次请求以前已经收到过，没有再次接收")


class ReceiptBody(BaseModel):
    """A receipt with what became of its records so far, one page of them in the order of the request."""

    receipt: str = Field(description="回执号", examples=[RECEIPT])
    item: str = Field(description="目录代码", examples=["xzxk"])
    status: str = Field(description="待处理、处理中、成功、部分成功、失败", examples=["部分成功"])
    total: int = Field(description="收到的记录数", examples=[2])
    counts: dict[str, int] = Field(description="各种结果的记录数", examples=[dict.fromkeys(OUTCOMES, 0) | {"accepted": 1, "rejected": 1}])
    records: list[RecordBody] = Field(description="已有结果的记录；还没有结果的不在其中")
    next: str | None = Field(None, description="下一页的地址；null 就是最后一页")


class TriedBody(BaseModel):
    """What one record would become, and why."""

    index: int = Field(description="在请求中的位置，从 0 开始", examples=[0])
    ref: str | None = Field(None, description="报送方自己的编号")
    would: str = Field(description="会怎样，见 counts", examples=[WRONG])
    reasons: list[ReasonBody]


class TrialBody(BaseModel):
    """What a request would do if it were submitted now. Nothing of it is stored."""

    item: str = Field(description="目录代码", examples=["xzxk"])
    total: int = Field(description="判断的记录数", examples=[2])
    counts: dict[str, int] = Field(description="会怎样的各有几条：" + "，".join(f"{what} {title}" for what, title in TITLES.items()), examples=[dict.fromkeys(TITLES, 0) | {NEW: 1, WRONG: 1}])
    records: list[TriedBody] = Field(description="有退回原因或提醒的记录")
    more: int = Field(description="还有几条有退回原因或提醒的记录没有列出", examples=[0])


class ItemBody(BaseModel):
    item: str = Field(examples=["xzxk"])
    title: str = Field(examples=["行政许可"])
    schema_: str = Field(alias="schema", examples=["/api/v1/items/xzxk/schema"])


class CodesBody(BaseModel):
    """A code set and where it is."""

    codes: str = Field(description="代码表的名称，字段的 JSON Schema 里为 x-codes", examples=["xb"])
    title: str = Field(examples=["性别"])
    standard: str = Field(description="依据的标准", examples=["GB/T 2261.1"])
    version: str = Field(description="标准的版本", examples=["2003"])
    content: str = Field(description="内容的指纹，任何一行改动就会改变", examples=["5d41402abc4b"])
    address: str = Field(examples=["/api/v1/codes/xb"])


class CodeBody(BaseModel):
    """One line of a code set."""

    code: str = Field(examples=["1"])
    title: str = Field(examples=["男性"])
    from_: date | None = Field(None, alias="from", description="启用日期；null 为一直有效")
    to: date | None = Field(None, description="停用前的最后一天；null 为仍有效")
    now: str | None = Field(None, description="停用后改用的代码")


class CodeSetBody(CodesBody):
    entries: list[CodeBody]


class CatalogueBody(BaseModel):
    """The catalogue as far as a token reaches."""

    version: str = Field(description="目录的版本，任何一项改动就会改变", examples=["0123456789ab"])
    items: list[ItemBody]
    codes: list[CodesBody] = Field(description="这些信息项用到的代码表")


class StandBody(BaseModel):
    """A record that stands by the department's own word."""

    ref: str | None = Field(None, description="报送方自己的编号")
    way: str = Field(description="报送方式：api 数据接口，excel 数据报送，form 数据录入，cdc 前置机，file 文件", examples=["api"])
    source: str = Field(description="报送的系统", examples=["zjj/oa"])
    receipt: str = Field(description="使它成为现在这样的那次报送的回执号", examples=[RECEIPT])
    received_at: str = Field(description="平台收到的时间", examples=["2017-09-01T09:02:03+08:00"])
    fields: dict[str, str | None] = Field(description="字段代码和内容；个人号码已遮盖")


class StandingBody(BaseModel):
    """One page of what stands."""

    item: str = Field(description="目录代码", examples=["xzxk"])
    records: list[StandBody]
    next: str | None = Field(None, description="下一页的地址；null 就是最后一页")


class NilBody(BaseModel):
    """A period with nothing to report, or that again."""

    period: str = Field(description="周期的第一天和最后一天，按 GET 给出的写", max_length=40, examples=["2017-09-01/2017-09-30"])
    signed: bool = Field(default=True, description="true 签署，false 撤回")


class PeriodBody(BaseModel):
    """A period that a department owes of an item."""

    period: str = Field(description="第一天和最后一天", examples=["2017-09-01/2017-09-30"])
    label: str = Field(examples=["2017-09"])
    due: date = Field(description="应报日期")
    state: str = Field(description="未到期、待上报、已上报、超时、漏报", examples=["已上报"])
    records: int = Field(description="这个周期已归集的记录数")
    nil: str = Field(description="无数据上报：已签署、已撤回、已被记录取代，或空白", examples=["已签署"])
    by: str | None = Field(None, description="签署或撤回的人或系统", examples=["zjj/oa gj_0123456789ab"])
    may_sign: bool = Field(description="现在可以签署")
    may_revoke: bool = Field(description="现在可以撤回")


ERRORS: Mapping[int | str, dict[str, Any]] = {
    401: {"model": ErrorBody, "description": "没有令牌，或令牌无效、过期、已撤销"},
    403: {"model": ErrorBody, "description": "令牌不能用于这个目录"},
    404: {"model": ErrorBody, "description": "没有这个目录、回执或代码表"},
    409: {"model": ErrorBody, "description": "同一个 Idempotency-Key 用过，内容不同；或周期的状态不允许"},
    413: {"model": ErrorBody, "description": "请求体过大或记录过多"},
    415: {"model": ErrorBody, "description": "请求体应为 application/json 或 application/x-ndjson"},
    422: {"model": ErrorBody, "description": "请求体不是合格的 JSON，或参数不对"},
    429: {"model": ErrorBody, "description": "太频繁，或平台积压过多"},
    503: {"model": ErrorBody, "description": "暂时查不到处理结果"},
}
