"""Units (供电单位) by hierarchical code, so that every service can scope and roll up by itself.

The level is told by the length: province 2 digits, city 4, county 6, station 8. "Within" is a prefix test.
"""

from enum import IntEnum

from kernel.model.errors import DomainError


class Level(IntEnum):
    """Value: the length of a code of that level."""

    PROVINCE = 2
    CITY = 4
    COUNTY = 6
    STATION = 8


def check_unit(code: str, field: str = "unit") -> str:
    """The code itself, or DomainError unit_malformed naming ``field``."""
    if not (code.isascii() and code.isdigit() and len(code) in tuple(Level)):
        raise DomainError("unit_malformed", field=field, unit=code)
    return code


def level(code: str) -> Level:
    """Level of a well-formed code; ValueError otherwise."""
    return Level(len(code))


def is_within(code: str, ancestor: str) -> bool:
    """True when ``code`` is ``ancestor`` or lies below it. The empty ancestor contains everything."""
    return code.startswith(ancestor)


def parent(code: str) -> str | None:
    """Code of the unit above, None above a province."""
    return code[:-2] if len(code) > Level.PROVINCE else None


def ancestor_at(code: str, at: Level) -> str | None:
    """The unit of level ``at`` on the way from the root to ``code``; None when ``code`` stands higher."""
    return code[:at] if len(code) >= at else None


def prefix_end(prefix: str) -> str:
    """Smallest text greater than every code that begins with ``prefix``: subtree = [prefix, prefix_end).

    Holds for the "C" collation, in which unit codes are stored. The empty prefix ends at ':' (after '9').
    """
    return prefix[:-1] + chr(ord(prefix[-1]) + 1) if prefix else ":"
