"""People and API keys (GTW-02)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from gateway import api_keys, passwords, people
from gateway.calls import Call, json_response, permitted
from gateway.paging import page
from gateway.rest import etag, if_match
from gateway.tables import api_keys as api_keys_table
from gateway.tables import people as people_table
from kernel.contracts.paging import PageRequest

router = APIRouter()

Administrator = Annotated[Call, Depends(permitted("people.manage"))]


class Person(BaseModel):
    """``can``: disable, enable, remove."""

    id: UUID
    login: str
    name: str
    unit: str
    unit_name: str | None = None
    roles: list[str]
    phone: str | None
    active: bool
    version: int
    created_at: datetime
    last_login_at: datetime | None
    can: list[str]


class PersonPage(BaseModel):
    items: list[Person]
    total: int
    total_is: str
    next_cursor: str | None
    previous_cursor: str | None


class ApiKey(BaseModel):
    """``prefix`` tells keys apart; the key itself is never shown again. ``owner``: who answers for it, and with whom
    it ends; null for a key of the first seed. ``can``: revoke, pass_on."""

    prefix: str
    name: str
    unit: str
    unit_name: str | None = None
    permissions: list[str]
    carrier: str | None
    created_by: str
    owner: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    can: list[str]


class ApiKeyPage(BaseModel):
    items: list[ApiKey]
    total: int
    total_is: str
    next_cursor: str | None
    previous_cursor: str | None


class ApiKeyWithSecret(ApiKey):
    """``key``: send it as ``Authorization: Bearer`` or ``X-API-Key``. Shown this once; null when asked again."""

    key: str | None


@router.get("/people", tags=["人员"], response_model=PersonPage, summary="人员列表")
async def list_people(query: Annotated[people.PeopleQuery, Query()], call: Administrator) -> Response:
    """The people of one's own subtree, by login."""
    if query.unit is not None:
        call.user.require_within(query.unit)
    async with call.gateway.engine.connect() as connection:
        found = await page(
            connection, people.listing(call.user, query), people_table.c.login, query, descending=query.order == "desc"
        )
    found["items"] = [people.view(row, call.user) for row in found["items"]]
    return json_response(call.named(found))


@router.post("/people", tags=["人员"], status_code=201, response_model=Person, summary="新建人员")
async def create_person(body: people.NewPerson, call: Administrator) -> Response:
    """Only in one's own subtree, and only with roles that hold no more than one's own."""
    password_hash = await passwords.hash_password(body.password)

    async def act(connection: Any) -> Response:
        person = await people.create(connection, call.user, body, password_hash)
        return json_response(call.named(person), 201, etag(person["version"]))

    return await call.act("person.create", body.login, body, act)


@router.get("/people/{person_id}", tags=["人员"], response_model=Person, summary="人员")
async def get_person(person_id: UUID, call: Administrator) -> Response:
    """Its ETag is needed to edit it."""
    async with call.gateway.engine.connect() as connection:
        person = await people.get(connection, call.user, person_id)
    return json_response(call.named(person), headers=etag(person["version"]))


@router.patch("/people/{person_id}", tags=["人员"], response_model=Person, summary="修改人员")
async def change_person(person_id: UUID, body: people.PersonChange, request: Request, call: Administrator) -> Response:
    """Needs If-Match. A disabled person is signed out at once."""
    version = if_match(request)
    password_hash = await passwords.hash_password(body.password) if body.password else None

    async def act(connection: Any) -> Response:
        person = await people.change(
            connection, call.user, person_id, body, version=version, password_hash=password_hash
        )
        return json_response(call.named(person), headers=etag(person["version"]))

    return await call.act("person.change", str(person_id), body, act)


@router.delete("/people/{person_id}", tags=["人员"], status_code=204, summary="删除人员")
async def remove_person(person_id: UUID, request: Request, call: Administrator) -> Response:
    """Needs If-Match. The person is signed out at once and his API keys end; what he did stays in the audit log."""
    version = if_match(request)

    async def act(connection: Any) -> Response:
        await people.remove(connection, call.user, person_id, version)
        return Response(status_code=204)

    return await call.act("person.remove", str(person_id), None, act)


@router.get("/api-keys", tags=["接口密钥"], response_model=ApiKeyPage, summary="接口密钥列表")
async def list_api_keys(query: Annotated[PageRequest, Query()], call: Administrator) -> Response:
    """Without the keys themselves."""
    async with call.gateway.engine.connect() as connection:
        found = await page(
            connection, api_keys.listing(call.user), api_keys_table.c.prefix, query, descending=query.order == "desc"
        )
    found["items"] = [api_keys.view(key) for key in found["items"]]
    return json_response(call.named(found))


@router.post("/api-keys", tags=["接口密钥"], status_code=201, response_model=ApiKeyWithSecret, summary="新建接口密钥")
async def create_api_key(body: api_keys.NewApiKey, call: Administrator) -> Response:
    """The answer holds the key, this once: it is stored nowhere. A repetition under the same Idempotency-Key makes
    no second key and shows none; whoever missed it revokes the key and makes another."""

    async def act(connection: Any) -> Response:
        return json_response(call.named(await api_keys.create(connection, call.user, body)), 201)

    return await call.act("api_key.create", body.name, body, act, told_once="key")


@router.post("/api-keys/{prefix}/owner", tags=["接口密钥"], response_model=ApiKey, summary="转交接口密钥")
async def pass_api_key_on(prefix: str, body: api_keys.NewOwner, call: Administrator) -> Response:
    """Another person answers for the key; otherwise it ends when its owner is disabled or removed."""

    async def act(connection: Any) -> Response:
        return json_response(call.named(await api_keys.pass_on(connection, call.user, prefix, body.login)))

    return await call.act("api_key.pass_on", prefix, body, act)


@router.delete("/api-keys/{prefix}", tags=["接口密钥"], status_code=204, summary="作废接口密钥")
async def revoke_api_key(prefix: str, call: Administrator) -> Response:
    """At once and for good."""

    async def act(connection: Any) -> Response:
        await api_keys.revoke(connection, call.user, prefix)
        return Response(status_code=204)

    return await call.act("api_key.revoke", prefix, None, act)
