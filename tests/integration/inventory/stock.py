"""A stock for tests of acts: batches delivered by the real act, clerks, and looks at what became of the cards."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Engine

from kernel.chassis.bus.dispatch import asked_for
from kernel.chassis.data.unit_of_work import Tx, UnitOfWork
from kernel.model.actor import Actor
from kernel.model.iccid import luhn_digit
from services.inventory.lifecycle import CardAction
from services.inventory.movement import Movement, Reference, Selection, move_cards, receive_cards

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PERMISSIONS = frozenset(
    {
        "card.view", "card.allocate", "card.issue", "card.return", "card.scrap", "card.redirect",
        "delivery.inspect", "delivery.stock_in",
    }
)  # fmt: skip
A = CardAction


def clerk(unit: str, permissions: frozenset[str] = PERMISSIONS) -> Actor:
    return Actor(f"clerk-{unit}", f"{unit}的王芳", unit, permissions)


PROVINCE, CITY, COUNTY, STRANGER = clerk("99"), clerk("9901"), clerk("990101"), clerk("9902")


@dataclass
class Batch:
    id: int
    iccids: list[str]


@dataclass
class Stock:
    """``series`` makes each test's numbers its own, so that the tests of a module share a database."""

    engine: Engine
    series: int
    now: datetime = NOW
    _next: int = field(default=0)

    def number(self, serial: int, prefix: str = "898600") -> str:
        body = f"{prefix}{self.series:05d}{serial:08d}"
        return body + luhn_digit(body)

    def deliver(self, count: int, *, owner: str = "99", **kind: str) -> Batch:
        """A batch of neighbouring numbers, received."""
        first, self._next = self._next, self._next + count
        iccids = [self.number(serial, kind.get("prefix", "898600")) for serial in range(first, first + count)]
        with UnitOfWork(self.engine).begin(PROVINCE, "delivered") as tx:
            delivery = tx.execute(
                """
                INSERT INTO deliveries (carrier, batch_no, application_month, card_spec, owner_unit, state, source,
                                        received_count, received_at)
                VALUES (:carrier, :batch_no, :month, :card_spec, :owner, 'received', 'upload', :count, :now) RETURNING *
                """,
                {
                    "carrier": kind.get("carrier", "china_mobile"),
                    "batch_no": f"B{self.series}-{first}",
                    "month": kind.get("month", "2026-11"),
                    "card_spec": kind.get("card_spec", "plug_in"),
                    "owner": owner,
                    "count": count,
                    "now": self.now,
                },
            ).one()
            stage(tx, iccids)
            receive_cards(tx, delivery, by=PROVINCE, now=self.now, reference=Reference("delivery", str(delivery.id)))
            tx.commit()
        return Batch(delivery.id, iccids)

    def stocked(self, count: int, *, unit: str = "99", **kind: str) -> Batch:
        """A batch in stock of ``unit``."""
        batch = self.deliver(count, **kind)
        self.move(A.STOCK_IN, batch.iccids)
        if unit != "99":
            self.move(A.ALLOCATE, batch.iccids, owner_unit=unit)
        return batch

    def issued(self, count: int, *, unit: str = "990101", **kind: str) -> Batch:
        """A batch issued by ``unit`` to a crew of its own."""
        batch = self.stocked(count, unit=unit, **kind)
        self.move(A.ISSUE, batch.iccids, issued_to_unit=unit, recipient="李强", recipient_phone="13800000000")
        return batch

    def move(self, action: CardAction, iccids: list[str], *, by: Actor = PROVINCE, **sets: str | None) -> Movement:
        with UnitOfWork(self.engine).begin(by, "moved") as tx:
            selection = Selection("cards.iccid = ANY(CAST(:iccids AS text[]))", {"iccids": iccids})
            moved = move_cards(tx, action, selection, by=by, now=self.now, sets=sets)
            tx.commit()
        return moved

    def do(self, act: Callable[..., Any], request: BaseModel, *, by: Actor = PROVINCE, **more: Any) -> Any:
        """One act in a transaction of its own, as the service runs it."""
        with UnitOfWork(self.engine).begin(by, "corr-1") as tx:
            reply = act(tx, request, **asked_for(act, by=by, **{"now": self.now, **more}))
            tx.commit()
        return reply

    def all(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        with UnitOfWork(self.engine).begin() as tx:
            return [dict(row._mapping) for row in tx.execute(sql, params)]

    def all_written(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """For what no act does: the statement is committed."""
        with UnitOfWork(self.engine).begin() as tx:
            rows = [dict(row._mapping) for row in tx.execute(sql, params)]
            tx.commit()
        return rows

    def one(self, sql: str, **params: Any) -> dict[str, Any]:
        (row,) = self.all(sql, **params)
        return row

    def card(self, iccid: str) -> dict[str, Any]:
        return self.one("SELECT * FROM cards WHERE iccid = :iccid", iccid=iccid)

    def states(self, iccids: list[str]) -> dict[str, int]:
        rows = self.all(
            "SELECT state, count(*) AS n FROM cards WHERE iccid = ANY(CAST(:iccids AS text[])) GROUP BY 1",
            iccids=iccids,
        )
        return {row["state"]: row["n"] for row in rows}

    def log(self, iccid: str) -> list[dict[str, Any]]:
        return self.all(
            """
            SELECT run_log.*, changes.action, changes.at, changes.by, changes.by_name, changes.by_unit, changes.reason,
                   changes.reference_kind, changes.reference_id, changes.correlation_id
            FROM run_log JOIN cards ON cards.id = card_id JOIN changes ON changes.id = change_id
            WHERE iccid = :iccid ORDER BY run_log.version
            """,
            iccid=iccid,
        )

    def events(self, change_id: int | None) -> list[dict[str, Any]]:
        """Payloads of a change's events, with their type."""
        rows = self.all(
            "SELECT type, payload FROM outbox WHERE (payload ->> 'change_id')::bigint = :id ORDER BY id", id=change_id
        )
        return [{"type": row["type"], **row["payload"]} for row in rows]


def stage(tx: Tx, iccids: list[str]) -> None:
    """The staging table of receive_cards."""
    tx.execute("CREATE TEMP TABLE arrivals (row_no int, iccid text, imsi text, msisdn text) ON COMMIT DROP")
    with tx.raw.cursor() as cursor, cursor.copy("COPY arrivals FROM STDIN") as copy:
        for row_no, iccid in enumerate(iccids, 2):
            copy.write_row((row_no, iccid, f"46000{iccid[-11:-1]}", f"10648{iccid[-9:-1]}"))
