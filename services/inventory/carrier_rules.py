"""What a carrier's numbers must look like: data of the table ``carriers``, as the model's rule."""

from typing import Any

from sqlalchemy import select

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.errors import DomainError
from kernel.model.iccid import LENGTHS, IccidRule, Missing, Severity
from services.inventory.tables import carriers


def rule_from(data: dict[str, Any]) -> IccidRule:
    """The rule as stored; what is absent has IccidRule's default."""
    return IccidRule(
        prefixes=tuple(data["prefixes"]),
        lengths=tuple(data.get("lengths", LENGTHS)),
        letters={int(place): allowed for place, allowed in data.get("letters", {}).items()},
        luhn=Severity(data.get("luhn", Severity.ERROR)),
        alphabet=Severity(data.get("alphabet", Severity.ERROR)),
        missing=Missing(data["missing"]) if "missing" in data else None,
    )


def iccid_rule(tx: Tx, carrier: str) -> IccidRule:
    """Rule of ``carrier``. Raises DomainError carrier_unknown."""
    data = tx.execute(select(carriers.c.iccid_rule).where(carriers.c.code == carrier)).scalar_one_or_none()
    if data is None:
        raise DomainError("carrier_unknown", carrier=carrier)
    return rule_from(data)
