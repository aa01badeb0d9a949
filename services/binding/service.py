"""Binding on the bus: which act does each method. What it does stands in the module of the act."""

from datetime import datetime
from typing import ClassVar

from kernel.chassis.bus.events import event_handler
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files.template import template_of
from kernel.chassis.process import clock
from kernel.chassis.process.service import ChassisService, Methods
from kernel.chassis.process.timers import Daily, Every, timer
from kernel.contracts.binding import carrier_counts as counting
from kernel.contracts.binding import changes as bound
from kernel.contracts.binding import exceptions as wrong
from kernel.contracts.binding import (
    held_lists,
    imeis,
    locks,
    mismatches,
    nights,
    readings,
    registry,
    settling,
    terminals,
)
from kernel.contracts.binding import on_demand as asking
from kernel.contracts.envelope import Envelope
from kernel.contracts.inventory import events as inventory
from services.binding import (
    cards,
    carrier_counts,
    clones,
    corrections,
    counted,
    on_demand,
    partitions,
    pulling,
    reporting,
)
from services.binding import locks as locking
from services.binding import settling as settlements
from services.binding import terminals as reports
from services.binding.pages import askings, comparison
from services.binding.pages import changes as change_pages
from services.binding.pages import exceptions as exception_pages
from services.binding.pages import held_lists as list_pages
from services.binding.pages import imeis as imei_pages
from services.binding.pages import locks as lock_pages
from services.binding.pages import mismatches as mismatch_pages
from services.binding.pages import nights as night_pages
from services.binding.pages import registry as terminal_pages


class BindingService(ChassisService):
    """Terminals, readings, bindings of card and terminal, and their exceptions."""

    name = "binding"
    PARTITIONED = (partitions.READINGS,)
    METHODS: ClassVar[Methods] = {
        readings.REPORT_READINGS: reporting.report_readings,
        asking.ASK_READS: on_demand.ask,
        asking.GET_READS: on_demand.get,
        asking.LIST_ASKINGS: askings.ASKINGS.answer,
        asking.CANCEL_READS: on_demand.cancel,
        asking.TAKE_READ_REQUESTS: on_demand.take,
        terminals.REPORT_TERMINALS: reports.report_terminals,
        terminals.DECIDE_TERMINAL_LIST: reports.decide_list,
        held_lists.LIST_TERMINAL_LISTS: list_pages.TERMINAL_LISTS.answer,
        held_lists.LIST_MISSING_TERMINALS: list_pages.MISSING_TERMINALS.answer,
        held_lists.DECIDE_HELD_LIST: list_pages.decide_held,
        settling.SETTLE: settlements.settle,
        settling.UNDO_SETTLEMENT: settlements.undo,
        settling.HANDLE_EXCEPTION: settlements.handle,
        nights.COUNT_READINGS: night_pages.count_readings,
        nights.LIST_READINGS: night_pages.READINGS.answer,
        bound.COUNT_CHANGES: change_pages.count_changes,
        bound.LIST_CHANGES: change_pages.CHANGES.answer,
        bound.LIST_BINDINGS: change_pages.BINDINGS.answer,
        registry.COUNT_TERMINALS: terminal_pages.count_terminals,
        registry.LIST_TERMINALS: terminal_pages.TERMINALS.answer,
        imeis.LIST_IMEIS: imei_pages.IMEIS.answer,
        locks.LIST_LOCKS: lock_pages.LOCKS.answer,
        locks.LOCK_CARDS: locking.lock_cards,
        locks.RELEASE_LOCKS: locking.release_locks,
        mismatches.LIST_MISMATCHES: mismatch_pages.MISMATCHES.answer,
        mismatches.CORRECT_UNITS: corrections.correct,
        mismatches.LIST_CORRECTIONS: mismatch_pages.CORRECTIONS.answer,
        mismatches.UNDO_CORRECTION: corrections.undo,
        counting.PUSH_CARRIER_COUNTS: carrier_counts.push,
        counting.IMPORT_CARRIER_COUNTS: carrier_counts.take_file,
        counting.PULL_CARRIER_COUNTS: pulling.pull,
        counting.LIST_CARRIER_PULLS: pulling.PULLS.answer,
        counting.GET_COUNT_TEMPLATE: template_of(carrier_counts.LAYOUT),
        counting.COMPARE_CARDS: comparison.compare,
        counting.LIST_IDLE_CARDS: comparison.IDLE_CARDS.answer,
        wrong.LIST_EXCEPTIONS: exception_pages.EXCEPTIONS.answer,
        wrong.LIST_CLAIMS: exception_pages.list_claims,
        wrong.SETTLE_EXCEPTION: exception_pages.settle_exception,
        wrong.LIST_NOTES: exception_pages.NOTES.answer,
        wrong.LIST_SETTLEMENTS: exception_pages.SETTLEMENTS.answer,
    }

    @event_handler("inventory", *inventory.MOVEMENTS)
    def cards_moved(self, tx: Tx, event: inventory.CardsMoved, envelope: Envelope) -> None:
        cards.follow(tx, event, now=clock.now())
        corrections.moved(tx, event, now=clock.now())

    @event_handler("inventory", inventory.CardsRefused)
    def cards_refused(self, tx: Tx, event: inventory.CardsRefused, envelope: Envelope) -> None:
        corrections.refuse(tx, event, now=clock.now())

    @timer("tell_terminals", Every(seconds=60))
    def tell_terminals(self, tx: Tx, due_at: datetime) -> None:
        counted.tell_counts(tx, now=due_at)

    @timer("find_clones", Every(seconds=3600))
    def find_clones(self, tx: Tx, due_at: datetime) -> None:
        clones.find(tx, now=due_at)

    @timer("pull_carrier_counts", Daily(hour=6, catches_up=False))
    def pull_counts(self, tx: Tx, due_at: datetime) -> None:
        pulling.pull_what_is_over(tx, now=due_at)
