"""Why a whole submission was turned away: one exception for the door, the files and the API, said in Chinese to the person who sent it."""

from collections.abc import Sequence
from typing import Self


class Refusal(Exception):
    """Nothing of the submission was taken. `code` is stable and English, `message` and `remedy` are Chinese, `details` name places
    (columns, lines).
    """

    def __init__(self, code: str, message: str, remedy: str = "", details: Sequence[object] = ()) -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.code, self.message, self.remedy, self.details = code, message, remedy, list(details)

    @classmethod
    def unknown_item(cls, code: str) -> Self:
        """There is no such item in the catalogue."""
        return cls("unknown_item", f"没有目录“{code[:40]}”。", "请核对目录代码；接口可用 GET /api/v1/items 查询。")

    def __reduce__(self) -> tuple[type["Refusal"], tuple[str, str, str, list[object]]]:
        return type(self), (self.code, self.message, self.remedy, self.details)
