"""Every method of every service by four people: nobody, another unit's, the right unit's without the right, the right.

A new method fails here until it says how another unit is kept out: by a field of type ``Unit``, or in a table below.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.docs import CONTRACTS
from gateway.roles import PERMISSIONS
from kernel.chassis.bus.wire import ServiceError
from kernel.contracts import operations
from kernel.contracts.method import EVERY_SERVICE, Method
from kernel.model.actor import Actor
from tests.messaging.client import BusClient
from tests.messaging.harness import Bench
from tests.running_stack import virtual_host
from tests.sample_requests import OUTSIDERS_UNIT, sample

pytestmark = pytest.mark.req("GTW-02")

EVERYBODYS = {"list_options", "check_code"}
"""Methods that ask for no permission: any signed actor may."""
OF_ONES_OWN = {
    "draw_labels", "find",
    "list_jobs", "list_exports", "start_export", "list_parked", "replay_parked", "drop_parked", "list_options",
    "get_abnormal_limits", "set_abnormal_limits", "get_dashboard", "list_deliveries", "push_delivery",
    "pull_deliveries", "get_todo", "get_overview", "list_notices", "mark_read", "get_window", "set_window",
    "reopen_month",
    "create_application", "generate_city_form", "get_province_summary", "generate_province_form", "add_to_list",
    "remove_from_list", "generate_termination_form", "reopen_cases", "check_code", "look_at_card_list",
    "list_terminal_lists", "push_carrier_counts", "import_carrier_counts", "pull_carrier_counts",
    "list_carrier_pulls",
    "get_usage_template", "get_bill_template", "get_count_template", "get_serial_list_template", "get_report_template",
    "look_at_delivery_file", "look_at_usage_file", "get_card_list_template", "get_delivery_template",
    "take_read_requests",
    "import_usage", "push_usage", "report_usage", "report_counters", "list_loads", "list_unknown_usage", "check_usage",
    "pull_usage", "list_usage_pulls", "get_usage_overview",
    "get_usage_ranges", "set_usage_ranges",
    "list_organisations", "list_contacts", "report_serials", "list_reports", "report_registrations", "analyse_month",
    "add_tariff", "list_tariffs", "agree_pool", "list_pools", "list_cost_months", "rate_month", "close_month",
    "import_bill", "list_bills",
    "list_serial_lists", "list_ownership_moves", "get_transfer_targets", "import_tacs", "list_tacs", "get_tac_template",
}  # fmt: skip
"""Nothing in the request can point at another unit: it is about the caller's own subtree, or the same for all."""
BY_KEY = {
    "pack_delivery", "list_boxes", "read_label", "list_label_cards", "list_labels",
    "get_act", "list_act_cards",
    "export_file",
    "get_job", "job_rows", "cancel_job", "retry_job", "get_card", "get_run_log", "get_delivery", "list_refused_rows",
    "list_discrepancies", "release_delivery", "record_inspection", "stock_in", "mark_unqualified", "inspect_again",
    "return_to_stock", "mark_pending_scrap", "restore", "redirect", "get_application", "change_application",
    "delete_application", "get_city_line", "change_city_line", "get_form", "submit_for_review", "submit_to_province",
    "send_back", "renew_draft", "view_form", "upload_signed_form", "list_attempts", "view_signed_form", "get_history",
    "generate_termination_form_again", "dissolve_form", "review_by_city", "pass_on_send_back", "review_by_province",
    "list_form_cards", "record_answers", "submit_scan", "get_scan", "decide_scan", "get_seal", "decide_seal",
    "end_seal", "ask_reads", "get_reads",
    "cancel_reads", "settle_binding", "undo_settlement", "handle_exception", "report_terminals",
    "get_serial", "edit_serial", "list_serial_events", "scan_serials",
    "decide_terminal_list", "get_usage_rule", "change_usage_rule", "get_cards_use",
    "get_bill", "preview_bill", "decide_bill",
    "get_load", "preview_load", "decide_load", "decide_counter",
    "sell_serials", "undo_scan", "transfer_serials", "freeze_serials", "thaw_serials", "swap_serial",
    "check_redemption",
    "reserve_serial", "release_reservation", "cancel_redemption", "wake_serials",
    "decide_violation", "hear_sanction", "decide_sanction", "decide_contact", "extend_freeze", "appeal_freeze",
    "review_appeal", "bind_clerk", "release_clerk", "review_ownership", "read_reminder", "draw_spot_check",
    "list_spot_check_devices", "draft_swap_list", "list_swap_pairs", "settle_swap_list",
    "count_spot_check", "redeem_serial", "release_serial_list",
    "settle_exception", "list_claims", "list_exception_notes", "list_bindings",
    "correct_units", "undo_correction", "decide_held_list", "list_missing_terminals",
    "lock_cards", "release_locks",
}  # fmt: skip
"""The request points at a thing by its key; what is another unit's is not found, as
``tests/integration/lists/test_every_key.py`` proves for each."""
OBSERVED = {"report_readings"}
"""What a master station saw at terminals: it names no unit. A terminal that stands in another unit is refused by
row, as ``tests/integration/binding/test_bad_rows.py`` proves."""

