"""Imei on the bus: which act does each method. What it does stands in the module of the act."""

from datetime import datetime
from typing import ClassVar

from kernel.chassis.bus.events import event_handler
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files.template import template_of
from kernel.chassis.process.service import ChassisService, Methods
from kernel.chassis.process.timers import Daily, Every, timer
from kernel.contracts.binding import events as binding
from kernel.contracts.documents import events as documents
from kernel.contracts.envelope import Envelope
from kernel.contracts.imei import acts, audits, devices, edits, freezes, lists, orders, redemption, reports
from kernel.contracts.imei import clerks as clerk
from kernel.contracts.imei import contacts as contact
from kernel.contracts.imei import ownership as owner
from kernel.contracts.imei import stocktakes as stock
from kernel.contracts.imei import swaps as swap_list
from kernel.contracts.imei import tacs as tac
from kernel.contracts.inventory import events as inventory
from kernel.model.actor import system_actor
from services.imei import (
    appeals,
    checking,
    clerks,
    contacts,
    device_list,
    editing,
    freezing,
    organisations,
    ownership,
    registrations,
    reminders,
    reserving,
    sanctions,
    scanning,
    sightings,
    silence,
    spot_checks,
    swap_lists,
    tac_table,
    violations,
)
from services.imei import redemption as redeeming
from services.imei import reports as reporting
from services.imei.cards import CARDS
from services.imei.jobs import CHECKER
from services.imei.lists import fetching, importing, shelves
from services.imei.lists.staging import SERIAL_LIST


