"""All lists of documents, each declared where its topic stands; those with columns can be had as a file (导出)."""

from kernel.chassis.lists.spec import exports_of
from services.documents.causes import CAUSES
from services.documents.form_list import ISSUED_FORMS
from services.documents.scan_list import SCANS
from services.documents.seals import SEALS

LISTS = (SCANS, ISSUED_FORMS, SEALS, CAUSES)
EXPORTS = exports_of(LISTS)
"""Resource > list; the gateway's list of that name has the same conditions and order."""
