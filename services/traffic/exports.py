"""Traffic's lists; those with columns can be exported."""

from kernel.chassis.lists.spec import exports_of
from services.traffic.anomalies import IDLE_USAGE, SILENT_CARDS, SILENT_COUNTS, USAGE_DIFFERENCES
from services.traffic.bill_list import BILL_DIFFERENCES_LIST, BILLS
from services.traffic.cost_list import CITY_COSTS, COSTS
from services.traffic.cost_months import COST_MONTHS
from services.traffic.day_list import USAGE_DAYS
from services.traffic.distribution import TERMINAL_DISTRIBUTION, USAGE_BY_UNIT, USAGE_DISTRIBUTION
from services.traffic.load_list import LOADS, UNKNOWN
from services.traffic.month_list import USAGE_MONTHS
from services.traffic.own_counters import COUNTER_DOUBTS
from services.traffic.pool_list import POOLS
from services.traffic.pulls.pull_list import PULLS
from services.traffic.tariff_list import TARIFFS
from services.traffic.terminal_list import TERMINAL_MONTHS
from services.traffic.watching.rule_list import RULES, WARNINGS

LISTS = (
    LOADS, UNKNOWN, USAGE_DAYS, USAGE_MONTHS, TERMINAL_MONTHS, USAGE_DISTRIBUTION, TERMINAL_DISTRIBUTION, USAGE_BY_UNIT,
    TARIFFS, POOLS, COST_MONTHS, CITY_COSTS, COSTS, BILLS, BILL_DIFFERENCES_LIST,
    COUNTER_DOUBTS, PULLS, RULES, WARNINGS, IDLE_USAGE, SILENT_COUNTS, SILENT_CARDS, USAGE_DIFFERENCES,
)  # fmt: skip
EXPORTS = exports_of(LISTS)
