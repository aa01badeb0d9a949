"""The words that forms offer: carriers and card specs."""

from collections.abc import Callable

from sqlalchemy import select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column
from kernel.contracts.inventory.cards import ListOptions, Option, Options
from kernel.model.errors import DomainError
from services.inventory.tables import card_specs, carriers

_TABLES = {"carriers": carriers, "card_specs": card_specs}


def list_options(tx: Tx, request: ListOptions) -> Options:
    """The entries of a catalogue, by code."""
    table = _TABLES[request.name]
    rows = tx.execute(select(table.c.code, table.c.name_zh, table.c.name_en).order_by(table.c.code))
    return Options(items=[Option(value=row.code, label=row.name_zh, label_en=row.name_en) for row in rows])


def _names(name: str) -> Callable[[Tx], dict[str, str]]:
    table = _TABLES[name]
    return lambda tx: {row.code: row.name_zh for row in tx.execute(select(table.c.code, table.c.name_zh))}


CATALOGUES = {name: _names(name) for name in _TABLES}
"""Words of columns that name a catalogue: code > Chinese name."""

CARRIER_COLUMNS = (
    Column("carrier", "运营商", words="carriers", width=16),
    Column("card_spec", "卡片规格", words="card_specs", width=12),
)
KIND_COLUMNS = (*CARRIER_COLUMNS, Column("application_month", "申请月份", width=12))


def check_carrier(tx: Tx, code: str) -> str:
    """The code itself, or DomainError carrier_unknown."""
    if tx.execute(select(carriers.c.code).where(carriers.c.code == code)).first() is None:
        raise DomainError("carrier_unknown", carrier=code)
    return code


def check_card_spec(tx: Tx, code: str) -> str:
    """The code itself, or DomainError card_spec_unknown."""
    if tx.execute(select(card_specs.c.code).where(card_specs.c.code == code)).first() is None:
        raise DomainError("card_spec_unknown", card_spec=code)
    return code


def carrier_name(tx: Tx, code: str) -> str:
    """The carrier's name as people read it; the code when it is in no catalogue."""
    name = tx.execute(select(carriers.c.name_zh).where(carriers.c.code == code)).scalar_one_or_none()
    return code if name is None else str(name)


def named_carrier(tx: Tx, code: str) -> Option:
    """The carrier with its names, for texts in either language. Raises DomainError carrier_unknown."""
    row = tx.execute(select(carriers).where(carriers.c.code == code)).one_or_none()
    if row is None:
        raise DomainError("carrier_unknown", carrier=code)
    return Option(value=row.code, label=row.name_zh, label_en=row.name_en)
