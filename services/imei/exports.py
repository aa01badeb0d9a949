"""All lists of imei; those with columns have a file (导出)."""

from kernel.chassis.lists.spec import exports_of
from services.imei.device_list import SERIALS
from services.imei.lists.importing import SERIAL_LISTS
from services.imei.organisations import ORGANISATIONS

LISTS = (SERIALS, ORGANISATIONS, SERIAL_LISTS)
EXPORTS = exports_of(LISTS)
