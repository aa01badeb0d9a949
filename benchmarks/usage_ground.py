"""What the benchmarks of usage share: cards, days of figures, and loading a day as the job does."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from sqlalchemy import Engine

from kernel.chassis.data.blobs import BlobStore, blob_store
from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process.settings import BlobSettings, DatabaseSettings
from kernel.model.actor import Actor
from kernel.model.iccid import luhn_digit
from services.traffic.loading import accept, take_in
from services.traffic.tables import loads

CARDS = 1_000_000
CARRIER = "china_mobile"
FIRST = date(2026, 9, 1)
NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
PROVINCE = Actor("bench", "bench", "99", frozenset({"usage.view", "usage.load", "cost.manage"}))


def card(number: int) -> str:
    body = f"898604{number:013d}"
    return body + luhn_digit(body)


def fill(url: str, cards: int) -> None:
    """Running cards of seven counties in each of twenty cities."""
    with psycopg.connect(url) as db:
        db.execute("SET search_path = traffic, extensions")
        columns = "iccid, version, owner_unit, carrier, card_spec, application_month, state, changed_at"
        with db.cursor().copy(f"COPY cards ({columns}) FROM STDIN") as rows:
            for number in range(cards):
                unit = f"{9901 + number % 20}{1 + number % 7:02d}"
                rows.write_row(
                    (card(number), 1, unit, CARRIER, "plug_in", "2026-01", "running", NOW - timedelta(days=200))
                )
        db.commit()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("VACUUM ANALYZE traffic.cards")
        db.execute("CHECKPOINT")


def volumes(cards: int, day: date) -> Iterator[int]:
    """Each card's bytes of the day: spread as real ones are, over four orders of magnitude."""
    dice = random.Random(f"usage {day}")
    return (int(dice.lognormvariate(13.5, 1.6)) for _ in range(cards))


def write_day(path: Path, cards: int, day: date, *, doubled: int = 0) -> None:
    """``doubled``: of so many cards one has twice its volume."""
    with path.open("w") as file:
        file.write("ICCID,日期,流量\n")
        for number, used in enumerate(volumes(cards, day)):
            told = used * 2 if doubled and number % doubled == 0 else used
            file.write(f"{card(number)},{day},{told}\n")


class Office:
    """Loads days into one database, each in one transaction, as the job does."""

    def __init__(self, url: str, blobs: BlobStore) -> None:
        settings = DatabaseSettings(database_url=url)
        self.engine: Engine = create_engine("traffic", "job", settings)
        self.blobs = blobs

    def put(self, path: Path) -> Any:
        with path.open("rb") as file:
            return self.blobs.put_stream(iter(lambda: file.read(1 << 20), b""), name=path.name, media_type="text/csv")

    def load(self, file: Any, source: str = "carrier") -> dict[str, Any]:
        with UnitOfWork(self.engine).begin(PROVINCE, "bench") as tx:
            carrier = CARRIER if source == "carrier" else None
            note = {"source": source, "carrier": carrier, "measured_in": "B", "whole": True, "as_of": NOW}
            accepted = accept(tx, PROVINCE, NOW, file, None, **note)
            row = tx.execute(loads.select().where(loads.c.id == accepted.load_id)).one()
            done = take_in(tx, row, self.blobs, now=NOW, progress=lambda _: None)
            tx.commit()
        if done["state"] != "taken":
            raise RuntimeError(f"the load ended otherwise: {done}")
        return done


@contextmanager
def an_office(url: str) -> Iterator[tuple[Office, Path]]:
    with TemporaryDirectory() as folder:
        office = Office(url, blob_store(BlobSettings(blob_url=(Path(folder) / "blobs").as_uri())))
        try:
            yield office, Path(folder)
        finally:
            office.engine.dispose()
