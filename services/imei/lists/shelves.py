"""A shelf is the part of ``devices`` that one long list brings (docs/adr/0023).

It is filled beside the table, without what all its devices have in common: that is added at the end as defaults, which
PostgreSQL keeps once. Then its indexes are built at once, and it is attached. A device leaves it for shelf 0 when it is
given a place; what is in an organisation lies there. Few shelves are kept, for whoever seeks a device looks at each; of
the others the smallest is emptied, bit by bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process import logs
from services.imei.tables import devices

OWN = ("id", "entry_row", "maker", "model", "model_differs")
"""The columns in which the devices of one list differ."""
MOST, KEPT = 12, 6
"""With so many shelves lists go to shelf 0; more than so many are made fewer."""
SLICE = 20_000
"""So many devices change shelves at a time."""

_log = logs.get(__name__)
_THERE = """
SELECT part.relname, part.reltuples FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid
WHERE inhparent = CAST('devices' AS regclass) AND part.relname <> 'devices_0' ORDER BY part.reltuples, part.relname
"""
_CHECKS = """
SELECT string_agg(format('ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), ', ') FROM pg_constraint
WHERE conrelid = CAST('devices' AS regclass) AND contype = 'c'
"""
_MOVE = """
WITH these AS (SELECT id, shelf FROM {shelf} LIMIT :slice FOR UPDATE SKIP LOCKED)
UPDATE devices SET shelf = 0 FROM these WHERE devices.id = these.id AND devices.shelf = these.shelf
"""
_OUTGROWN = """
SELECT sum(greatest(part.reltuples, 0)) > 1.2 * greatest(whole.reltuples, 1000)
FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid JOIN pg_class AS whole ON whole.oid = inhparent
WHERE inhparent = CAST('devices' AS regclass) GROUP BY whole.reltuples
"""


@dataclass(frozen=True)
class Shelf:
    """One that is being filled."""

    number: int

    @property
    def table(self) -> str:
        return f"devices_{self.number}"


def begin(tx: Tx) -> Shelf | None:
    """A new one, empty and not yet attached; None when there are enough. Lists come one at a time."""
    taken = {row.relname for row in tx.execute(_THERE)}
    shelf = next((it for it in map(Shelf, range(1, MOST + 1)) if it.table not in taken), None)
    if shelf is not None:
        columns = ", ".join(map(_column, OWN))
        tx.raw.execute(f"CREATE TABLE {shelf.table} ({columns}) WITH (fillfactor = 85)")  # type: ignore[call-overload]
    return shelf


def attach(tx: Tx, shelf: Shelf, alike: Mapping[str, Any]) -> None:
    """Makes it part of the table. ``alike``: columns that all its devices have alike; the others are null."""
    alike = {**alike, "shelf": shelf.number}
    table, raw, names = sql.Identifier(shelf.table), tx.raw, devices.c.keys()
    adding = [
        sql.SQL("ADD {}{}").format(
            sql.SQL(_column(name)),  # type: ignore[arg-type]
            sql.SQL(" DEFAULT {}").format(sql.Literal(alike[name])) if name in alike else sql.SQL(""),
        )
        for name in names
        if name not in OWN
    ]
    checks = sql.SQL(tx.execute(_CHECKS).scalar_one())
    # By the last two PostgreSQL leaves the shelf out for those who ask below the province, or of an organisation.
    within = sql.SQL("ADD CONSTRAINT shelf CHECK (shelf = {} AND organisation IS NULL AND unit = {})").format(
        sql.Literal(shelf.number), sql.Literal(alike["unit"])
    )
    raw.execute(sql.SQL("ALTER TABLE {} ").format(table) + sql.SQL(", ").join(adding))
    raw.execute(sql.SQL("ALTER TABLE {} {}, {}").format(table, checks, within))
    raw.execute("SET LOCAL lock_timeout = '10min'")  # whoever looks at samples of the table is waited for; nobody waits
    raw.execute(
        sql.SQL("ALTER TABLE devices ATTACH PARTITION {} FOR VALUES IN ({})").format(table, sql.Literal(shelf.number))
    )
    raw.execute(sql.SQL("ANALYZE {}").format(table))


def _column(name: str) -> str:
    column = devices.c[name]
    kind = column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    return f"{name} {kind}{'' if column.nullable else ' NOT NULL'}"


def keep(tx: Tx) -> None:
    """The timer's act: what the planner knows of all shelves together follows their growth, and few are kept."""
    if tx.execute(_OUTGROWN).scalar_one_or_none():
        know(tx)
    there = tx.execute(_THERE).all()
    if len(there) > KEPT:
        empty(tx, there[0].relname)


def know(tx: Tx) -> None:
    """Looks at samples of all shelves: of a table in parts nobody else does it. A list waits until it is committed."""
    tx.raw.execute("SET LOCAL statement_timeout = '10min'; ANALYZE devices")


def empty(tx: Tx, shelf: str) -> None:
    """Some devices go to shelf 0; whoever waits for one of them just now is told to try again. Ends an empty shelf."""
    if tx.execute(_MOVE.format(shelf=shelf), {"slice": SLICE}).rowcount:
        return
    try:
        with tx.connection.begin_nested():
            tx.execute("LOCK TABLE devices NOWAIT")  # who queued for it would stop everybody behind
            if tx.execute(f"SELECT count(*) FROM (SELECT FROM {shelf} LIMIT 1) AS one").scalar_one() == 0:
                tx.execute(f"DROP TABLE {shelf}")
    except OperationalError as error:
        _log.info("an empty shelf is in use", shelf=shelf, error=str(error.orig))
