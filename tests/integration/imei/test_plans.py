"""No page of 串码管理 reads the devices, or what was told of them, from end to end (IME-01, IME-10, IME-11).

60,000 devices, and 20,000 on the shelf of a list that nobody has sampled since, as a county, a city and the province
look at them: the first page, the next by its cursor, and the filters that people use.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from benchmarks import serial_ground, serial_pages
from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import DatabaseSettings
from kernel.model.actor import Actor
from services.imei.exports import LISTS
from services.imei.lists import straight
from tests.plans import page_read_whole

DEVICES, ON_A_SHELF = 60_000, 20_000
BIG = re.compile(r"devices_\d+|codes|events|registrations|freezes|redemptions")
HOLDS = frozenset({"serial.view", "serial.audit", "serial.import"})
ACTORS = {
    "county": Actor("k", "县", "990101", HOLDS),
    "city": Actor("c", "市", "9901", HOLDS),
    "province": Actor("p", "省", "99", HOLDS),
}
BY_PATH = {it.resource: it for it in LISTS}
CASES = [page for page in serial_pages.pages() if page[2] in BY_PATH]


@pytest.fixture(scope="module")
def filled(module_database: str) -> Iterator[Engine]:
    serial_ground.fill(module_database, DEVICES)
    with serial_ground.an_office(module_database) as (office, folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr(straight.take, "__kwdefaults__", {"at_once": ON_A_SHELF // 4})
        serial_ground.write_list(folder / "list.csv", range(20_000_000, 20_000_000 + ON_A_SHELF))
        office.take_in("push_down", office.put(folder / "list.csv"))
    engine = create_engine("imei", "read", DatabaseSettings(database_url=module_database))
    yield engine
    engine.dispose()


@pytest.mark.req("IME-01", "IME-10", "IME-11")
@pytest.mark.parametrize(("login", "path", "params"), [page[1:] for page in CASES], ids=[page[0] for page in CASES])
def test_a_page_reads_no_big_table_from_end_to_end(
    filled: Engine, login: str, path: str, params: dict[str, Any]
) -> None:
    whole, _ = page_read_whole(filled, ACTORS[login], BIG, BY_PATH[path], params)

    assert whole == []
