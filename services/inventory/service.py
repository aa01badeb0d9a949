"""Inventory on the bus: which act does each method. What it does stands in the module of the act."""

from datetime import datetime
from typing import ClassVar

from kernel.chassis.bus.events import event_handler
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files.template import template_of
from kernel.chassis.process import clock
from kernel.chassis.process.service import ChassisService, Methods
from kernel.chassis.process.timers import Daily, Every, timer
from kernel.contracts.binding import events as binding
from kernel.contracts.envelope import Envelope
from kernel.contracts.inventory import acts, cards, finding, overview, statistics
from kernel.contracts.inventory import boxes as box_contract
from kernel.contracts.inventory import deliveries as contract
from kernel.contracts.inventory import redirection as redirections
from kernel.contracts.workflow import events as workflow
from kernel.model.actor import system_actor
from services.inventory import (
    act_cards,
    allocation,
    box_acts,
    boxes,
    catalogues,
    closing,
    custody,
    dashboard,
    files,
    labels,
    ledger,
    listed_cards,
    on_terminals,
    on_units,
    reactions,
    redirection,
    requisition,
    run_log,
)
from services.inventory.card_lists import card_list
from services.inventory.deliveries import batch_list, importing, inspection, stock_in
from services.inventory.deliveries.columns import CARD_LIST, DELIVERY
from services.inventory.finding import find
from services.inventory.settings import InventorySettings
from services.inventory.statistics import abnormal_cards, activations, cards_by_state, cover, trend

_SETTINGS = InventorySettings()


class InventoryService(ChassisService):
    """Owns the cards of all units, from delivery to termination. Queries see one moment where they ask twice."""

    name = "inventory"
    METHODS: ClassVar[Methods] = {
        # 入库
        contract.LOOK_AT_DELIVERY_FILE: files.look_at_delivery,
        contract.GET_DELIVERY_TEMPLATE: template_of(DELIVERY),
        contract.IMPORT_DELIVERY: importing.import_delivery,
        contract.PUSH_DELIVERY: importing.push_delivery,
        contract.PULL_DELIVERIES: importing.pull_deliveries,
        contract.LIST_DELIVERIES: batch_list.list_deliveries,
        contract.GET_DELIVERY: batch_list.get_delivery,
        contract.LIST_REFUSED_ROWS: batch_list.list_refused_rows,
        contract.LIST_DISCREPANCIES: batch_list.list_discrepancies,
        contract.RELEASE_DELIVERY: batch_list.release,
        contract.RECORD_INSPECTION: inspection.record_inspection,
        acts.MARK_UNQUALIFIED: inspection.mark_unqualified,
        acts.INSPECT_AGAIN: inspection.inspect_again,
        contract.STOCK_IN: stock_in.stock_in,
        # 分卡
        acts.PREVIEW_ALLOCATION: allocation.preview,
        acts.ALLOCATE_CARDS: allocation.allocate,
        acts.LIST_ALLOCATIONS: allocation.list_allocations,
        # 领用
        acts.LOOK_AT_CARD_LIST: files.look_at_card_list,
        acts.GET_CARD_LIST_TEMPLATE: template_of(CARD_LIST),
        acts.ISSUE_LISTED: listed_cards.issue_listed,
        acts.ISSUE_CARDS: requisition.issue,
        acts.LIST_REQUISITIONS: requisition.list_requisitions,
        finding.GET_ACT: act_cards.get_act,
        finding.LIST_ACT_CARDS: act_cards.list_act_cards,
        # 箱和标签
        box_contract.PACK_DELIVERY: boxes.pack,
        box_contract.LIST_BOXES: boxes.list_boxes,
        box_contract.READ_LABEL: boxes.read,
        box_contract.LIST_LABEL_CARDS: boxes.list_label_cards,
        box_contract.ISSUE_BOXES: box_acts.issue,
        box_contract.ALLOCATE_BOXES: box_acts.allocate,
        box_contract.LIST_LABELS: labels.list_labels,
        # 查询, 待装卡分流
        finding.FIND: find,
        cards.LIST_CARDS: card_list.list_cards,
        cards.GET_CARD: card_list.get_card,
        cards.GET_RUN_LOG: run_log.get_run_log,
        cards.LIST_OPTIONS: catalogues.list_options,
        acts.RETURN_TO_STOCK: custody.return_to_stock,
        acts.MARK_PENDING_SCRAP: custody.mark_pending_scrap,
        acts.RESTORE: custody.restore,
        redirections.REDIRECT: redirection.redirect,
        redirections.COUNT_PENDING_INSTALL: redirection.count_pending_install,
        # 统计
        statistics.COUNT_BY_STATE: cards_by_state.count_by_state,
        statistics.COUNT_ACTIVATIONS: activations.count_activations,
        statistics.COUNT_ABNORMAL: abnormal_cards.count_abnormal,
        statistics.GET_ABNORMAL_LIMITS: abnormal_cards.get_abnormal_limits,
        statistics.SET_ABNORMAL_LIMITS: abnormal_cards.set_abnormal_limits,
        statistics.GET_LEDGER: ledger.get_ledger,
        statistics.CHECK_LEDGER: ledger.check_ledger,
        statistics.GET_DASHBOARD: dashboard.get_dashboard,
        overview.COUNT_COVER: cover.count_cover,
        overview.COUNT_TREND: trend.count_trend,
    }

    # What other services told

    @event_handler("binding", binding.CardsBound)
    def cards_bound(self, tx: Tx, event: binding.CardsBound, envelope: Envelope) -> None:
        on_terminals.bind(tx, event, now=clock.now())

    @event_handler("binding", binding.CardsUnbound)
    def cards_unbound(self, tx: Tx, event: binding.CardsUnbound, envelope: Envelope) -> None:
        on_terminals.unbind(tx, event, now=clock.now())

    @event_handler("binding", binding.CardUnitsCorrected)
    def correct_units(self, tx: Tx, event: binding.CardUnitsCorrected, envelope: Envelope) -> None:
        on_units.correct(tx, event, now=clock.now())

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
        importing.pull_all(tx, by=system_actor("inventory", may={"delivery.import"}))

    @timer("close_ledger", Daily(hour=_SETTINGS.closing_hour))
    def close_ledger(self, tx: Tx, due_at: datetime) -> None:
        closing.nightly(tx, now=due_at)
