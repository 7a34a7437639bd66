"""What went wrong with the warehouse, grouped by what the caller must do about it."""


class WarehouseError(Exception):
    """The server refused a statement; ``code`` is ClickHouse's own number (0 where there is none)."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class Unavailable(WarehouseError):
    """Try again later: nobody answers, or the server is busy. Nothing is known about a statement under way."""


class SchemaRefused(WarehouseError):
    """Tables and statements do not fit: an operator must act, repeating does not help."""


class DataRefused(WarehouseError):
    """Some row of an insert is refused: split, find it, go on without it."""


class LimitReached(WarehouseError):
    """A query asked for more memory, time or rows than readers may have."""


class Fatal(WarehouseError):
    """Going on would do harm (a re-created topic, a second owner of the engine): stop and say the remedy."""


_TRANSIENT = {3, 74, 75, 76, 94, 95, 96, 159, 164, 198, 201, 202, 203, 209, 210, 219, 225, 236, 241, 242, 243, 252, 254, 285, 290, 319, 394, 425, 999}
_SCHEMA = {8, 10, 15, 16, 20, 36, 44, 46, 47, 50, 57, 60, 62, 80, 81, 82, 115, 192, 193, 194, 291, 371, 497, 516}
_LIMITS = {158, 159, 160, 241, 307, 396}


def of_insert(code: int, message: str) -> WarehouseError:
    """A refused insert as the error that names its remedy; codes nobody listed count as the data's fault, so that the bad row is looked for."""
    text = message.split("Stack trace:")[0].strip()
    if code in _TRANSIENT:
        return Unavailable(text, code)
    if code in _SCHEMA:
        return SchemaRefused(text, code)
    return DataRefused(text, code)


def of_query(code: int, message: str) -> WarehouseError:
    """A refused query: limits and unavailability told apart from a wrong statement."""
    text = message.split("Stack trace:")[0].strip()
    if code in _LIMITS:
        return LimitReached(text, code)
    if code in _TRANSIENT and code != 164:
        return Unavailable(text, code)
    return SchemaRefused(text, code)
