"""A small trade in terminals: a centre, a sales unit, two dealers, three shops, and devices in the pool."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine

from gateway.roles import permissions_of
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.acts import ScanSerials, SellSerials, SerialAnswer
from kernel.contracts.imei.devices import AddOrganisation, GetSerial, SerialHistory
from kernel.model.actor import Actor
from kernel.model.iccid import luhn_digit
from kernel.model.period import month_of
from services.imei import device_list, organisations, scanning

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def person(unit: str, role: str) -> Actor:
    return Actor(f"{role}-{unit}", "李伟", unit, permissions_of([role], unit))


PROVINCE = person("99", "province_clerk")
COUNTY = person("990101", "county_clerk")
OTHER_CITY = person("9902", "city_clerk")

ORGANISATIONS = (
    ("centre", None, "99"),
    ("sales", "centre", "9901"),
    ("dealer-a", "sales", "990101"),
    ("dealer-b", "sales", "990102"),
    ("shop-1", "dealer-a", "990101"),
    ("shop-2", "dealer-a", "990101"),
    ("shop-3", "dealer-b", "990102"),
)
_SHELVES = """
SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid
WHERE inhparent = CAST('devices' AS regclass) AND relname <> 'devices_0'
"""
_TABLES = """
edits device_counts clerks ownership_moves
swap_lists swap_pairs reminders spot_checks spot_check_devices tacs
contacts reservations appeals violations sanctions registrations
freeze_extensions devices further_codes entries further_events changes scans scanned redemptions freezes lists
subsidised findings
organisations job_rows jobs
"""


def imei(number: int) -> str:
    body = f"35{number:012d}"
    return body + luhn_digit(body)


class Shops:
    """``now`` moves only when a test moves it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = NOW

    def act(self, do: Callable[..., Any], request: Any, by: Actor = COUNTY, **more: Any) -> Any:
        """One command in its own transaction."""
        with UnitOfWork(self.engine).begin(by, "test") as tx:
            answer = do(tx, request, by=by, now=self.now, **more)
            tx.commit()
        return answer

    def sql(self, statement: str, **params: Any) -> list[Any]:
        with UnitOfWork(self.engine).begin() as tx:
            found = tx.execute(statement, params)
            rows = list(found) if found.returns_rows else []
            tx.commit()
        return rows

    def open(self) -> None:
        for code, parent, unit in ORGANISATIONS:
            self.act(organisations.add, AddOrganisation(code=code, name=code, parent=parent, unit=unit), PROVINCE)

    def close(self) -> None:
        with UnitOfWork(self.engine).begin() as tx:
            for table in _TABLES.split():
                tx.execute(f"DELETE FROM {table}")
            for shelf in tx.execute(_SHELVES).scalars().all():
                tx.execute(f"DROP TABLE {shelf}")
            tx.commit()

    def have(self, *numbers: int, more: tuple[int, ...] = ()) -> list[str]:
        """Claimed devices of the province, each with its two events; ``more``: further codes of the first."""
        at = NOW - timedelta(days=30)
        change = self.sql(
            "INSERT INTO changes (at, by, by_name, by_unit) VALUES (:at, 'x', 'x', '99') RETURNING id", at=at
        )[0].id
        for number in numbers:
            one = int(imei(number)[:14], 16)
            self.sql(
                "INSERT INTO devices (id, state, pool, province, unit, entered_at, state_since, version)"
                " VALUES (:id, 'claimed', 'province', '99', '99', :at, :at, 2)",
                id=one,
                at=at,
            )
            for place, code in enumerate(more if number == numbers[0] else (), start=2):
                self.sql("INSERT INTO further_codes VALUES (:code, :id, :place)",
                         code=int(imei(code)[:14], 16), id=one, place=place)  # fmt: skip
            self.sql(
                "INSERT INTO further_events (device_id, version, change_id, at, action, from_state, to_state, unit)"
                " VALUES"
                " (:id, 1, :change, :at, 'enter', NULL, 'unclaimed', '99'),"
                " (:id, 2, :change, :at, 'claim', 'unclaimed', 'claimed', '99')",
                id=one,
                change=change,
                at=at,
            )
        self.sql(
            "INSERT INTO device_counts (unit, state, pool, entered_month, devices)"
            " VALUES ('99', 'claimed', 'province', :month, :devices)",
            month=month_of(at),
            devices=len(numbers),
        )
        return [imei(number) for number in numbers]

    def scan(self, serials: list[str], organisation: str = "shop-1", **more: Any) -> SerialAnswer:
        request = ScanSerials(**{"serials": serials, "organisation": organisation, "client_id": uuid4(), **more})
        return self.act(scanning.scan_in, request)

    def scan_new(self, *numbers: int) -> list[str]:
        """New devices that lie in the first shop."""
        serials = self.have(*numbers)
        self.scan(serials)
        return serials

    def sell(self, serials: list[str], organisation: str = "shop-1", **more: Any) -> SerialAnswer:
        request = SellSerials(**{"serials": serials, "organisation": organisation, "client_id": uuid4(), **more})
        return self.act(scanning.sell, request)

    def look(self, serial: str, at: datetime | None = None) -> SerialHistory:
        with UnitOfWork(self.engine).begin(PROVINCE) as tx:
            return device_list.get(tx, GetSerial(serial=serial, at=at), by=PROVINCE)

    def row(self, serial: str) -> Any:
        return self.sql("SELECT * FROM devices WHERE id = :id", id=int(serial[:14], 16))[0]
