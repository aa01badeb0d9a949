"""The rows of all lists, made once for the tests of this folder, which change nothing for good."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.databases import fresh_database
from tests.integration.lists.houses import HOUSES, House


@pytest.fixture(scope="package")
def houses(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Service > its rows, filled when first asked for."""
    found: dict[str, House] = {}

    def house(service: str) -> House:
        if service not in found:
            assert service in HOUSES, f"tests/integration/lists/houses.py has no rows of {service}"
            found[service] = HOUSES[service](database, tmp_path_factory.mktemp(service))
        return found[service]

    with fresh_database(database_url) as database:
        yield house
        for it in found.values():
            it.engine.dispose()
