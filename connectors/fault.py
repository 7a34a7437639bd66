"""Why a connector does not run, and what to do about it: what databases and Debezium say, turned into the operator's next step."""

from dataclasses import dataclass

TRACE_LINES = 6
_ANEW = "Changes may be missing; `guiji connectors snapshot {name}` takes a snapshot anew."
_THERE = "Is the database running, are host and port of the source file right, and does it offer TLS if it is on another machine? Then repeat `guiji connectors apply`."
_PASSWORD = "Put the right password into the variable that `password:` names (secrets.env of the home folder), run `guiji up`, which starts Connect again, and `guiji connectors apply`."
_RIGHTS = "Its account may not read that table. Have the database's owner run what `guiji connectors prepare` prints, then repeat `guiji connectors apply`."
_UNCONVERTED = (
    "A value cannot be converted, and nothing of this source is read until it is past. `guiji connectors skip SOURCE --why … --by …` goes past this one event and records the gap; "
    "a reconciliation finds the row then."
)
# By what the message says, in small letters; the first that fits.
_REMEDIES = (
    ("authentication failed", _PASSWORD),
    ("access denied", f"{_PASSWORD} Or have the database's owner run what `guiji connectors prepare` prints."),
    ("permission denied", _RIGHTS),
    ("command denied", _RIGHTS),
    ("connection refused", _THERE),
    ("refused. check that", _THERE),
    ("link failure", _THERE),
    ("publication", "Have the database's owner run what `guiji connectors prepare` prints, then repeat `guiji connectors apply`."),
    ("no longer available on the server", f"The database has no log from where this connector stood. {_ANEW}"),
    ("history topic is missing", f"Kafka has lost what the tables looked like. {_ANEW}"),
    ("thrown away", f"The database has no log from where this connector stood. {_ANEW}"),
    ("impossible position", f"The database has no log from where this connector stood. {_ANEW}"),
    ("could not find gtid", f"The database has no log from where this connector stood. {_ANEW}"),
    ("is active for pid", "Another process reads this slot: an older task of the same connector, which ends by itself, or somebody else's."),
    ("slot", f"The database has no log from where this connector stood: its slot was dropped or made anew. {_ANEW}"),
    ("binlog", f"The database has thrown away the log from where this connector stood. {_ANEW}"),
    ("by hand", "Resume it, when its reason is gone: `guiji connectors resume {name}`."),
)


@dataclass(frozen=True)
class Fault:
    """One connector that does not run. ``trace``: the whole one, of which the first lines are shown."""

    name: str
    problem: str
    trace: str = ""

    @property
    def remedy(self) -> str:
        """What to do."""
        if "Failed to properly convert data value" in self.trace:  # the cause told is of the value alone
            return _UNCONVERTED
        found = next((remedy for sign, remedy in _REMEDIES if sign in self.problem.lower()), "Mend the cause and repeat `guiji connectors apply`.")
        return found.replace("{name}", self.name)

    def __str__(self) -> str:
        said = self.problem if len(self.problem) <= 600 else f"{self.problem[:300]} … {self.problem[-300:]}"
        first = "".join(f"\n    {line.strip()[:200]}" for line in self.trace.splitlines()[:TRACE_LINES])
        return f"{self.name}: {said}\n  {self.remedy}{first}"
