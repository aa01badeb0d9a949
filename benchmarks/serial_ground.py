"""What the benchmarks of serials share: devices in their pools, lists of serials, and taking one in as its job does."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import Engine

from kernel.chassis.data.blobs import BlobStore, blob_store
from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.jobs.queue import JobQueue
from kernel.chassis.process.settings import BlobSettings, DatabaseSettings, JobSettings
from kernel.contracts.imei.lists import ImportSerials
from kernel.model.actor import Actor
from kernel.model.iccid import luhn_digit
from services.imei.jobs import JOBS
from services.imei.lists import importing

SOURCE = Path(__file__)
PROVINCE = Actor("bench", "bench", "99", frozenset({"serial.import", "serial.view"}))
ORGANISATIONS = 280
"""Shops, two in each county of seven counties in each of twenty cities."""
_SLICE = 500_000
_CODE = "('x' || '35' || lpad(n::text, 12, '0'))::bit(56)::bigint"
_SHOP = "'shop-' || mod(n, 280)"
_UNIT = "(9901 + mod(n, 280) / 14)::text || lpad((1 + mod(mod(n, 280) / 2, 7))::text, 2, '0')"
_PLACES = f"""
INSERT INTO imei.organisations (code, name, level, parent, unit)
SELECT 'centre', 'centre', 1, NULL, '99'
UNION ALL SELECT {_SHOP}, 'shop', 4, 'centre', {_UNIT} FROM generate_series(0, 279) AS n
"""
# Of twenty devices one is unclaimed, five lie with customers, one is subsidised, one frozen, the others lie in shops.
_DEVICES = f"""
INSERT INTO imei.devices (id, state, held_from, pool, province, unit, organisation, maker, model, source, entered_at,
                          state_since, sold_at, version)
SELECT {_CODE}, (ARRAY['unclaimed', 'sold', 'subsidised', 'frozen', 'claimed'])[kind],
       CASE kind WHEN 4 THEN 'claimed' END, 'province', '99', CASE kind WHEN 1 THEN '99' ELSE {_UNIT} END,
       CASE WHEN kind > 1 THEN {_SHOP} END, 'maker', 'model-' || mod(n, 50), 'erp', moment, moment,
       CASE kind WHEN 2 THEN moment END, 3
FROM (SELECT n, now() - interval '1 second' * (mod(n, 20000000)) AS moment,
             CASE WHEN mod(n, 20) = 0 THEN 1 WHEN mod(n, 20) = 1 THEN 3 WHEN mod(n, 20) = 2 THEN 4
                  WHEN mod(n, 4) = 3 THEN 2 ELSE 5 END AS kind
      FROM generate_series(%(first)s::integer, %(last)s::integer) AS n) AS numbers
