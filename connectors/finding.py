"""What `check` says: one thing that a database lacks, or that its owner or we should know."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

LACKS, WARNS, KNOWN, COSTS = "lacks", "warns", "known", "costs"


@dataclass(frozen=True)
class Finding:
    """``kind``: lacks (nothing may be created before), warns (works, and somebody may be sorry), known, costs. ``statements``: what the administrator runs about it; ``restart``: and restarts the
    server afterwards; ``file``: these are lines for the server's configuration file, no SQL.
    """

    kind: str
    place: str
    says: str
    statements: tuple[str, ...] = ()
    restart: bool = False
    file: bool = False

    def row(self) -> dict[str, Any]:
        """For a table or JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def script(findings: Iterable[Finding]) -> str:
    """What the administrator is handed: the statements still missing, and nothing else."""
    told = [finding for finding in findings if finding.statements]
    lines = ["-- 请前置机数据库的管理员在该数据库中依次执行；口令自行设定，与 Connect 的环境变量一致。"] if told else []
    for finding in told:
        lines.append(f"-- {finding.place}" + ("：以下各行写入服务器配置文件的 [mysqld] 一节" if finding.file else ""))
        lines += [statement if finding.file else f"{statement};" for statement in finding.statements]
    if any(finding.restart for finding in told):
        lines.append("-- 最后重新启动数据库服务器，设置才生效。")
    return "\n".join(lines) + "\n" if lines else ""