METHODS = [
    *(method for contract in CONTRACTS.values() for method in contract.METHODS),
    *operations.METHODS,
]
REFUSED = {"permission_denied", "unit_out_of_scope", "actor_missing", "internal_error"}


def _name(method: Method[Any, Any]) -> str:
    return f"{method.service}.{method.name}"


@pytest.fixture(scope="module")
def client(module_database: str, amqp_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusClient]:
    """A client of the services, each of which runs as a process of its own."""
    directory: Path = tmp_path_factory.mktemp("services")
    host = virtual_host(amqp_url)
    settings = {
        "SIMKEEP_DATABASE_URL": module_database,
        "SIMKEEP_BLOB_URL": f"file://{directory / 'blobs'}",
    }
    bench = Bench(module_database, host, directory, settings)
    running = [bench.start(service) for service in CONTRACTS]
    client = BusClient(host)
    yield client
    client.close()
    for service in running:
        service.stop()


def somebody(unit: str, permissions: frozenset[str]) -> Actor:
    return Actor("somebody", "某人", unit, permissions)


def code(client: BusClient, method: Method[Any, Any], units: tuple[str, ...] = (), **options: Any) -> str | None:
    """How the call is refused; None: it is answered."""
    service = next(iter(CONTRACTS)) if method.service == EVERY_SERVICE else method.service
    request = method.request.model_validate(sample(method.request, units))
    try:
        client.call(service, method, request, **options)
    except ServiceError as error:
        return error.code
    return None


@pytest.mark.parametrize("method", METHODS, ids=_name)
def test_four_people_call_it(client: BusClient, method: Method[Any, Any]) -> None:
    anonymous = code(client, method, method.units)
    right = code(client, method, method.units, actor=somebody("99", PERMISSIONS))

    assert anonymous == "actor_missing"
    assert right not in REFUSED
    if method.permission is None:
        assert method.name in EVERYBODYS
    else:
        without = somebody(OUTSIDERS_UNIT, PERMISSIONS - {method.permission})
        assert code(client, method, method.units, actor=without) == "permission_denied"
    for unit in method.units:
        assert code(client, method, (unit,), actor=somebody("990201", PERMISSIONS)) == "unit_out_of_scope"


def test_every_method_says_how_another_unit_is_kept_out() -> None:
    unnamed = {method.name for method in METHODS if not method.units}

    assert unnamed - OF_ONES_OWN - BY_KEY - OBSERVED == set()
    assert not OF_ONES_OWN & BY_KEY


def test_a_field_that_names_a_unit_is_declared_as_one() -> None:
    for method in METHODS:
        named = {name for name in method.request.model_fields if name == "unit" or name.endswith("_unit")}
        assert named <= set(method.units), f"{_name(method)}: give {named - set(method.units)} the type Unit"
