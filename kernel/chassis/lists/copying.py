"""A long list read by COPY: PostgreSQL writes on while we format, and nothing is converted that becomes text again.

Reading a million cards as Python objects takes longer than writing them; and a cursor waits for us at every fetch.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import text

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.files import ByColumn
from kernel.model.period import BUSINESS_ZONE

_AT_ONCE = 150
"""Rows whose values stay in a processor's cache from reading to writing; with 2,000 each takes twice the time."""
_NULL = "\\N"
_SET_ZONE = "SELECT set_config('TimeZone', %s, true)"
_ESCAPED = re.compile(r"\\(.)")
_SIGNS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def copied(tx: Tx, select: str, params: Mapping[str, Any]) -> Iterator[ByColumn]:
    """The rows of ``select`` (SQL with ``:name`` parameters), some at a time: every value as PostgreSQL writes it as
    text, moments in business time; a null is None."""
    statement = text(f"COPY ({select}) TO STDOUT")
    asked = statement.compile().params  # some columns have a parameter of their own, and are not always wanted
    given = {name: value for name, value in params.items() if name in asked}
    compiled = statement.bindparams(**given).compile(dialect=tx.connection.dialect)
    connection = tx.raw
    zone = connection.info.parameter_status("TimeZone")
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(_SET_ZONE, (BUSINESS_ZONE.key,))
        with cursor.copy(str(compiled).encode(), compiled.params) as copy:
            lines = iter(copy)
            while part := list(islice(lines, _AT_ONCE)):
                yield ByColumn(_columns(b"".join(part).decode()))
        cursor.execute(_SET_ZONE, (zone,))


def _columns(written: str) -> list[list[str | None]]:
    """The values of some lines in COPY's text format, by column."""
    columns = [list(values) for values in zip(*[line.split("\t") for line in written[:-1].split("\n")], strict=True)]
    if written.count("\\") != written.count(_NULL):  # more is escaped than nulls are
        return [[_value(value) for value in values] for values in columns]
    return [
        [None if value == _NULL else value for value in values] if _NULL in values else values  # type: ignore[misc]
        for values in columns
    ]


def _value(written: str) -> str | None:
    if written == _NULL:
        return None
    return _ESCAPED.sub(lambda found: _SIGNS.get(found[1], found[1]), written) if "\\" in written else written
