"""The migrations that changed how devices are kept, taken back and made again on a database with devices."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command

from deploy.migrate import alembic_config
from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import DatabaseSettings
from services.imei.lists import straight
from tests.integration.imei.office import Office
from tests.integration.imei.shops import NOW, Shops, imei

_STATE = {
    "devices": "SELECT id, state, version, organisation, unit, maker FROM devices",
    "codes": "SELECT code, device_id, place FROM codes",
    "events": "SELECT device_id, version, change_id, at, action, from_state, to_state, organisation, unit, row_no"
    " FROM events",
    "registrations": "SELECT code, unit FROM registrations",
}


def state(shops: Shops) -> dict[str, list[Any]]:
    return {name: sorted(map(repr, map(tuple, shops.sql(sql)))) for name, sql in _STATE.items()}


@pytest.mark.req("IME-01", "IME-02", "IME-17")
@pytest.mark.parametrize("down_to", ["0023", "0022", "0021"])
def test_devices_codes_and_histories_are_the_same_after_going_back_and_forward(
    a_database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, down_to: str
) -> None:
    monkeypatch.setattr(straight.take, "__kwdefaults__", {"at_once": 2})
    with a_database() as url:
        settings = DatabaseSettings(database_url=url)
        engine = create_engine("imei", "job", settings)
        shops = Shops(engine)
        shops.open()
        office = Office(shops, tmp_path, in_time=True)
        office.upload("province_entry", [imei(1), imei(2)])
        office.upload("claim", [f"{imei(2)},", f"{imei(3)},{imei(4)}"], head="IMEI1,IMEI2")
        shops.have(5, more=(6,))
        shops.scan([imei(3), imei(5)])
        shops.sql(
            "INSERT INTO registrations (code, registered_at, place, received_at)"
            " VALUES (:code, '2026-11-20 08:00+08', '9901', now())", code=int(imei(4)[:14], 16),
        )  # fmt: skip
        assert shops.sql("SELECT count(*) AS n FROM devices WHERE shelf <> 0")[0].n == 2
        before = state(shops)
        engine.dispose()
        config = alembic_config("imei", settings.service_dsn("imei"))

        command.downgrade(config, down_to)
        behind = state(shops)
        engine.dispose()
        command.upgrade(config, "head")

        assert (behind, state(shops)) == (before, before)
        office.upload("claim", [imei(7)])
        assert [it.action for it in shops.look(imei(3)).events] == ["enter_claimed", "scan_in"]
        assert [it.action for it in shops.look(imei(7)).events] == ["enter_claimed"]
        engine.dispose()


@pytest.mark.req("IME-01")
def test_the_version_before_writes_its_events_where_they_are_read(shops: Shops) -> None:
    """It copies them into ``events``, which is a view now."""
    sql = "COPY events (device_id, version, change_id, at, action, to_state, unit) FROM STDIN"
    with shops.engine.begin() as db, db.connection.driver_connection.cursor().copy(sql) as copy:  # type: ignore[union-attr]
        copy.write_row((1, 1, 1, NOW, "enter", "unclaimed", "99"))

    assert [row.action for row in shops.sql("SELECT action FROM events WHERE device_id = 1")] == ["enter"]
