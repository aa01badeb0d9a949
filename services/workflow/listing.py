"""What the files of workflow's lists have in common: columns that come again, and the words of the catalogues."""

from collections.abc import Callable, Mapping
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, Words, unit_columns
from kernel.contracts import words_inventory, words_workflow
from kernel.contracts.words import chinese
from services.workflow import catalogue

STATES_OF_FORMS = chinese(words_workflow.FORM_STATES)
STATES_OF_APPLICATIONS = chinese(words_workflow.APPLICATION_STATES)
LINE_STATES = chinese(words_workflow.CITY_LINE_STATES)
CARD_STATES = chinese(words_inventory.CARD_STATES)
FOLLOWING = chinese(words_workflow.FOLLOW_STATES)

UNIT = unit_columns("unit", "单位")
CARRIER = (
    Column("carrier", "运营商", words="carriers", width=16),
    Column("card_spec", "卡片规格", words="card_specs", width=12),
)
KIND = (Column("month", "月份", width=10), *CARRIER)
PERSON = (Column("applicant", "申请人", width=12), Column("phone", "联系电话", width=16))
CARD = (Column("iccid", "ICCID", kind="code"), Column("msisdn", "手机号", width=16), *CARRIER)


class Phrases(dict[str, str]):
    """Codes with something between them, each by its name: china_mobile plug_in 100."""

    def get(self, phrase: str, default: Any = None) -> Any:
        return " ".join(super(Phrases, self).get(word, word) for word in phrase.split(" "))


def _kinds(tx: Tx) -> Words:
    return Phrases({**catalogue.names(tx, "carrier"), **catalogue.names(tx, "card_spec")})


CATALOGUES: Mapping[str, Callable[[Tx], Words]] = {
    "carriers": lambda tx: catalogue.names(tx, "carrier"),
    "card_specs": lambda tx: catalogue.names(tx, "card_spec"),
    "kinds": _kinds,
}
"""Words of columns that name a catalogue."""