class ImeiService(ChassisService):
    """Serials, pools, organisations, redemptions, lists, violations."""

    name = "imei"
    METHODS: ClassVar[Methods] = {
        devices.LIST_SERIALS: device_list.SERIALS.answer,
        devices.LIST_SERIAL_EVENTS: device_list.SERIAL_EVENTS.answer,
        devices.GET_SERIAL: device_list.get,
        devices.LIST_ORGANISATIONS: organisations.ORGANISATIONS.answer,
        devices.GET_TRANSFER_TARGETS: organisations.targets,
        devices.ADD_ORGANISATION: organisations.add,
        clerk.BIND_CLERK: clerks.bind,
        clerk.RELEASE_CLERK: clerks.release,
        clerk.LIST_CLERKS: clerks.CLERKS.answer,
        acts.SCAN_SERIALS: scanning.scan_in,
        acts.SELL_SERIALS: scanning.sell,
        acts.UNDO_SCAN: scanning.undo,
        acts.TRANSFER_SERIALS: scanning.transfer,
        acts.FREEZE_SERIALS: freezing.freeze,
        acts.THAW_SERIALS: freezing.thaw,
        acts.WAKE_SERIALS: silence.wake,
        freezes.LIST_FREEZES: appeals.FREEZES.answer,
        freezes.EXTEND_FREEZE: appeals.extend,
        freezes.APPEAL_FREEZE: appeals.appeal,
        freezes.LIST_APPEALS: appeals.APPEALS.answer,
        freezes.REVIEW_APPEAL: appeals.review,
        contact.REGISTER_CONTACT: contacts.register,
        contact.LIST_CONTACTS: contacts.CONTACTS.answer,
        contact.DECIDE_CONTACT: contacts.decide,
        contact.REPORT_SERIALS: contacts.report,
        contact.GET_REPORT_TEMPLATE: template_of(SERIAL_LIST),
        contact.LIST_REPORTS: contacts.REPORTS.answer,
        audits.REPORT_REGISTRATIONS: registrations.report,
        audits.LIST_REGISTRATIONS: registrations.REGISTRATIONS.answer,
        audits.LIST_UNREDEEMED: registrations.UNREDEEMED.answer,
        stock.LIST_REMINDERS: reminders.REMINDERS.answer,
        stock.READ_REMINDER: reminders.read,
        stock.DRAW_SPOT_CHECK: spot_checks.draw,
        stock.LIST_SPOT_CHECKS: spot_checks.SPOT_CHECKS.answer,
        stock.LIST_SPOT_CHECK_DEVICES: spot_checks.SPOT_CHECK_DEVICES.answer,
        stock.COUNT_SPOT_CHECK: spot_checks.count,
        audits.ANALYSE_MONTH: violations.analyse,
        audits.LIST_VIOLATIONS: violations.VIOLATIONS.answer,
        audits.DECIDE_VIOLATION: violations.decide,
        audits.LIST_SANCTIONS: sanctions.SANCTIONS.answer,
        audits.HEAR_SANCTION: sanctions.hear,
        audits.DECIDE_SANCTION: sanctions.decide,
        edits.EDIT_SERIAL: editing.edit,
        edits.LIST_SERIAL_EDITS: editing.SERIAL_EDITS.answer,
        acts.SWAP_SERIAL: swap_lists.swap_one,
        swap_list.DRAFT_SWAP_LIST: swap_lists.draft,
        swap_list.LIST_SWAP_LISTS: swap_lists.SWAP_LISTS.answer,
        swap_list.LIST_SWAP_PAIRS: swap_lists.SWAP_PAIRS.answer,
        swap_list.SETTLE_SWAP_LIST: swap_lists.settle,
        redemption.CHECK_REDEMPTION: redeeming.check,
        redemption.LIST_REDEMPTIONS: redeeming.REDEMPTIONS.answer,
        redemption.REDEEM_SERIAL: redeeming.redeem,
        orders.RESERVE_SERIAL: reserving.reserve,
        orders.RELEASE_RESERVATION: reserving.release,
        orders.LIST_RESERVATIONS: reserving.RESERVATIONS.answer,
        orders.CANCEL_REDEMPTION: reserving.cancel,
        reports.COUNT_SERIALS: reporting.count,
        owner.LIST_OWNERSHIP_MOVES: ownership.OWNERSHIP_MOVES.answer,
        owner.REVIEW_OWNERSHIP: ownership.review,
        tac.IMPORT_TACS: tac_table.import_tacs,
        tac.GET_TAC_TEMPLATE: template_of(tac_table.TAC_TABLE),
        tac.LIST_TACS: tac_table.TACS.answer,
        lists.IMPORT_SERIALS: importing.import_serials,
        lists.GET_SERIAL_LIST_TEMPLATE: template_of(SERIAL_LIST),
        lists.LIST_SERIAL_LISTS: importing.SERIAL_LISTS.answer,
        lists.RELEASE_SERIAL_LIST: importing.release,
    }

    @event_handler("inventory", *inventory.MOVEMENTS)
    def cards_moved(self, tx: Tx, event: inventory.CardsMoved, envelope: Envelope) -> None:
        CARDS.apply(tx, event)

    @event_handler("binding", binding.ImeisChanged)
    def imeis_changed(self, tx: Tx, event: binding.ImeisChanged, envelope: Envelope) -> None:
        sightings.changed(tx, event, now=event.at)

    @event_handler("binding", binding.ImeisDoubled)
    def imeis_doubled(self, tx: Tx, event: binding.ImeisDoubled, envelope: Envelope) -> None:
        sightings.clones(tx, event, now=event.at)

    @event_handler("documents", documents.FormIssued)
    def form_issued(self, tx: Tx, event: documents.FormIssued, envelope: Envelope) -> None:
        swap_lists.issued(tx, event)

    @event_handler("documents", documents.FormNotIssued)
    def form_not_issued(self, tx: Tx, event: documents.FormNotIssued, envelope: Envelope) -> None:
        swap_lists.not_issued(tx, event)

    @event_handler("documents", documents.SignedFormJudged)
    def signed_form_judged(self, tx: Tx, event: documents.SignedFormJudged, envelope: Envelope) -> None:
        swap_lists.judged(tx, event)

    @timer("serial_counts", Daily(hour=1))
    def add_up_counts(self, tx: Tx, due_at: datetime) -> None:
        reporting.add_up(tx)

    @timer("silence", Daily(hour=2))
    def fall_silent(self, tx: Tx, due_at: datetime) -> None:
        while silence.fall_silent(tx, by=system_actor("imei"), now=due_at) == silence.SLICE:
            pass

    @timer("serial_analysis", Daily(hour=4))
    def analyse_serials(self, tx: Tx, due_at: datetime) -> None:
        registrations.mark_late(tx, now=due_at)
        violations.analyse_night(tx, now=due_at)

    @timer("serial_reminders", Daily(hour=5))
    def remind_of_redeeming(self, tx: Tx, due_at: datetime) -> None:
        reminders.remind(tx, now=due_at)

    @timer("check_serials", Daily(hour=3))
    def check_serials(self, tx: Tx, due_at: datetime) -> None:
        checking.ask(tx, by=system_actor("imei", may={CHECKER}))

    @timer("shelves", Every(seconds=60))
    def keep_shelves(self, tx: Tx, due_at: datetime) -> None:
        shelves.keep(tx)

    @timer("shelves_known", Daily(hour=0))
    def know_shelves(self, tx: Tx, due_at: datetime) -> None:
        shelves.know(tx)

    @timer("national_lists", Every(seconds=600))
    def fetch_national_lists(self, tx: Tx, due_at: datetime) -> None:
        fetching.fetch_due(tx, by=system_actor("imei", may={CHECKER}))
