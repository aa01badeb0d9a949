"""Inventory on the bus: one line per method, each calling one act. What it does stands in the module it calls."""

from datetime import datetime

from kernel.chassis.bus.events import event_handler
from kernel.chassis.bus.rpc_server import Call, rpc_method
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process import clock
from kernel.chassis.process.service import ChassisService
from kernel.chassis.process.timers import Daily, Every, timer
from kernel.contracts.envelope import Envelope
from kernel.contracts.inventory import acts, cards, statistics
from kernel.contracts.inventory import deliveries as contract
from kernel.contracts.workflow import events as workflow
from kernel.model.actor import system_actor
from services.inventory import (
    allocation,
    catalogues,
    closing,
    custody,
    dashboard,
    ledger,
    reactions,
    requisition,
    run_log,
)
from services.inventory.card_lists import card_list
from services.inventory.deliveries import batch_list, importing, inspection, stock_in
from services.inventory.settings import InventorySettings
from services.inventory.statistics import abnormal_cards, activations, cards_by_state, pending_install

_SETTINGS = InventorySettings()


class InventoryService(ChassisService):
    """Owns the cards of all units, from delivery to termination. Queries see one moment where they ask twice."""

    name = "inventory"

    # 入库

    @rpc_method(contract.IMPORT_DELIVERY)
    def import_delivery(self, call: Call, request: contract.ImportDelivery) -> contract.JobAccepted:
        return importing.import_delivery(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(contract.PUSH_DELIVERY)
    def push_delivery(self, call: Call, request: contract.PushDelivery) -> contract.JobAccepted:
        return importing.push_delivery(call.tx, request, by=call.actor, now=call.now, blobs=call.blobs)

    @rpc_method(contract.PULL_DELIVERIES)
    def pull_deliveries(self, call: Call, request: contract.PullDeliveries) -> contract.JobAccepted:
        return importing.pull_deliveries(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(contract.LIST_DELIVERIES, consistent=True)
    def list_deliveries(self, call: Call, request: contract.ListDeliveries) -> contract.DeliveryPage:
        return batch_list.list_deliveries(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(contract.GET_DELIVERY)
    def get_delivery(self, call: Call, request: contract.GetDelivery) -> contract.DeliveryView:
        return batch_list.get_delivery(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(contract.LIST_REFUSED_ROWS, consistent=True)
    def list_refused_rows(self, call: Call, request: contract.ListRefusedRows) -> contract.RefusedRowPage:
        return batch_list.list_refused_rows(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(contract.LIST_DISCREPANCIES)
    def list_discrepancies(self, call: Call, request: contract.GetDelivery) -> contract.Discrepancies:
        return batch_list.list_discrepancies(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(contract.RELEASE_DELIVERY)
    def release_delivery(self, call: Call, request: contract.ReleaseDelivery) -> contract.DeliveryView:
        return batch_list.release(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(contract.RECORD_INSPECTION)
    def record_inspection(self, call: Call, request: contract.RecordInspection) -> contract.InspectionAnswer:
        return inspection.record_inspection(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(acts.MARK_UNQUALIFIED)
    def mark_unqualified(self, call: Call, request: acts.MarkUnqualified) -> acts.BulkAnswer:
        return inspection.mark_unqualified(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(acts.INSPECT_AGAIN)
    def inspect_again(self, call: Call, request: acts.InspectAgain) -> acts.BulkAnswer:
        return inspection.inspect_again(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(contract.STOCK_IN)
    def stock_in(self, call: Call, request: contract.StockIn) -> contract.StockInAnswer:
        return stock_in.stock_in(call.tx, request, by=call.actor, now=call.now, language=call.language)

    # 分卡

    @rpc_method(acts.PREVIEW_ALLOCATION)
    def preview_allocation(self, call: Call, request: acts.PreviewAllocation) -> acts.AllocationPreview:
        return allocation.preview(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(acts.ALLOCATE_CARDS)
    def allocate_cards(self, call: Call, request: acts.AllocateCards) -> acts.AllocationAnswer:
        return allocation.allocate(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(acts.LIST_ALLOCATIONS, consistent=True)
    def list_allocations(self, call: Call, request: acts.ListAllocations) -> acts.AllocationPage:
        return allocation.list_allocations(call.tx, request, by=call.actor, now=call.now)

    # 领用

    @rpc_method(acts.ISSUE_CARDS)
    def issue_cards(self, call: Call, request: acts.IssueCards) -> acts.IssueAnswer:
        return requisition.issue(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(acts.LIST_REQUISITIONS, consistent=True)
    def list_requisitions(self, call: Call, request: acts.ListRequisitions) -> acts.RequisitionPage:
        return requisition.list_requisitions(call.tx, request, by=call.actor, now=call.now)

    # 查询, 待装卡分流

    @rpc_method(cards.LIST_CARDS, consistent=True)
    def list_cards(self, call: Call, request: cards.ListCards) -> cards.CardPage:
        return card_list.list_cards(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(cards.GET_CARD)
    def get_card(self, call: Call, request: cards.GetCard) -> cards.CardView:
        return card_list.get_card(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(cards.GET_RUN_LOG, consistent=True)
    def get_run_log(self, call: Call, request: cards.GetRunLog) -> cards.RunLog:
        return run_log.get_run_log(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(cards.LIST_OPTIONS)
    def list_options(self, call: Call, request: cards.ListOptions) -> cards.Options:
        return catalogues.list_options(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(acts.RETURN_TO_STOCK)
    def return_to_stock(self, call: Call, request: acts.ReturnToStock) -> acts.BulkAnswer:
        return custody.return_to_stock(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(acts.MARK_PENDING_SCRAP)
    def mark_pending_scrap(self, call: Call, request: acts.MarkPendingScrap) -> acts.BulkAnswer:
        return custody.mark_pending_scrap(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(acts.RESTORE)
    def restore(self, call: Call, request: acts.Restore) -> acts.BulkAnswer:
        return custody.restore(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(acts.REDIRECT)
    def redirect(self, call: Call, request: acts.Redirect) -> acts.BulkAnswer:
        return custody.redirect(call.tx, request, by=call.actor, now=call.now, language=call.language)

    # 统计

    @rpc_method(statistics.COUNT_BY_STATE, consistent=True)
    def count_by_state(self, call: Call, request: statistics.CountByState) -> statistics.CountsByState:
        return cards_by_state.count_by_state(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(statistics.COUNT_PENDING_INSTALL, consistent=True)
    def count_pending_install(
        self, call: Call, request: statistics.CountPendingInstall
    ) -> statistics.PendingInstallCounts:
        return pending_install.count_pending_install(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(statistics.COUNT_ACTIVATIONS, consistent=True)
    def count_activations(self, call: Call, request: statistics.CountActivations) -> statistics.ActivationCounts:
        return activations.count_activations(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(statistics.COUNT_ABNORMAL, consistent=True)
    def count_abnormal(self, call: Call, request: statistics.CountAbnormal) -> statistics.AbnormalCounts:
        return abnormal_cards.count_abnormal(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(statistics.GET_ABNORMAL_LIMITS)
    def get_abnormal_limits(self, call: Call, request: statistics.GetAbnormalLimits) -> statistics.AbnormalLimits:
        return abnormal_cards.get_abnormal_limits(call.tx, request)

    @rpc_method(statistics.SET_ABNORMAL_LIMITS)
    def set_abnormal_limits(self, call: Call, request: statistics.SetAbnormalLimits) -> statistics.AbnormalLimits:
        return abnormal_cards.set_abnormal_limits(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(statistics.GET_LEDGER, consistent=True)
    def get_ledger(self, call: Call, request: statistics.GetLedger) -> statistics.Ledger:
        return ledger.get_ledger(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(statistics.CHECK_LEDGER)
    def check_ledger(self, call: Call, request: statistics.CheckLedger) -> contract.JobAccepted:
        return ledger.check_ledger(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(statistics.GET_DASHBOARD, consistent=True)
    def get_dashboard(self, call: Call, request: statistics.GetDashboard) -> statistics.Dashboard:
        return dashboard.get_dashboard(call.tx, request, by=call.actor, now=call.now)

    # What other services told

    @event_handler(
        "workflow",
        workflow.TerminationCardsListed,
        workflow.TerminationCardsReleased,
        workflow.TerminationCardsConfirmed,
        workflow.TerminationCardsReopened,
    )
    def follow_form(self, tx: Tx, event: reactions.Instruction, envelope: Envelope) -> None:
        reactions.follow_form(tx, event, now=clock.now())

    # What nobody has to ask for

    @timer("pull_deliveries", Every(seconds=_SETTINGS.pull_every_seconds))
    def pull_all(self, tx: Tx, due_at: datetime) -> None:
        importing.pull_all(tx, by=system_actor("inventory"))

    @timer("close_ledger", Daily(hour=_SETTINGS.closing_hour))
    def close_ledger(self, tx: Tx, due_at: datetime) -> None:
        closing.nightly(tx, now=due_at)
