"""Traffic's lists; those with columns can be exported."""

from kernel.chassis.lists.spec import exports_of
from services.traffic.day_list import USAGE_DAYS
from services.traffic.load_list import LOADS, UNKNOWN

LISTS = (LOADS, UNKNOWN, USAGE_DAYS)
EXPORTS = exports_of(LISTS)
