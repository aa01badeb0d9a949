"""``python -m gateway.seed --file seed.json``: the first units, people and API keys. What exists stays as it is.

The file: ``{"units": [{"code", "name"}], "people": [{"login", "name", "unit", "roles", "password", "phone"?}],
"api_keys": [{"name", "unit", "permissions", "carrier"?, "key"?}]}``. A key that the file does not bring is made and
written once to ``--keys-to FILE`` (readable by its owner only); standard output, which ends in logs, names keys without
their secrets.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway import database, passwords
from gateway.api_keys import NewApiKey
from gateway.people import NewPerson
from gateway.roles import PERMISSIONS, ROLES
from gateway.tables import api_keys, people, units
from gateway.tokens import api_key_prefix, new_api_key, sha256
from kernel.contracts.method import Request
from kernel.model.unit import check_unit


class SeedUnit(Request):
    code: str
    name: str = Field(min_length=1)


class SeedKey(NewApiKey):
    """``key``: the secret itself, when its user must know it beforehand (``sk_<8 characters>_<secret>``)."""

    key: str | None = None


class Seed(Request):
    units: list[SeedUnit] = Field(default_factory=list)
    people: list[NewPerson] = Field(default_factory=list)
    api_keys: list[SeedKey] = Field(default_factory=list)


async def apply(connection: AsyncConnection, seed: Seed) -> list[dict[str, Any]]:
    """Inserts what is missing and returns the API keys that were made, with secrets. The caller commits."""
    for unit in sorted(seed.units, key=lambda it: it.code):
        check_unit(unit.code)
        await connection.execute(insert(units).values(**unit.model_dump()).on_conflict_do_nothing())
    # Hashing is dear by intent: a password that many share, as in the demo, is hashed once.
    hashes: dict[str, str] = {}
    for person in seed.people:
        await _person(connection, person, hashes)
    made = [await _key(connection, key) for key in seed.api_keys]
    return [key for key in made if key is not None]


async def _person(connection: AsyncConnection, person: NewPerson, hashes: dict[str, str]) -> None:
    unknown = set(person.roles) - ROLES.keys()
    if unknown:
        raise ValueError(f"{person.login}: unknown roles {sorted(unknown)}")
    known = await connection.execute(
        select(people.c.id).where(people.c.login == person.login, people.c.removed_at.is_(None))
    )
    if known.one_or_none() is None:
        values = person.model_dump(exclude={"password"})
        if person.password not in hashes:
            hashes[person.password] = await passwords.hash_password(person.password)
        await connection.execute(people.insert().values(id=uuid4(), password_hash=hashes[person.password], **values))


async def _key(connection: AsyncConnection, key: SeedKey) -> dict[str, Any] | None:
    unknown = set(key.permissions) - PERMISSIONS
    if unknown:
        raise ValueError(f"{key.name}: unknown permissions {sorted(unknown)}")
    if key.key is None:
        known = await connection.execute(
            select(api_keys.c.prefix).where(api_keys.c.name == key.name, api_keys.c.revoked_at.is_(None))
        )
        if known.first() is not None:
            return None
        prefix, secret = new_api_key()
    else:
        prefix, secret = api_key_prefix(key.key) or "", key.key
        if not prefix:
            raise ValueError(f"{key.name}: a key looks like sk_<8 characters>_<secret>")
    values = key.model_dump(exclude={"key"}) | {"prefix": prefix, "key_hash": sha256(secret), "created_by": "seed"}
    inserted = await connection.execute(
        insert(api_keys).values(**values).on_conflict_do_nothing().returning(api_keys.c.prefix)
    )
    return {"name": key.name, "prefix": prefix, "key": secret} if inserted.first() is not None else None


async def _run(path: Path, keys_to: Path | None) -> list[dict[str, Any]]:
    seed = Seed.model_validate_json(path.read_bytes())
    if keys_to is None and any(key.key is None for key in seed.api_keys):
        raise SystemExit("the file asks for new API keys: say with --keys-to FILE where their secrets go")
    engine = database.engine(pool_size=1)
    try:
        async with engine.begin() as connection:
            made = await apply(connection, seed)
            if keys_to is not None:
                _write(keys_to, made)
            return [{"name": key["name"], "prefix": key["prefix"]} for key in made]
    finally:
        await engine.dispose()


def _write(file: Path, made: list[dict[str, Any]]) -> None:
    """Before the commit: no key is in force whose secret nobody has."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps({"api_keys": made}, ensure_ascii=False) + "\n")


def main() -> None:
    """Exit code 0 when everything in the file exists afterwards."""
    parser = argparse.ArgumentParser(prog="python -m gateway.seed", description="Seeds units, people and API keys.")
    parser.add_argument("--file", type=Path, required=True, help="JSON file, see the module's docstring")
    parser.add_argument("--keys-to", type=Path, help="file that gets the secrets of API keys that are made")
    asked = parser.parse_args()
    made = asyncio.run(_run(asked.file, asked.keys_to))
    sys.stdout.write(json.dumps({"api_keys": made}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
