"""Removes blobs that nothing refers to any more: `python -m deploy.sweep_blobs [--days N] [--dry-run]`.

The store counts no references, and no service sees another's tables; so this reads, as the database's administrator,
every column of every service that can hold a BlobRef. What the gateway keeps (audit log, answers) tells of blobs and
holds none. Safe while everything runs: what was stored in the last days is left alone, and so is a content that
somebody stores again meanwhile. Exit code 0: done.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql

from kernel.chassis.data.blobs import BlobStore, blob_store
from kernel.chassis.process.settings import DatabaseSettings
from kernel.contracts.envelope import BlobRef
from kernel.contracts.topology import SERVICES

LEFT_ALONE_DAYS = 7
"""Longer than a message may wait for its consumer, and than any upload or job takes."""

_COLUMNS = """
SELECT n.nspname, c.relname, a.attname
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
    AND (a.atttypid IN ('json'::regtype, 'jsonb'::regtype)
         OR a.atttypid IN ('text'::regtype, 'varchar'::regtype) AND a.attname LIKE '%%sha256'
         OR a.atttypid = 'bytea'::regtype AND c.relname = 'parked')
ORDER BY 1, 2, 3
"""
_NAMED = r"""
SELECT DISTINCT found[1]
FROM (SELECT {text} AS said FROM {table} WHERE {column} IS NOT NULL) AS kept,
    regexp_matches(said, '(?:"sha256": ?"|^)([0-9a-f]{{64}})(?:"|$)', 'g') AS found
"""


@dataclass(frozen=True)
class Swept:
    """``kept``: how many old blobs somebody still refers to; ``gone``: how many nobody did."""

    kept: int
    gone: int


def references(connection: "psycopg.Connection[tuple[str, ...]]") -> set[str]:
    """Hashes of all blobs that a table of a service names, read in one snapshot."""
    found: set[str] = set()
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for schema, table, column in connection.execute(_COLUMNS, [list(SERVICES)]).fetchall():
            name = sql.Identifier(column)
            as_text = "encode({}, 'escape')" if table == "parked" and column == "body" else "CAST({} AS text)"
            statement = sql.SQL(_NAMED).format(
                text=sql.SQL(as_text).format(name), table=sql.Identifier(schema, table), column=name
            )
            found.update(row[0] for row in connection.execute(statement))
    return found


def sweep(store: BlobStore, named: Callable[[], set[str]], before: datetime, *, dry_run: bool = False) -> Swept:
    """``named`` is asked after the store: what is stored or referred to meanwhile stays."""
    old = list(store.stored_before(before))
    held = named()
    orphans = [sha256 for sha256 in old if sha256 not in held]
    gone = len(orphans) if dry_run else sum(_removed(store, orphans, before))
    return Swept(kept=len(old) - len(orphans), gone=gone)


def _removed(store: BlobStore, orphans: Sequence[str], before: datetime) -> Iterator[bool]:
    for sha256 in orphans:
        ref = BlobRef(sha256=sha256, size=0)
        stored_at = store.stored_at(ref)
        wanted_again = stored_at is None or stored_at >= before
        if not wanted_again:
            store.delete(ref)
        yield not wanted_again


def _named() -> set[str]:
    """Of every database there is: one for all, or some services' own (SIMKEEP_<SERVICE>_DATABASE_URL)."""
    own = {service: os.environ.get(f"SIMKEEP_{service.upper()}_DATABASE_URL") for service in SERVICES}
    addresses = {it for it in own.values() if it}
    if not all(own.values()):
        addresses.add(DatabaseSettings().database_url or "")
    if "" in addresses:
        raise SystemExit("set SIMKEEP_DATABASE_URL: without all databases nobody knows what is still referred to")
    found: set[str] = set()
    for address in sorted(addresses):
        with psycopg.connect(address, autocommit=True, application_name="sweep-blobs") as connection:
            found |= references(connection)
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./simkeep sweep-blobs", description="Removes blobs that nothing refers to")
    parser.add_argument("--days", type=int, default=LEFT_ALONE_DAYS, help="younger blobs are left alone")
    parser.add_argument("--dry-run", action="store_true", help="only say how many there are")
    options = parser.parse_args(arguments)
    before = datetime.now(UTC) - timedelta(days=options.days)
    swept = sweep(blob_store(), _named, before, dry_run=options.dry_run)
    word = "would go" if options.dry_run else "gone"
    print(f"{swept.gone:,} blobs {word}, {swept.kept:,} older than {options.days} days are in use")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
