"""Every method that points at a thing by its key: what is another unit's is not found, and nothing changes (GTW-02).

The things are those of ``houses``. Each method is asked twice for the same thing: by somebody of another province, to
whom it does not exist, and by somebody of the province to whom it belongs. Whatever the second is told (often that the
thing is in no state for it), it must be another answer, or the key was none.
"""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pytest

from gateway.roles import PERMISSIONS
from kernel.chassis.bus.dispatch import asked_for
from kernel.chassis.data.blobs import BlobStore, blob_store
from kernel.chassis.data.unit_of_work import Tx, UnitOfWork
from kernel.chassis.process.settings import BlobSettings
from kernel.contracts.method import EVERY_SERVICE, Method
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.imei.codes import written
from tests.integration.lists.houses import House
from tests.messaging.test_every_method import BY_KEY, METHODS
from tests.sample_requests import sample

pytestmark = pytest.mark.req("GTW-02")

OF_A_LEVEL = {"change_application": "990101", "delete_application": "990101", "change_city_line": "9901"}
"""What only the people of one level do; all else is asked by the province."""
MORE = {"change_city_line": {"quantity": 77}}
"""Fields without which a request asks nothing."""
SEALED = frozenset({"read_label", "list_label_cards"})
"""Their key is a printed code with a check that only we can make: tests/integration/inventory/test_boxes.py."""
OWN_ROWS = {"ask_reads": {"read_askings"}}
"""Tables in which a stranger leaves his own request, of which nothing came."""

