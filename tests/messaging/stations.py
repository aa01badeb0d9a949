"""A master station for tests: its account, its terminals, and what binding holds of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from deploy.issuers import Issuers
from kernel.model.iccid import luhn_digit
from services.binding.turn import LOCK
from simkeep_station import Reading, StationClient, Terminal
from tests.messaging.harness import Bench, Process

NAME, UNIT = "station_of_tests", "9901"
METHODS = ("binding.report_readings", "binding.report_terminals", "binding.take_read_requests")
TONIGHT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


def card(number: int) -> str:
    body = f"898600{number:013d}"
    return body + luhn_digit(body)


def terminal(number: int) -> str:
    return f"33S{number:07d}"


def night(first: int, count: int) -> list[Reading]:
    """Terminals ``first`` and following, each with the card of its own number."""
    return [
        Reading(terminal(first + i), TONIGHT + timedelta(seconds=i % 600), iccid=card(first + i)) for i in range(count)
    ]


@dataclass
class World:
    """One bench with a binding process and a station that may report to it."""

    bench: Bench
    issuers: Issuers
    secrets: dict[str, str]

    @property
    def binding(self) -> Process:
        return next(process for process in reversed(self.bench.processes) if process.alive())

    def client(self, unit: str = UNIT, **more: Any) -> StationClient:
        return client_of(self.secrets, unit, **more)

    def know(self, first: int, count: int) -> None:
        """These cards, as inventory told of them; terminals are told by the station."""
        insert = (
            "INSERT INTO cards (iccid, owner_unit, carrier, card_spec, state, version, changed_at)"
            " SELECT iccid, '990101', 'china_mobile', 'plug_in', 'pending_install', 1, now() - interval '90 days'"
            " FROM unnest(%s::text[]) AS iccid"
        )
        with self.bench.sql("binding") as connection:
            connection.execute(insert, [[card(first + i) for i in range(count)]])

    def report_terminals(self, first: int, count: int) -> None:
        told = [Terminal(terminal(first + i), "990101", "集中器", "running") for i in range(count)]
        with self.client() as client:
            client.report_terminals(told, as_of=TONIGHT - timedelta(days=1))

    def stored(self, first: int, count: int) -> int:
        """Readings of these terminals, each counted as often as it stands there."""
        query = "SELECT count(*) FROM readings WHERE asset_no BETWEEN %s AND %s"
        return int(self.bench.one("binding", query, terminal(first), terminal(first + count - 1)))

    def bound(self, first: int, count: int) -> int:
        query = (
            "SELECT count(*) FROM bindings WHERE asset_no BETWEEN %s AND %s"
            " AND bound_from IS NOT NULL AND bound_to IS NULL"
        )
        return int(self.bench.one("binding", query, terminal(first), terminal(first + count - 1)))

    def locked(self) -> "psycopg.Connection[Any]":
        """A connection that holds the decisions' lock until it is closed: a batch then stands in its middle."""
        connection = psycopg.connect(self.bench.database_url)
        connection.execute(LOCK)
        return connection

    def waiting_for_the_lock(self) -> int:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return int(self.bench.one("binding", query))


def client_of(secrets: dict[str, str], unit: str = UNIT, **more: Any) -> StationClient:
    url = secrets["SIMKEEP_AMQP_URL"]
    return StationClient(
        url, secrets["SIMKEEP_ACTOR_PRIVATE_KEY"], unit, **{"timeout": 30, "give_up_after": 90, **more}
    )
