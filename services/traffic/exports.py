"""Traffic's lists; those with columns can be exported."""

from kernel.chassis.lists.spec import exports_of
from services.traffic.day_list import USAGE_DAYS
from services.traffic.distribution import TERMINAL_DISTRIBUTION, USAGE_BY_UNIT, USAGE_DISTRIBUTION
from services.traffic.load_list import LOADS, UNKNOWN
from services.traffic.month_list import TERMINAL_MONTHS, USAGE_MONTHS

LISTS = (
    LOADS, UNKNOWN, USAGE_DAYS, USAGE_MONTHS, TERMINAL_MONTHS, USAGE_DISTRIBUTION, TERMINAL_DISTRIBUTION, USAGE_BY_UNIT,
)  # fmt: skip
EXPORTS = exports_of(LISTS)
