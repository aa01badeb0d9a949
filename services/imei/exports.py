"""All lists of imei; those with columns have a file (导出)."""

from kernel.chassis.lists.spec import exports_of
from services.imei.appeals import APPEALS, FREEZES
from services.imei.clerks import CLERKS
from services.imei.contacts import CONTACTS, REPORTS
from services.imei.device_list import SERIAL_EVENTS, SERIALS
from services.imei.editing import SERIAL_EDITS
from services.imei.lists.importing import SERIAL_LISTS
from services.imei.organisations import ORGANISATIONS
from services.imei.ownership import OWNERSHIP_MOVES
from services.imei.redemption import REDEMPTIONS
from services.imei.registrations import REGISTRATIONS, UNREDEEMED
from services.imei.reminders import REMINDERS
from services.imei.reports import SERIAL_COUNTS
from services.imei.reserving import RESERVATIONS
from services.imei.sanctions import SANCTIONS
from services.imei.spot_checks import SPOT_CHECK_DEVICES, SPOT_CHECKS
from services.imei.swap_lists import SWAP_LISTS, SWAP_PAIRS
from services.imei.tac_table import TACS
from services.imei.violations import VIOLATIONS

LISTS = (
    SERIALS, SERIAL_EVENTS, REDEMPTIONS, RESERVATIONS, FREEZES, APPEALS, REGISTRATIONS, UNREDEEMED, VIOLATIONS,
    SANCTIONS, CONTACTS, REPORTS, ORGANISATIONS, SERIAL_LISTS, SERIAL_COUNTS, SERIAL_EDITS,
    CLERKS, OWNERSHIP_MOVES, TACS, REMINDERS, SPOT_CHECKS, SPOT_CHECK_DEVICES, SWAP_LISTS, SWAP_PAIRS,
)  # fmt: skip
EXPORTS = exports_of(LISTS)
