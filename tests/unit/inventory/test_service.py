"""Every method of the contract is served, under the name and permission that the gateway calls it by."""

from kernel.contracts.inventory import METHODS
from services.inventory.jobs import JOBS
from services.inventory.service import InventoryService


def test_every_method_of_the_contract_is_served():
    served = {
        contract.name: contract
        for name in dir(InventoryService)
        if (contract := getattr(getattr(InventoryService, name), "contract", None))
    }

    assert {method.name for method in METHODS} <= served.keys()
    assert all(served[method.name] is method for method in METHODS)


def test_what_reads_needs_only_viewing_and_what_writes_has_a_permission_of_its_own():
    for method in METHODS:
        if method.writes:
            assert method.permission not in {None, "card.view"}, method.name


def test_jobs_have_handlers():
    assert {"delivery_import", "delivery_pull", "check_ledger"} <= JOBS.keys()
