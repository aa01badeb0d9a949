"""All lists of imei; those with columns have a file (导出)."""

from kernel.chassis.lists.spec import exports_of
from services.imei.appeals import APPEALS, FREEZES
from services.imei.contacts import CONTACTS, REPORTS
from services.imei.device_list import SERIAL_EVENTS, SERIALS
from services.imei.lists.importing import SERIAL_LISTS
from services.imei.organisations import ORGANISATIONS
from services.imei.redemption import REDEMPTIONS
from services.imei.registrations import UNREDEEMED
from services.imei.reserving import RESERVATIONS
from services.imei.sanctions import SANCTIONS
from services.imei.violations import VIOLATIONS

LISTS = (
    SERIALS, SERIAL_EVENTS, REDEMPTIONS, RESERVATIONS, FREEZES, APPEALS, UNREDEEMED, VIOLATIONS, SANCTIONS,
    CONTACTS, REPORTS, ORGANISATIONS, SERIAL_LISTS,
)  # fmt: skip
EXPORTS = exports_of(LISTS)
