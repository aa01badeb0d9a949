"""Inventory and the services that keep its cards, on one database; tests carry the events between them."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine

from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process.settings import DatabaseSettings
from kernel.contracts.inventory.events import MOVEMENTS, CardsMoved
from services.binding.cards import CARDS as BINDINGS
from services.imei.cards import CARDS as IMEIS
from services.inventory.lifecycle import CARD_LIFECYCLE, CardAction
from services.inventory.movement import Each, Reference, by_ids, move_cards
from services.inventory.snapshots import SOURCES
from services.traffic.cards import CARDS as TRAFFICS
from services.workflow.cards import CARDS as WORKFLOWS
from tests.integration.inventory.stock import PROVINCE, Stock

COPIES = {"binding": BINDINGS, "imei": IMEIS, "traffic": TRAFFICS, "workflow": WORKFLOWS}
TYPES = {event.TYPE: event for event in MOVEMENTS}
UNITS = ("9901", "990101", "9902", "990201")
_SERIES = count(1)
A = CardAction


@dataclass
class Lab:
    """``stock`` is inventory. ``random`` makes each test's history its own."""

    url: str
    stock: Stock
    engines: dict[str, Engine]
    random: random.Random
    _told: int = field(default=0)

    def live(self, steps: int) -> None:
        """So many random acts on random cards."""
        for _ in range(steps):
            self.act(self.random.choice([row.action for row in CARD_LIFECYCLE.transitions if row.sources]))

    def act(self, action: CardAction) -> None:
        """``action`` on some of the cards that it can move; on none when there are none."""
        sources = sorted(CARD_LIFECYCLE.row(action).sources)
        rows = self.stock.all(
            "SELECT id FROM cards WHERE state = ANY(:states) ORDER BY random() LIMIT :n",
            states=sources,
            n=self.random.randint(1, 20),
        )
        ids = [row["id"] for row in rows]
        forms = action in {A.PUT_ON_FORM, A.TAKE_OFF_FORM, A.TERMINATE, A.REOPEN}
        reference = Reference("form", f"XK{self.random.randint(1, 9)}") if forms else None
        sets = {
            A.ALLOCATE: {"owner_unit": self.random.choice(UNITS)},
            A.ISSUE: {"issued_to_unit": self.random.choice(UNITS)},
        }.get(action)
        each = None
        if action is A.BIND:
            each = Each(ids, {"terminal_asset_no": [f"T{id_}-{self.random.randint(1, 3)}" for id_ in ids]})
        with UnitOfWork(self.stock.engine).begin(PROVINCE, "lived") as tx:
            move_cards(
                tx, action, by_ids(ids), by=PROVINCE, now=self.stock.now, reason=f"原因{self.random.randint(1, 5)}",
                reference=reference, sets=sets, each=each,
            )  # fmt: skip
            tx.commit()

    def news(self) -> list[CardsMoved]:
        """What inventory has published since the last call, in its order."""
        rows = self.stock.all("SELECT id, type, payload FROM outbox WHERE id > :told ORDER BY id", told=self._told)
        self._told = rows[-1]["id"] if rows else self._told
        return [TYPES[row["type"]].model_validate(row["payload"]) for row in rows if row["type"] in TYPES]

    def tell(self, service: str, events: Sequence[CardsMoved]) -> None:
        """One transaction for each event, as the service's handler has it."""
        for event in events:
            with UnitOfWork(self.engines[service]).begin() as tx:
                COPIES[service].apply(tx, event)
                tx.commit()

    def copy(self, service: str) -> list[dict[str, Any]]:
        model = COPIES[service]
        return self.on(service, f"SELECT {', '.join(model.columns)} FROM cards ORDER BY {model.noun.key}")

    def owner(self, service: str) -> list[dict[str, Any]]:
        """What inventory says of the same columns now."""
        return self.stock.all(SOURCES["cards"].select(list(COPIES[service].columns)))

    def on(self, service: str, sql: str, **params: Any) -> list[dict[str, Any]]:
        with UnitOfWork(self.engines[service]).begin() as tx:
            result = tx.execute(sql, params)
            rows = [dict(row._mapping) for row in result] if result.returns_rows else []
            tx.commit()
        return rows


@pytest.fixture
def lab(a_database: Callable, request: pytest.FixtureRequest) -> Iterator[Lab]:
    with a_database() as url:
        settings = DatabaseSettings(database_url=url)
        engines = {name: create_engine(name, "write", settings) for name in ("inventory", *COPIES)}
        yield Lab(url, Stock(engines["inventory"], next(_SERIES)), engines, random.Random(request.node.name))
        for engine in engines.values():
            engine.dispose()
