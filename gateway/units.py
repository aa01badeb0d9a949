"""The units tree (供电单位): the gateway owns it, names what services only know by code, and edits it."""

import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.tables import api_keys, people, units
from kernel.model.errors import DomainError
from kernel.model.unit import check_unit, is_within, level, parent

RELOAD_SECONDS = 10.0
UNIT_FIELDS = (
    "unit", "owner_unit", "issued_to_unit", "to_unit", "from_unit", "by_unit", "created_unit", "own_unit",
    "unit_then", "unit_now", "province", "terminal_unit", "card_unit", "place_unit",
    "from_province", "to_province",
)  # fmt: skip
"""Fields of replies that hold a unit's code; ``<field>_name`` is put beside them."""


class UnitTree:
    """Names of all units in memory (some thousands), read again every few seconds and after each edit."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._names: dict[str, str] = {}
        self._fresh_until = 0.0

    async def load(self) -> None:
        """Reads the tree when it is due. With the database away, names of a moment ago are better than none."""
        now = time.monotonic()
        if now < self._fresh_until:
            return
        self._fresh_until = now + RELOAD_SECONDS
        try:
            async with self._engine.connect() as connection:
                rows = await connection.execute(select(units.c.code, units.c.name).order_by(units.c.code))
                self._names = {row.code: row.name for row in rows}
        except (DBAPIError, PoolTimeout):
            self._fresh_until = now + 1.0

    def forget(self) -> None:
        """The next `load` reads again."""
        self._fresh_until = 0.0

    def name(self, code: str | None) -> str | None:
        """Name of a unit; the code itself when it is not in the tree (any more)."""
        return None if code is None else self._names.get(code, code)

    def known(self, code: str) -> bool:
        return code in self._names

    def names_below(self, top: str) -> dict[str, str]:
        """Code > name of a unit and everything below it."""
        return {code: name for code, name in self._names.items() if is_within(code, top)}

    def spoken(self, params: dict[str, Any]) -> dict[str, Any]:
        """A refusal's params with names of units in the place of their codes: ``cities`` and every unit field."""
        said = dict(params)
        for field in (*UNIT_FIELDS, "cities"):
            value = said.get(field)
            if isinstance(value, str):
                said[field] = self._names.get(value, value)
            elif isinstance(value, list):
                said[field] = "、".join(self._names.get(str(code), str(code)) for code in value)
        return said

    def tree(self, top: str) -> list[dict[str, Any]]:
        """The subtree of ``top`` as nested {code, name, level, children}; everything for the empty code."""
        nodes: dict[str, dict[str, Any]] = {}
        roots: list[dict[str, Any]] = []
        for code, name in self._names.items():
            if not is_within(code, top):
                continue
            node: dict[str, Any] = {"code": code, "name": name, "level": level(code).name.lower(), "children": []}
            nodes[code] = node
            above = nodes.get(parent(code) or "")
            (above["children"] if above else roots).append(node)
        return roots

    def name_all(self, items: Iterable[Any]) -> None:
        """Puts ``<field>_name`` beside every unit code of each item, in place."""
        names = self._names
        for item in items:
            for field in UNIT_FIELDS:
                if field in item:
                    code = item[field]
                    if code is None or isinstance(code, str):
                        item[field + "_name"] = None if code is None else names.get(code, code)


# -- acts --------------------------------------------------------------------------------------------------------------


def _view(row: Any) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "level": level(row.code).name.lower(), "version": row.version}


async def get_unit(connection: AsyncConnection, code: str) -> dict[str, Any]:
    """DomainError unit_unknown when there is none."""
    row = (await connection.execute(select(units).where(units.c.code == code))).one_or_none()
    if row is None:
        raise DomainError("unit_unknown", field="code", unit=code)
    return _view(row)


async def require_unit(connection: AsyncConnection, code: str, field: str) -> None:
    """DomainError unit_unknown naming ``field``."""
    found = await connection.execute(select(units.c.code).where(units.c.code == code))
    if found.one_or_none() is None:
        raise DomainError("unit_unknown", field=field, unit=code)


async def create_unit(connection: AsyncConnection, code: str, name: str) -> dict[str, Any]:
    """A unit below an existing one; only a province stands alone."""
    check_unit(code, "code")
    above = parent(code)
    if above is not None:
        found = await connection.execute(select(units.c.code).where(units.c.code == above))
        if found.one_or_none() is None:
            raise DomainError("unit_parent_missing", parent=above)
    try:
        row = await connection.execute(insert(units).values(code=code, name=name).returning(units))
    except IntegrityError as error:
        raise DomainError("unit_taken", unit=code) from error
    return _view(row.one())


async def rename_unit(connection: AsyncConnection, code: str, name: str, version: int) -> dict[str, Any]:
    """DomainError version_stale when somebody edited it since ``version``."""
    changed = await connection.execute(
        update(units)
        .where(units.c.code == code, units.c.version == version)
        .values(name=name, version=units.c.version + 1)
        .returning(units)
    )
    row = changed.one_or_none()
    if row is None:
        await get_unit(connection, code)
        raise DomainError("version_stale")
    return _view(row)


async def delete_unit(connection: AsyncConnection, code: str, version: int) -> None:
    """Only a leaf that nobody belongs to. Cards keep their owner's code; inventory knows codes, not the tree."""
    await get_unit(connection, code)
    below = select(func.count()).select_from(units).where(units.c.code.startswith(code), units.c.code != code)
    of_people = select(func.count()).select_from(people).where(people.c.unit == code)
    of_keys = select(func.count()).select_from(api_keys).where(api_keys.c.unit == code)
    for count in (below, of_people, of_keys):
        if (await connection.execute(count)).scalar_one():
            raise DomainError("unit_in_use", unit=code)
    deleted = await connection.execute(delete(units).where(units.c.code == code, units.c.version == version))
    if deleted.rowcount == 0:
        raise DomainError("version_stale")
