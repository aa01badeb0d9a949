"""A small network of terminals and cards: reports rows as a station does, and looks at the tables."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from kernel.chassis.data.unit_of_work import UnitOfWork, reading
from kernel.contracts.binding.readings import ReadingsTaken, ReportReadings
from kernel.contracts.binding.terminals import ReportTerminals
from kernel.model.actor import Actor
from kernel.model.iccid import luhn_digit
from services.binding.reporting import report_readings
from services.binding.terminals import report_terminals

NIGHT = datetime(2026, 11, 1, 18, tzinfo=UTC)
"""02:00 of November 2nd in Shanghai: when the first night's reading begins."""
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
STATION = Actor("station-1", "Station 1", "99", frozenset({"reading.report", "terminal.report"}))

_TABLES = {
    "readings": "day, asset_no, slot, read_at, outcome, iccid, fault, imei, abnormal",
    "bindings": "asset_no, slot, iccid, first_read, ended_at, bound_from, bound_to, quarantine, against_asset_no",
    "binding_changes": "asset_no, slot, at, day, unit, kind, cause, old_iccid, new_iccid, other_asset_no",
    "night_counts": "day, unit, succeeded, abnormal, failed",
    "terminal_counts": "unit, state, carriers, terminals",
    "unit_mismatches": "asset_no, slot, iccid, terminal_unit, card_unit, bound_from",
    "newest_readings": "unit, read_at",
    "imei_runs": "asset_no, slot, first_read, iccid, imei, unit, ended_at, card_imei, card_asset_no, slot_imei,"
    " changed",
    "exceptions": "asset_no, slot, kind, iccid, unit, first_day, last_day, last_read_at, readings, state,"
    " resolved_at IS NULL AS standing",
}


_FORGOTTEN = (
    "readings", "bindings", "binding_changes", "change_counts", "night_counts", "exceptions", "settlements",
    "terminals", "terminal_counts", "told_terminals", "unit_mismatches", "unit_corrections", "cards", "terminal_lists",
    "terminal_list_parts", "terminal_list_members", "newest_readings", "imei_runs", "card_locks", "outbox",
    "read_requests", "read_askings", "stations", "exception_notes",
)  # fmt: skip


def card(number: int) -> str:
    """A well-formed ICCID."""
    body = f"898600{number:013d}"
    return body + luhn_digit(body)


def terminal(number: int) -> str:
    return f"33T{number:07d}"


def module(number: int) -> str:
    """A well-formed IMEI."""
    body = f"86{number:012d}"
    return body + luhn_digit(body)


def at(night: float, minutes: float = 0) -> datetime:
    return NIGHT + timedelta(days=night, minutes=minutes)


def row(number: int, moment: datetime, iccid: str | None, **more: Any) -> dict[str, Any]:
    """One row as a station sends it; without a card it is a failed read."""
    content = {"iccid": iccid} if iccid is not None else {"fault": "E05"}
    stamps = {"read_at": moment.isoformat(), "received_at": (moment + timedelta(seconds=9)).isoformat()}
    return {"terminal": terminal(number), **stamps, **content, **more}


class Network:
    """Terminals and cards as binding knows them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def know(self, *, cards: Iterable[int] = (), terminals: Iterable[int] = (), state: str = "pending_install") -> None:
        with UnitOfWork(self.engine).begin(STATION, "test") as tx:
            for number in cards:
                tx.execute(
                    "INSERT INTO cards (iccid, owner_unit, carrier, card_spec, state, version, changed_at)"
                    " VALUES (:iccid, '990101', 'china_mobile', 'plug_in', :state, 1, :at)",
                    {"iccid": card(number), "state": state, "at": at(-90)},
                )
            for number in terminals:
                tx.execute(
                    "INSERT INTO terminals (asset_no, unit, kind, state, reported_at, station)"
                    " VALUES (:asset_no, :unit, 'concentrator', 'running', :at, 'station-1')",
                    {"asset_no": terminal(number), "unit": f"9901{1 + number % 3:02d}", "at": at(-90)},
                )
            tx.commit()

    def hold(
        self,
        number: int,
        moment: datetime,
        *,
        imei: str | None = None,
        place: str | None = None,
        until: datetime | None = None,
    ) -> None:
        """A lock of a card, as if set then; ``until``: released again."""
        with UnitOfWork(self.engine).begin(STATION, "test") as tx:
            tx.execute(
                "INSERT INTO card_locks (iccid, imei, asset_no, reason, set_at, set_by, set_by_name, released_at)"
                " VALUES (:iccid, :imei, :place, 'x', :at, 'p', 'p', :until)",
                {"iccid": card(number), "imei": imei, "place": place, "at": moment, "until": until},
            )
            tx.commit()

    def report(self, rows: Sequence[Any], *, now: datetime = NOW, by: Actor = STATION) -> ReadingsTaken:
        with UnitOfWork(self.engine).begin(by, "test") as tx:
            taken = report_readings(tx, ReportReadings(rows=list(rows)), by=by, now=now)
            tx.commit()
        return taken

    def place(self, number: int, moment: datetime, unit: str, state: str = "running") -> None:
        """The station reports a terminal."""
        line = {"terminal": terminal(number), "unit": unit, "kind": "集中器", "state": state}
        with UnitOfWork(self.engine).begin(STATION, "test") as tx:
            report_terminals(tx, ReportTerminals(as_of=moment, rows=[line]), by=STATION, now=NOW)
            tx.commit()

    def tables(self) -> dict[str, list[Any]]:
        """What readings lead to, without what depends on when we heard of it."""
        with self.read() as tx:
            return {
                name: sorted(map(tuple, tx.execute(f"SELECT {columns} FROM {name}")), key=repr)
                for name, columns in _TABLES.items()
            }

    def read(self) -> Any:
        return reading(self.engine.execution_options(isolation_level="AUTOCOMMIT"), STATION)

    def where(self, number: int) -> str | None:
        """Terminal in which a card is bound now."""
        query = "SELECT asset_no FROM bindings WHERE iccid = :iccid AND bound_from IS NOT NULL AND bound_to IS NULL"
        with self.read() as tx:
            return tx.execute(query, {"iccid": card(number)}).scalar_one_or_none()

    def forget(self) -> None:
        """An empty network again. Deleting a few rows takes a tenth of the time of new files for all tables."""
        with UnitOfWork(self.engine).begin(STATION, "test") as tx:
            tx.raw.execute("; ".join(f"DELETE FROM {table}" for table in _FORGOTTEN))
            tx.commit()

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        with self.read() as tx:
            return [(each.type, each.payload) for each in tx.execute("SELECT type, payload FROM outbox ORDER BY id")]