_CASE = "SELECT number FROM forms WHERE kind = 'county_termination' ORDER BY id LIMIT 1"
KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "inventory": {
            "iccid": "SELECT iccid FROM cards WHERE state <> 'received' ORDER BY id LIMIT 1",
            "iccids": "SELECT iccid FROM cards WHERE state <> 'received' ORDER BY id LIMIT 1",
            "delivery_id": "SELECT delivery_id FROM refused_rows LIMIT 1",
            "list_discrepancies.delivery_id": "SELECT id FROM deliveries ORDER BY id LIMIT 1",
            "act_id": "SELECT act.id FROM allocations AS act JOIN run_log USING (change_id) ORDER BY 1 LIMIT 1",
        },
        "workflow": {
            "number": _CASE,
            "forms": _CASE,
            "id": "SELECT id FROM applications ORDER BY id LIMIT 1",
            "get_city_line.id": "SELECT id FROM city_lines ORDER BY id LIMIT 1",
            "change_city_line.id": "SELECT id FROM city_lines WHERE unit = '9901' ORDER BY id LIMIT 1",
        },
        "documents": {
            "number": "SELECT number FROM forms ORDER BY id LIMIT 1",
            "scan_id": "SELECT id FROM scans ORDER BY id LIMIT 1",
            "seal_id": "SELECT id FROM seals ORDER BY id LIMIT 1",
        },
        "binding": {
            "iccid": "SELECT iccid FROM bindings ORDER BY asset_no LIMIT 1",
            "iccids": "SELECT iccid FROM cards ORDER BY iccid LIMIT 1",
            "settle_binding.iccid": "SELECT iccid FROM settlements ORDER BY id LIMIT 1",
            "settle_binding.terminal": "SELECT asset_no FROM settlements ORDER BY id LIMIT 1",
            "rows": "SELECT asset_no FROM terminals ORDER BY 1 LIMIT 1",
            "terminal": "SELECT asset_no FROM bindings ORDER BY asset_no LIMIT 1",
            "terminals": "SELECT asset_no FROM terminals ORDER BY 1 LIMIT 1",
            "settlement_id": "SELECT id FROM settlements ORDER BY id LIMIT 1",
            "exception_id": "SELECT id FROM exceptions ORDER BY id LIMIT 1",
            "mismatches": "SELECT id FROM unit_mismatches ORDER BY id LIMIT 1",
            "correction_id": "SELECT id FROM unit_corrections ORDER BY id LIMIT 1",
            "read_id": "SELECT id FROM read_askings ORDER BY id LIMIT 1",
            "locks": "SELECT id FROM card_locks WHERE released_at IS NULL ORDER BY id LIMIT 1",
            "list_id": "SELECT list_id FROM terminal_lists ORDER BY id LIMIT 1",
            "station": "SELECT station FROM terminal_lists ORDER BY id LIMIT 1",
            "number": "SELECT id FROM terminal_lists WHERE state = 'held' LIMIT 1",
        },
        "traffic": {
            "load_id": "SELECT id FROM loads ORDER BY id LIMIT 1",
            "doubt_id": "SELECT d.id FROM counter_doubts d JOIN cards ON cards.id = card_id"
            " WHERE owner_unit = '990101' ORDER BY d.id LIMIT 1",
            "rule_id": "SELECT id FROM usage_rules ORDER BY id LIMIT 1",
            "iccids": "SELECT iccid FROM cards ORDER BY iccid LIMIT 1",
        },
        "imei": {
            "serial": "SELECT device_id FROM freezes WHERE lifted_version IS NULL ORDER BY 1 LIMIT 1",
            "serials": "SELECT device_id FROM freezes WHERE lifted_version IS NULL ORDER BY 1 LIMIT 1",
            "release_reservation.serial": "SELECT device_id FROM reservations ORDER BY 1 LIMIT 1",
            "cancel_redemption.serial": "SELECT device_id FROM redemptions ORDER BY 1 LIMIT 1",
            "organisation": "SELECT code FROM organisations WHERE level = 4 ORDER BY 1 LIMIT 1",
            "reminder_id": "SELECT id FROM reminders WHERE state = 'open' ORDER BY 1 LIMIT 1",
            "check_id": "SELECT id FROM spot_checks ORDER BY 1 LIMIT 1",
            "number": "SELECT number FROM swap_lists ORDER BY 1 LIMIT 1",
            "moves": "SELECT id FROM ownership_moves ORDER BY 1 LIMIT 1",
            "login": "SELECT login FROM clerks ORDER BY 1 LIMIT 1",
            "bind_clerk.login": "SELECT login FROM clerks ORDER BY 1 LIMIT 1",
            "to_organisation": "SELECT code FROM organisations WHERE level = 4 ORDER BY 1 LIMIT 1",
            "client_id": "SELECT client_id FROM scans ORDER BY number LIMIT 1",
            "order_no": "SELECT order_no FROM redemptions ORDER BY device_id LIMIT 1",
            "release_reservation.order_no": "SELECT order_no FROM reservations ORDER BY device_id LIMIT 1",
            "violation_id": "SELECT id FROM violations ORDER BY id LIMIT 1",
            "sanction_id": "SELECT id FROM sanctions ORDER BY id LIMIT 1",
            "list_id": "SELECT id FROM lists ORDER BY id LIMIT 1",
            "contact_id": "SELECT id FROM contacts ORDER BY id LIMIT 1",
            "appeal_id": "SELECT id FROM appeals ORDER BY id LIMIT 1",
        },
        "chassis": {"job_id": "SELECT id FROM jobs ORDER BY id LIMIT 1"},
    }
)
"""Service > field, or ``method.field`` where a method needs another thing > where one is found."""
NEW = frozenset({"scan_serials.client_id", "sell_serials.client_id"})
"""Numbers that the caller makes."""
DEVICES = frozenset({"serial", "serials"})
"""Fields of imei that name a device by its code; the tables have its number."""
EVERY = [
    pytest.param("chassis" if method.service == EVERY_SERVICE else method.service, method, id=method.name)
    for method in METHODS
    if method.name in BY_KEY - SEALED
]


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> BlobStore:
    return blob_store(BlobSettings(blob_url=tmp_path_factory.mktemp("blobs").as_uri()))


