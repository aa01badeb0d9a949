"""A small province with a past: every card came by the real acts, on days that lie behind the tests' today."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import create_engine as sqlalchemy_engine

from kernel.chassis.data.unit_of_work import Tx, UnitOfWork, reading
from kernel.model.actor import Actor
from services.inventory.lifecycle import CardAction
from services.inventory.movement import Reference, Selection, move_cards, receive_cards

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
PROVINCE, CITIES = "99", ("9901", "9902")
COUNTIES = ("990101", "990102", "990201")
PERMISSIONS = frozenset(
    {
        "card.view",
        "card.issue",
        "card.return",
        "card.scrap",
        "card.redirect",
        "card.allocate",
        "delivery.inspect",
        "delivery.stock_in",
        "report.view",
    }
)
KINDS = [
    ("china_mobile", "plug_in", "898600"),
    ("china_telecom", "plug_in", "898603"),
    ("china_mobile", "smd", "898602"),
    ("china_unicom", "nano", "898601"),
]
MONTHS = ("2026-06", "2026-08", "2026-09", "2026-11")
A = CardAction


def actor(unit: str) -> Actor:
    return Actor(f"clerk-{unit}", f"Clerk of {unit}", unit, PERMISSIONS)


def inventory_engine(admin_url: str) -> Engine:
    """The admin's connection with inventory's tables in sight: enough for acts, and free to break the books."""
    url = admin_url.replace("postgresql://", "postgresql+psycopg://", 1)
    return sqlalchemy_engine(url, connect_args={"options": "-c search_path=inventory -c timezone=UTC"})


class World:
    """``days_ago`` tells when an act happens; ``seed`` makes the same past every time."""

    def __init__(self, engine: Engine, seed: int = 7) -> None:
        self.engine = engine
        self.random = random.Random(seed)
        self.reader = engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        with reading(self.reader, actor(PROVINCE)) as tx:
            yield tx

    @contextmanager
    def writing(self, by: Actor) -> Iterator[Tx]:
        with UnitOfWork(self.engine).begin(by, "test") as tx:
            yield tx
            tx.commit()

    def deliver(self, kind: int, month: str, number: int, count: int, *, days_ago: int) -> int:
        """A batch of ``count`` neighbouring numbers."""
        carrier, card_spec, prefix = KINDS[kind]
        at, by = NOW - timedelta(days=days_ago), actor(PROVINCE)
        with self.writing(by) as tx:
            delivery = tx.execute(
                """
                INSERT INTO deliveries (carrier, batch_no, application_month, card_spec, owner_unit, state, source,
                                        received_count, received_at)
                VALUES (:carrier, :batch_no, :month, :card_spec, '99', 'received', 'upload', :count, :at) RETURNING *
                """,
                {
                    "carrier": carrier,
                    "batch_no": f"B{number}-{kind}",
                    "month": month,
                    "card_spec": card_spec,
                    "count": count,
                    "at": at,
                },
            ).one()
            tx.execute("CREATE TEMP TABLE arrivals (row_no int, iccid text, imsi text, msisdn text) ON COMMIT DROP")
            rows = [
                {
                    "row": n + 2,
                    "iccid": f"{prefix}{number:06d}{n:08d}",
                    "imsi": f"46000{number:04d}{n:06d}",
                    "msisdn": f"13{kind}{number:04d}{n:04d}",
                }
                for n in range(count)
            ]
            tx.execute("INSERT INTO arrivals VALUES (:row, :iccid, :imsi, :msisdn)", rows)
            receive_cards(tx, delivery, by=by, now=at, reference=Reference("delivery", str(delivery.id)))
        return int(delivery.id)

    def move(self, action: CardAction, where: str, *, days_ago: int, by: str = PROVINCE, **sets: Any) -> int:
        """Some cards, chosen by SQL, moved by ``action``."""
        who = actor(by)
        with self.writing(who) as tx:
            selection = Selection(f"cards.id IN (SELECT id FROM cards WHERE {where})")
            at = NOW - timedelta(days=days_ago)
            return move_cards(tx, action, selection, by=who, now=at, sets=sets or None).count

    def live(self, batches: int = 12, size: int = 120) -> None:
        """Deliveries and what became of their cards, over half a year."""
        for number in range(batches):
            kind, month = number % len(KINDS), MONTHS[number * len(MONTHS) // batches]
            ago = 170 - number * 14
            delivery = self.deliver(kind, month, number, size + self.random.randrange(40), days_ago=ago)
            mine = f"delivery_id = {delivery}"
            if number == batches - 1:
                continue
            self.move(A.MARK_UNQUALIFIED, f"{mine} AND id % 29 = 3", days_ago=ago - 1)
            self.move(A.STOCK_IN, mine, days_ago=ago - 1 - number % 3)
            for part, unit in enumerate((*CITIES, *COUNTIES)):
                if self.random.random() < 0.8:
                    where = f"{mine} AND owner_unit = '99' AND id % 7 = {part}"
                    self.move(A.ALLOCATE, where, days_ago=ago - 3, owner_unit=unit)
            self._use(mine, ago)

    def _use(self, mine: str, ago: int) -> None:
        for county in (*COUNTIES, "9902"):
            share = self.random.randrange(2, 5)
            issued = f"{mine} AND owner_unit = '{county}' AND id % {share} = 0"
            self.move(A.ISSUE, issued, days_ago=ago - 5, by=county, issued_to_unit=county, recipient="王强")
            self.move(A.BIND, f"{issued} AND id % 3 <> 1", days_ago=max(0, ago - 9), by=county)
        self.move(A.RETURN_TO_STOCK, f"{mine} AND id % 31 = 0", days_ago=max(0, ago - 12), by="99", issued_to_unit=None)
        self.move(A.MARK_PENDING_SCRAP, f"{mine} AND id % 11 = 0", days_ago=max(0, ago - 15))
        self.move(A.PUT_ON_FORM, f"{mine} AND id % 22 = 0", days_ago=max(0, ago - 17))
        self.move(A.TERMINATE, f"{mine} AND id % 44 = 0", days_ago=max(0, ago - 20))
        # A returned card that is given on: it entered its state later than it was stocked in.
        self.move(
            A.ALLOCATE,
            f"{mine} AND owner_unit = '9902' AND id % 31 = 0",
            days_ago=max(0, ago - 14),
            owner_unit="990201",
        )
