"""The Nameko service of traffic: entrypoints only."""

from datetime import datetime
from typing import ClassVar

from kernel.chassis.bus.events import event_handler
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files.template import template_of
from kernel.chassis.process import clock
from kernel.chassis.process.service import ChassisService, Methods
from kernel.chassis.process.timers import Every, timer
from kernel.contracts.envelope import Envelope
from kernel.contracts.inventory import events as inventory
from kernel.contracts.traffic import anomalies as odd
from kernel.contracts.traffic import card_use as uses
from kernel.contracts.traffic import costs, counters, days, loads, pools, pulls, rules, tariffs
from kernel.contracts.traffic import distribution as spread
from kernel.model.actor import system_actor
from services.traffic import (
    anomalies,
    bill_gate,
    bill_list,
    bills,
    card_use,
    checking,
    cost_list,
    cost_months,
    cost_rating,
    day_list,
    distribution,
    failing,
    folding,
    load_list,
    loading,
    looking,
    merging,
    month_list,
    own_counters,
    page_indexes,
    pool_list,
    ranges,
    tariff_list,
    terminal_list,
)
from services.traffic.cards import CARDS
from services.traffic.pulls import pull_list, pulling
from services.traffic.rows import USAGE
from services.traffic.settings import UsageSettings
from services.traffic.watching import following, rule_list


class TrafficService(ChassisService):
    """Daily and monthly usage, tariffs, costs, anomalies and their rules."""

    name = "traffic"
    PARTITIONED = (merging.DAYS,)
    METHODS: ClassVar[Methods] = {
        loads.IMPORT_USAGE: loading.import_usage,
        loads.GET_USAGE_TEMPLATE: template_of(USAGE),
        loads.LOOK_AT_USAGE_FILE: looking.look_at_usage,
        loads.PUSH_USAGE: loading.push_usage,
        loads.REPORT_USAGE: loading.report_usage,
        loads.LIST_LOADS: load_list.list_loads,
        loads.GET_LOAD: load_list.get_load,
        loads.PREVIEW_LOAD: load_list.preview_load,
        loads.DECIDE_LOAD: load_list.decide_load,
        loads.LIST_UNKNOWN_USAGE: load_list.list_unknown_usage,
        days.LIST_USAGE_DAYS: day_list.list_usage_days,
        spread.GET_USAGE_DISTRIBUTION: distribution.get_usage_distribution,
        spread.GET_TERMINAL_DISTRIBUTION: distribution.get_terminal_distribution,
        spread.GET_USAGE_BY_UNIT: distribution.get_usage_by_unit,
        spread.LIST_USAGE_MONTHS: month_list.list_usage_months,
        spread.LIST_TERMINAL_MONTHS: terminal_list.list_terminal_months,
        spread.GET_USAGE_RANGES: ranges.get_usage_ranges,
        spread.SET_USAGE_RANGES: ranges.set_usage_ranges,
        tariffs.ADD_TARIFF: tariff_list.add_tariff,
        tariffs.LIST_TARIFFS: tariff_list.list_tariffs,
        counters.REPORT_COUNTERS: own_counters.report_counters,
        counters.LIST_COUNTER_DOUBTS: own_counters.list_counter_doubts,
        counters.DECIDE_COUNTER: own_counters.decide_counter,
        pools.AGREE_POOL: pool_list.agree_pool,
        pools.LIST_POOLS: pool_list.list_pools,
        tariffs.LIST_COST_MONTHS: cost_months.list_cost_months,
        tariffs.RATE_MONTH: cost_rating.rate_month,
        tariffs.CLOSE_MONTH: cost_rating.close_month,
        costs.COUNT_CITY_COSTS: cost_list.count_city_costs,
        costs.LIST_COSTS: cost_list.list_costs,
        costs.IMPORT_BILL: bills.import_bill,
        costs.GET_BILL_TEMPLATE: template_of(bills.LAYOUT),
        costs.LIST_BILLS: bill_list.list_bills,
        costs.GET_BILL: bill_gate.get_bill,
        costs.PREVIEW_BILL: bill_gate.preview_bill,
        costs.DECIDE_BILL: bill_gate.decide_bill,
        costs.LIST_BILL_DIFFERENCES: bill_list.list_bill_differences,
        odd.LIST_IDLE_USAGE: anomalies.list_idle_usage,
        odd.LIST_SILENT_CARDS: anomalies.list_silent_cards,
        odd.COUNT_SILENT_CARDS: anomalies.count_silent_cards,
        odd.LIST_USAGE_DIFFERENCES: anomalies.list_usage_differences,
        loads.CHECK_USAGE: checking.check_usage,
        uses.GET_CARDS_USE: card_use.get_cards_use,
        uses.GET_USAGE_OVERVIEW: card_use.get_usage_overview,
        rules.CREATE_RULE: rule_list.create_rule,
        rules.CHANGE_RULE: rule_list.change_rule,
        rules.GET_RULE: rule_list.get_rule,
        rules.LIST_RULES: rule_list.list_rules,
        rules.LIST_WARNINGS: rule_list.list_warnings,
        pulls.PULL_USAGE: pulling.pull_usage,
        pulls.LIST_USAGE_PULLS: pull_list.list_usage_pulls,
    }

    @timer("fold_usage", Every(seconds=300))
    def fold_usage(self, tx: Tx, due_at: datetime) -> None:
        folding.fold_all(tx, clock.now())

    @timer("index_usage", Every(seconds=300))
    def index_usage(self, tx: Tx, due_at: datetime) -> None:
        page_indexes.keep(tx, clock.now())

    @timer("watch_usage", Every(seconds=120))
    def watch(self, tx: Tx, due_at: datetime) -> None:
        following.watch_due(tx)

    @timer("leave_failed_loads", Every(seconds=60))
    def leave_failed_loads(self, tx: Tx, due_at: datetime) -> None:
        failing.leave_ended(tx, clock.now())

    @timer("rate_months", Every(seconds=300))
    def rate_due(self, tx: Tx, due_at: datetime) -> None:
        rater = system_actor("traffic", may={"cost.manage"})
        cost_rating.rate_due(tx, by=rater, now=clock.now(), after_days=UsageSettings().rate_after_days)

    @timer("pull_usage", Every(seconds=UsageSettings().pull_every_seconds))
    def pull_all(self, tx: Tx, due_at: datetime) -> None:
        pulling.pull_all(tx, by=system_actor("traffic", may={"usage.load"}), now=clock.now())

    @event_handler("inventory", *inventory.MOVEMENTS)
    def cards_moved(self, tx: Tx, event: inventory.CardsMoved, envelope: Envelope) -> None:
        CARDS.apply(tx, event)
