"""What a form says, as documents prints it (its models: services/documents/forms/content.py), and its digest."""

import hashlib
import json
from datetime import date
from typing import Any

from sqlalchemy import Row

from kernel.chassis.data.unit_of_work import Tx
from services.workflow import catalogue
from services.workflow.lifecycles import FormKind

Content = dict[str, Any]

_DEMANDS = """
SELECT unit, carrier, card_spec, replacement, new_quantity FROM city_lines
WHERE form_id = :form OR form_id IN (SELECT id FROM forms WHERE province_form_id = :form)
ORDER BY unit, carrier, card_spec
"""
_COUNTIES = """
SELECT applications.unit, applications.carrier, applications.card_spec, applications.quantity,
       applications.applicant, applications.phone
FROM city_lines JOIN applications
  ON applications.month = city_lines.month AND left(applications.unit, 4) = city_lines.unit
 AND applications.carrier = city_lines.carrier AND applications.card_spec = city_lines.card_spec
WHERE city_lines.form_id = :form ORDER BY applications.unit, applications.id
"""
_CARDS = """
SELECT form_cards.iccid, cards.msisdn, cards.carrier, cards.card_spec, cards.reason
FROM form_cards JOIN cards ON cards.iccid = form_cards.iccid
WHERE form_cards.form_id = :form AND form_cards.open ORDER BY form_cards.row_no
"""


def digest(content: Content) -> str:
    """SHA-256 (hex) of the canonical JSON: sorted keys, characters as they are."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def build(tx: Tx, form: Row[Any], *, revision: int, issued_on: date, unit_names: dict[str, str]) -> Content:
    """The content of ``form`` as it stands now. A unit without a name is printed by its code."""
    named = _Names(catalogue.names(tx, "carrier"), catalogue.names(tx, "card_spec"), unit_names)
    parts = {
        FormKind.CITY_OPENING: _city_opening,
        FormKind.PROVINCE_OPENING: _province_opening,
        FormKind.COUNTY_TERMINATION: _termination,
        FormKind.CITY_TERMINATION: _termination,
    }
    return {
        "kind": form.kind,
        "number": form.number,
        "revision": revision,
        "unit": named.unit(form.unit),
        "issued_on": issued_on.isoformat(),
        "applicant": form.applicant,
        "phone": form.phone,
        **parts[FormKind(form.kind)](tx, form, named),
    }


class _Names:
    def __init__(self, carriers: dict[str, str], specs: dict[str, str], units: dict[str, str]) -> None:
        self._carriers, self._specs, self._units = carriers, specs, units

    def unit(self, code: str) -> str:
        return self._units.get(code, code)

    def kind(self, row: Row[Any]) -> dict[str, str]:
        return {
            "carrier": self._carriers.get(row.carrier, row.carrier),
            "card_spec": self._specs.get(row.card_spec, row.card_spec),
        }

    def demand(self, row: Row[Any]) -> dict[str, Any]:
        return {**self.kind(row), "replacement": row.replacement, "new": row.new_quantity}


def _city_opening(tx: Tx, form: Row[Any], named: _Names) -> Content:
    demands, counties = (tx.execute(sql, {"form": form.id}).all() for sql in (_DEMANDS, _COUNTIES))
    return {
        "month": form.month,
        "demands": [named.demand(row) for row in demands],
        "counties": [
            {
                "unit": named.unit(row.unit),
                **named.kind(row),
                "quantity": row.quantity,
                "applicant": row.applicant,
                "phone": row.phone,
            }
            for row in counties
        ],
    }


def _province_opening(tx: Tx, form: Row[Any], named: _Names) -> Content:
    demands = tx.execute(_DEMANDS, {"form": form.id}).all()
    return {
        "month": form.month,
        "cities": [
            {
                "unit": named.unit(city["unit"]),
                **{name: city[name] for name in ("devices", "cards_now", "not_activated")},
                "demands": [named.demand(row) for row in demands if row.unit == city["unit"]],
            }
            for city in form.figures
        ],
    }


def _termination(tx: Tx, form: Row[Any], named: _Names) -> Content:
    return {
        "cards": [
            {
                "iccid": row.iccid,
                "msisdn": row.msisdn,
                **named.kind(row),
                "reason": catalogue.printable_reason(row.reason),
            }
            for row in tx.execute(_CARDS, {"form": form.id})
        ]
    }
