"""Small pure parts of the gateway: roles, tokens, ids, lists, merging, names, and what it may import."""

import subprocess
import sys
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel

from gateway.api_keys import NewApiKey
from gateway.downloads import export_name
from gateway.identity import User
from gateway.rest import if_match, named, split_job_id, split_list
from gateway.roles import PERMISSIONS, ROLES, permissions_of
from gateway.tokens import AccessTokens, api_key_prefix, new_api_key
from gateway.writes import Writes, check_key
from kernel.contracts import inventory
from kernel.contracts.inventory.acts import ALLOCATE_CARDS, AllocateCards, AllocationPage
from kernel.contracts.words_people import PERMISSION_NAMES
from kernel.model.errors import DomainError
from kernel.model.period import start_of_day


@pytest.mark.req("GTW-02")
def test_each_clerk_holds_what_the_one_below_holds() -> None:
    ladder = ["viewer", "county_clerk", "city_clerk", "province_clerk", "admin"]

    assert all(ROLES[low] < ROLES[high] for low, high in pairwise(ladder))
    assert "delivery.push" not in ROLES["admin"]
    assert permissions_of(["viewer", "a role of tomorrow"], "99") == ROLES["viewer"]


@pytest.mark.req("GTW-02")
def test_every_permission_that_a_method_asks_for_is_held_by_some_role() -> None:
    asked = {method.permission for method in inventory.METHODS if method.permission}

    assert asked <= permissions_of(ROLES, "99")


def test_the_gateway_pulls_in_neither_nameko_nor_eventlet_nor_a_service() -> None:
    code = (
        "import sys, gateway.app, gateway.seed\n"
        "print([n for n in sys.modules if n.split('.')[0] in ('nameko', 'eventlet', 'kombu', 'services')])"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"


@pytest.mark.req("GTW-02")
def test_a_short_token_secret_is_no_secret() -> None:
    with pytest.raises(RuntimeError, match="32 bytes"):
        AccessTokens("short", 60)


def test_an_api_key_is_told_by_its_prefix() -> None:
    prefix, key = new_api_key()

    assert api_key_prefix(key) == prefix
    assert [api_key_prefix(it) for it in ("sk_", "sk_short_x", "eyJhbGciOi", f"sk_{prefix}", f"sk_{prefix}_")] == [
        None
    ] * 5


@pytest.mark.parametrize("job_id", ["", "inventory", "gateway-7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11", "inventory-x"])
def test_a_job_id_names_its_service(job_id: str) -> None:
    with pytest.raises(DomainError) as raised:
        split_job_id(job_id)
    assert raised.value.code == "job_id_malformed"

    service, own = split_job_id("imei-7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11")
    assert (service, str(own)) == ("imei", "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11")


def test_a_pasted_list_is_taken_apart() -> None:
    assert split_list("8986, 8987；8988\n8989\t8990") == ["8986", "8987", "8988", "8989", "8990"]
    assert split_list(["1 2", "3"]) == ["1", "2", "3"]


def test_a_page_shows_a_name_beside_each_unit() -> None:
    item = named(AllocationPage).model_fields["items"].annotation.__args__[0]  # type: ignore[union-attr]

    assert {"from_unit_name", "to_unit_name"} <= set(item.model_fields)
    assert named(AllocationPage) is named(AllocationPage)


@pytest.mark.req("GTW-02")
def test_a_request_may_name_only_units_of_ones_own_subtree() -> None:
    city = User("city1", "东江专责", "9901", "", (), frozenset())
    request: dict[str, Any] = {
        "application_month": "2026-11", "carrier": "c", "card_spec": "s", "start_iccid": "1", "end_iccid": "2",
    }  # fmt: skip

    ALLOCATE_CARDS.require_scope(city.actor(), AllocateCards(**request, to_unit="990101"))
    with pytest.raises(DomainError) as raised:
        ALLOCATE_CARDS.require_scope(city.actor(), AllocateCards(**request, to_unit="9902"))

    assert (raised.value.code, raised.value.params["field"]) == ("unit_out_of_scope", "to_unit")


class _Asked:
    def __init__(self, value: str | None) -> None:
        self.headers = {} if value is None else {"if-match": value}


@pytest.mark.req("GTW-01")
@pytest.mark.parametrize(
    ("header", "expected"),
    [('"7"', 7), ('W/"7"', 7), (None, "precondition_required"), ("*", "version_stale"), ('"x"', "version_stale")],
)
def test_if_match_names_the_version(header: str | None, expected: int | str) -> None:
    try:
        found: int | str = if_match(_Asked(header))  # type: ignore[arg-type]
    except DomainError as error:
        found = error.code

    assert found == expected


@pytest.mark.req("GTW-01")
def test_a_key_stands_for_route_and_body() -> None:
    writes = Writes(None, secret="one", keep_hours=1, lock_seconds=1, wait_seconds=1)  # type: ignore[arg-type]
    other = Writes(None, secret="another", keep_hours=1, lock_seconds=1, wait_seconds=1)  # type: ignore[arg-type]
    fingerprint = writes.fingerprint
    base = fingerprint("POST", "/a", b"{}")

    assert base != other.fingerprint("POST", "/a", b"{}")  # who reads the table cannot try passwords on it
    assert base == fingerprint("POST", "/a", b"{}")
    assert (
        len({base, fingerprint("PUT", "/a", b"{}"), fingerprint("POST", "/b", b"{}"), fingerprint("POST", "/a", b"")})
        == 4
    )
    assert check_key(None) is None


def test_an_exports_name_is_in_business_time_and_harmless() -> None:
    at = start_of_day(date(2026, 11, 22))

    assert export_name("卡片/../x", "东江市", at, "csv") == "卡片..x_东江市_20261122-0000.csv"


def test_a_new_key_takes_no_unknown_field() -> None:
    assert issubclass(NewApiKey, BaseModel)
    with pytest.raises(ValueError, match="extra"):
        NewApiKey.model_validate({"name": "x", "unit": "99", "permissions": ["card.view"], "root": True})


def test_access_tokens_expire() -> None:
    session = uuid4()
    claims = AccessTokens("s" * 40, 60).read(AccessTokens("s" * 40, 60).issue("county1", str(session), 3))
    over = AccessTokens("s" * 40, -1)

    assert (claims.login, claims.session, claims.version) == ("county1", session, 3)
    with pytest.raises(DomainError, match="session_ended"):
        over.read(over.issue("county1", str(session), 3))


@pytest.mark.req("GTW-02")
def test_every_permission_has_a_name_for_those_who_grant_it() -> None:
    assert PERMISSION_NAMES.keys() == PERMISSIONS
