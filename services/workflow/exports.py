"""All lists of workflow, each declared where its topic stands; those with columns can be had as a file (导出)."""

from kernel.chassis.lists.spec import exports_of
from services.workflow.applications import APPLICATIONS
from services.workflow.card_list import FORM_CARDS
from services.workflow.city import CITY_LINES
from services.workflow.form_list import FORMS
from services.workflow.fulfilment import FULFILMENT
from services.workflow.notices import NOTICES
from services.workflow.scrap_list import PENDING_SCRAP, TERMINATION_LIST
from services.workflow.signed_forms import ATTEMPTS

LISTS = (
    APPLICATIONS,
    CITY_LINES,
    FULFILMENT,
    FORMS,
    FORM_CARDS,
    ATTEMPTS,
    PENDING_SCRAP,
    TERMINATION_LIST,
    NOTICES,
)
EXPORTS = exports_of(LISTS)
"""Resource > list; the gateway's list of that name has the same conditions and order."""
