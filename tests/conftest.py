"""What every test may ask for. The servers come from `./simkeep test`; without them only the unit tests run."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.databases import fresh_database
from tests.running_stack import RunningStack, running

TOGETHER = {
    "messaging": "servers",
    "test_command.py": "servers",
    "test_a_month.py": "servers",
    "documents": "documents",
}
"""Folder or module > the group of tests that share servers or templates, which cost more than running side by side."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Says which tests stay in one process when two run side by side (`-n 2 --dist loadgroup`), longest first."""
    groups: dict[str, list[pytest.Item]] = {name: [] for name in ("running stack", *TOGETHER.values())}
    for item in items:
        shared = [TOGETHER[part] for part in item.path.parts if part in TOGETHER]
        on_stack = "running_stack" in getattr(item, "fixturenames", ())
        group = "running stack" if on_stack else shared[0] if shared else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
        groups.setdefault(group, []).append(item)
    items[:] = [item for group in groups.values() for item in group]


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.fail(f'{name} is not set: run `./simkeep test`, or eval "$(./simkeep servers)"', pytrace=False)
    return value


@pytest.fixture(scope="session")
def database_url() -> str:
    """Admin DSN of the test PostgreSQL."""
    return _from_environment("SIMKEEP_DATABASE_URL")


@pytest.fixture(scope="session")
def amqp_url() -> str:
    """The test RabbitMQ."""
    return _from_environment("SIMKEEP_AMQP_URL")


@pytest.fixture(scope="session")
def a_database(database_url: str) -> Callable:
    """Call it in a `with`: admin DSN of a new database with every schema at its head."""
    return lambda: fresh_database(database_url)


@pytest.fixture(scope="module")
def module_database(database_url: str) -> Iterator[str]:
    """Admin DSN of a new database with every schema, shared by the tests of one module."""
    with fresh_database(database_url) as url:
        yield url


@pytest.fixture(scope="session")
def running_stack(database_url: str, amqp_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The whole system with demo people and demo cards, on a database and a virtual host of its own."""
    with fresh_database(database_url) as url, running(url, amqp_url, tmp_path_factory.mktemp("stack")) as stack:
        yield stack
