"""Imei on the bus: which act does each method. What it does stands in the module of the act."""

from datetime import datetime
from typing import ClassVar

from kernel.chassis.bus.events import event_handler
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process.service import ChassisService, Methods
from kernel.chassis.process.timers import Daily, timer
from kernel.contracts.envelope import Envelope
from kernel.contracts.imei import acts, audits, devices, freezes, lists, orders, redemption
from kernel.contracts.imei import contacts as contact
from kernel.contracts.inventory import events as inventory
from kernel.model.actor import system_actor
from services.imei import (
    appeals,
    checking,
    contacts,
    device_list,
    freezing,
    organisations,
    registrations,
    reserving,
    sanctions,
    scanning,
    silence,
    swapping,
    violations,
)
from services.imei import redemption as redeeming
from services.imei.cards import CARDS
from services.imei.jobs import CHECKER
from services.imei.lists import importing


class ImeiService(ChassisService):
    """Serials, pools, organisations, redemptions, lists, violations."""

    name = "imei"
    METHODS: ClassVar[Methods] = {
        devices.LIST_SERIALS: device_list.SERIALS.answer,
        devices.LIST_SERIAL_EVENTS: device_list.SERIAL_EVENTS.answer,
        devices.GET_SERIAL: device_list.get,
        devices.LIST_ORGANISATIONS: organisations.ORGANISATIONS.answer,
        devices.ADD_ORGANISATION: organisations.add,
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
        contact.LIST_REPORTS: contacts.REPORTS.answer,
        audits.REPORT_REGISTRATIONS: registrations.report,
        audits.LIST_UNREDEEMED: registrations.UNREDEEMED.answer,
        audits.ANALYSE_MONTH: violations.analyse,
        audits.LIST_VIOLATIONS: violations.VIOLATIONS.answer,
        audits.DECIDE_VIOLATION: violations.decide,
        audits.LIST_SANCTIONS: sanctions.SANCTIONS.answer,
        audits.HEAR_SANCTION: sanctions.hear,
        audits.DECIDE_SANCTION: sanctions.decide,
        acts.SWAP_SERIAL: swapping.swap,
        redemption.CHECK_REDEMPTION: redeeming.check,
        redemption.LIST_REDEMPTIONS: redeeming.REDEMPTIONS.answer,
        redemption.REDEEM_SERIAL: redeeming.redeem,
        orders.RESERVE_SERIAL: reserving.reserve,
        orders.RELEASE_RESERVATION: reserving.release,
        orders.LIST_RESERVATIONS: reserving.RESERVATIONS.answer,
        orders.CANCEL_REDEMPTION: reserving.cancel,
        lists.IMPORT_SERIALS: importing.import_serials,
        lists.LIST_SERIAL_LISTS: importing.SERIAL_LISTS.answer,
        lists.RELEASE_SERIAL_LIST: importing.release,
    }

    @event_handler("inventory", *inventory.MOVEMENTS)
    def cards_moved(self, tx: Tx, event: inventory.CardsMoved, envelope: Envelope) -> None:
        CARDS.apply(tx, event)

    @timer("silence", Daily(hour=2))
    def fall_silent(self, tx: Tx, due_at: datetime) -> None:
        while silence.fall_silent(tx, by=system_actor("imei"), now=due_at) == silence.SLICE:
            pass

    @timer("serial_analysis", Daily(hour=4))
    def analyse_serials(self, tx: Tx, due_at: datetime) -> None:
        violations.analyse_night(tx, now=due_at)

    @timer("check_serials", Daily(hour=3))
    def check_serials(self, tx: Tx, due_at: datetime) -> None:
        checking.ask(tx, by=system_actor("imei", may={CHECKER}))