def _pointing(tx: Tx, service: str, method: Method[Any, Any], now: datetime) -> Any:
    """A request of ``method`` for things that exist."""
    given = {**sample(method.request), **MORE.get(method.name, {})}
    if method.name == "report_terminals":
        given["as_of"] = now  # what is told of the future is refused whose ever it is
    for name in method.request.model_fields:
        own = f"{method.name}.{name}"
        query = KEYS[service].get(own, KEYS[service].get(name))
        if query is None or own in NEW:
            continue
        found: Any = tx.execute(query).scalar_one()
        if service == "imei" and name in DEVICES:
            found = written(found)
        if name == "forms":
            found = {"number": found, "version": 1}
        if name == "rows":  # the stranger wants it for himself
            found = {"terminal": found, "unit": "9801", "kind": "x", "state": "running"}
        many = isinstance(given.get(name), list) or name in {"iccids", "serials"}
        given[name] = [found] if many else found
    return method.request.model_validate(given)


def _act(service: str, method: Method[Any, Any]) -> Any:
    name = "imei" if service == "chassis" else service
    module = importlib.import_module(f"services.{name}.service")
    kind = next(it for it in vars(module).values() if getattr(it, "name", None) == name and hasattr(it, "METHODS"))
    return {**operations_of(), **kind.METHODS}[method]


def operations_of() -> Mapping[Method[Any, Any], Any]:
    return dict(importlib.import_module("kernel.chassis.jobs.operations").METHODS)


@contextmanager
def _undone(house: House, by: Actor) -> Iterator[Tx]:
    with UnitOfWork(house.engine).begin(by, "test") as tx:
        yield tx


def _told(house: House, service: str, method: Method[Any, Any], by: Actor, blobs: BlobStore) -> tuple[str, set[str]]:
    """What ``by`` is told of the thing, and which tables he wrote. All is taken back afterwards."""
    name = "imei" if service == "chassis" else service
    with _undone(house, by) as tx:
        request = _pointing(tx, service, method, house.now)
        before = _rows(tx)
        offered = {"by": by, "now": house.now, "blobs": blobs, "service": name, "package": f"services.{name}"}
        act = _act(service, method)
        try:
            reply = act(tx, request, **asked_for(act, **offered))
        except DomainError as error:
            return error.code, set()  # whoever refuses takes back what he did
        after = _rows(tx)
    return _said(reply.model_dump(mode="json")), {name for name in after if after[name] != before.get(name)}


def _said(reply: Mapping[str, Any]) -> str:
    """An answer in a word: codes of refusals, nothing, or something."""
    refused = reply.get("refused")
    refused = [it["code"] for it in refused] if isinstance(refused, list) else []
    if refused:
        return ",".join(sorted(set(refused)))
    items = reply.get("items")
    return "nothing" if items == [] or reply.get("done") == 0 else "something"


def _rows(tx: Tx) -> dict[str, int]:
    """Table > how often its rows were written in this transaction."""
    found = tx.execute(
        "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS writes FROM pg_stat_xact_user_tables"
        " WHERE schemaname = current_schema()"
    )
    return {row.relname: row.writes for row in found if row.writes}


@pytest.mark.parametrize(("service", "method"), EVERY)
def test_what_is_another_units_is_not_found_and_does_not_change(
    houses: Any, blobs: BlobStore, service: str, method: Method[Any, Any]
) -> None:
    house, unit = houses(service), OF_A_LEVEL.get(method.name, "99")
    owner = Actor("owner", "本单位", unit, PERMISSIONS)
    stranger = Actor("stranger", "外省", f"98{unit[2:]}", PERMISSIONS)

    to_stranger, written_by_stranger = _told(house, service, method, stranger, blobs)
    to_owner, _ = _told(house, service, method, owner, blobs)

    assert to_stranger != "something"
    assert written_by_stranger <= OWN_ROWS.get(method.name, set())
    assert to_owner != to_stranger, "the key was none: say in KEYS where one is found"