"""
_EVENTS = """
INSERT INTO imei.further_events (device_id, version, change_id, at, action, from_state, to_state, organisation, unit)
SELECT id, 3, 1, state_since, 'scan_in', 'claimed', state, organisation, unit FROM imei.devices
WHERE id >= %(first_id)s AND id <= %(last_id)s
"""
_CHANGE = "INSERT INTO imei.changes (at, by, by_name, by_unit) VALUES (now(), 'bench', 'bench', '99')"
_MORE = (
    "INSERT INTO imei.redemptions (device_id, version, kind, organisation, order_no, at, unit, by_name)"
    " SELECT id, 3, 'airtime', organisation, 'DD-' || id, state_since, unit, 'bench' FROM imei.devices"
    " WHERE state = 'subsidised'",
    "INSERT INTO imei.freezes (device_id, version, cause, at, unit, observed_until, decide_by)"
    " SELECT id, 3, 'audit', state_since, unit, now() + interval '9 days', now() + interval '30 days'"
    " FROM imei.devices WHERE state = 'frozen'",
    "INSERT INTO imei.registrations (code, registered_at, place, msisdn, received_at)"
    " SELECT id, state_since, left(unit, 4), '13800000000', now() FROM imei.devices WHERE state = 'subsidised'",
    "INSERT INTO imei.violations (kind, device_id, code, happened_at, organisation, unit, ours, theirs, found_at,"
    " state)"
    " SELECT 'diversion', id, id, state_since, organisation, unit, 'x', 'y', now(), 'open' FROM imei.devices"
    " WHERE state = 'frozen' AND mod(id, 7) = 0",
    "INSERT INTO imei.device_counts SELECT unit, organisation, state, pool, source,"
    " to_char(entered_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), count(*) FROM imei.devices"
    " GROUP BY 1, 2, 3, 4, 5, 6",
)


def key(number: int) -> int:
    """The code of the serial of this number."""
    return int(f"35{number:012d}", 16)


def written(code: int) -> str:
    """A code as people write it."""
    body = f"{code:014X}"
    return body + luhn_digit(body)


def imei(number: int) -> str:
    body = f"35{number:012d}"
    return body + luhn_digit(body)


def fill(url: str, devices: int) -> None:
    """Devices 0 up to ``devices`` in every state, with their codes, last events, redemptions, freezes, findings."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("SET search_path = imei, extensions")  # as its role has it
        db.execute(_PLACES)
        db.execute(_CHANGE)
        for first in range(0, devices, _SLICE):
            last = min(first + _SLICE, devices) - 1
            span = {"first": first, "last": last, "first_id": key(first), "last_id": key(last)}
            for statement in (_DEVICES, _EVENTS):
                db.execute(statement, span)
        db.execute("ANALYZE imei.devices")  # what follows asks for many of them
        for more in _MORE:
            db.execute(more)
        tables = ("devices", "further_codes", "further_events", "redemptions", "freezes", "registrations", "violations")
        for table in tables:
            db.execute(f"VACUUM ANALYZE imei.{table}")
        db.execute("CHECKPOINT")


def write_list(path: Path, numbers: range) -> None:
    with path.open("w") as file:
        file.write("串码,厂商,型号\n")
        file.writelines(f"{imei(number)},maker,model-{number % 50}\n" for number in numbers)


class Office:
    """Takes lists in, each by its job."""

    def __init__(self, url: str, blobs: BlobStore) -> None:
        self.engine: Engine = create_engine("imei", "job", DatabaseSettings(database_url=url))
        self._blobs = blobs

    def put(self, path: Path) -> Any:
        with path.open("rb") as file:
            return self._blobs.put_stream(iter(lambda: file.read(1 << 20), b""), name=path.name, media_type="text/csv")

    def take_in(self, kind: str, file: Any) -> dict[str, Any]:
        """What the job's result says. Raises RuntimeError when the list is not published."""
        with UnitOfWork(self.engine).begin(PROVINCE, "bench") as tx:
            importing.import_serials(tx, ImportSerials(kind=kind, file=file, province="99"), by=PROVINCE)  # type: ignore[arg-type]
            tx.commit()
        claimed = JobQueue(self.engine, JobSettings(), "bench").claim()
        if claimed is None:
            raise RuntimeError("no job")
        context = JobContext(
            job_id=claimed.id, kind=claimed.kind, request=claimed.request, actor=PROVINCE,
            correlation_id=claimed.correlation_id, attempt=claimed.attempt, retry_of=claimed.retry_of,
            created_at=claimed.created_at, engine=self.engine,
        )  # fmt: skip
        context.__dict__["blobs"] = self._blobs
        result: dict[str, Any] = JOBS[claimed.kind].handler(context)
        if result["state"] != "published":
            raise RuntimeError(f"the list ended otherwise: {result}")
        return result


@contextmanager
def an_office(url: str) -> Iterator[tuple[Office, Path]]:
    with TemporaryDirectory() as folder:
        office = Office(url, blob_store(BlobSettings(blob_url=(Path(folder) / "blobs").as_uri())))
        try:
            yield office, Path(folder)
        finally:
            office.engine.dispose()


def bare_copy(url: str, path: Path) -> float:
    """Seconds for a plain COPY of the file into an unlogged table of texts."""
    with psycopg.connect(url) as db, path.open("rb") as file:
        db.execute("CREATE UNLOGGED TABLE imei.bare (serial text, maker text, model text)")
        db.commit()
        began = monotonic()
        with db.cursor().copy("COPY imei.bare FROM STDIN WITH (FORMAT csv, HEADER)") as rows:
            while block := file.read(1 << 20):
                rows.write(block)
        db.commit()
        seconds = monotonic() - began
        db.execute("DROP TABLE imei.bare")
        db.commit()
    return seconds
