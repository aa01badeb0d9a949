"""What every test may ask for. The servers come from `./simkeep test`; without them only the unit tests run."""

import ctypes
import os
from collections.abc import Callable, Iterator

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from kernel.chassis.process import collector
from tests.databases import fresh_database
from tests.running_stack import DeployedStack, RunningStack, running

TOGETHER = {
    "tests/messaging/": "messaging",
    "tests/e2e/test_a_month.py": "month",
    "tests/e2e/test_command.py": "command",
    "tests/e2e/": "running stack",
    "tests/portal/e2e/": "running stack",
    "tests/integration/lists/": "lists",
}
"""Beginning of a path > tests that share servers, a whole system or templates; those cost more than running apart."""
FIRST = ("running stack", "messaging", "month", "command", "tests/unit/documents/", "lists")
"""Groups, or beginnings of their names, that take long."""


_MOST_MAPPED, _TRIM_ABOVE = -4, -1
"""Of mallopt in glibc."""


def keep_memory() -> None:
    """Pictures of pages come and go by tens of MiB. By default each is mapped, filled with zeros by the kernel and
    unmapped, which is an eighth of what tests of documents compute. Only for this process, not for what it starts."""
    libc = ctypes.CDLL(None)
    libc.mallopt(_MOST_MAPPED, 0)
    libc.mallopt(_TRIM_ABOVE, 512 << 20)


keep_memory()
collector.pause()  # what is imported and collected stays until the end


def group_of(nodeid: str) -> str:
    """Tests of one group run in one process; a module is a group of its own."""
    return next((group for path, group in TOGETHER.items() if nodeid.startswith(path)), nodeid.partition("::")[0])


class ByGroup(LoadScopeScheduling):
    """How processes share the suite: group by group, the long ones first."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    return ByGroup(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest groups first, so that one process does not end long after the other."""
    items.sort(key=lambda item: _rank(group_of(item.nodeid)))


def pytest_collection_finish() -> None:
    collector.resume()


def _rank(group: str) -> int:
    return next((place for place, begin in enumerate(FIRST) if group.startswith(begin)), len(FIRST))


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
def running_stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The whole system with demo people and demo cards, on a database and a virtual host of its own; or the one that
    `./simkeep check images` has started from containers."""
    if "SIMKEEP_DEPLOYED_ADDRESS" in os.environ:
        yield DeployedStack.of_environment(tmp_path_factory.mktemp("deployed"))
        return
    database_url, amqp_url = (request.getfixturevalue(name) for name in ("database_url", "amqp_url"))
    with fresh_database(database_url) as url, running(url, amqp_url, tmp_path_factory.mktemp("stack")) as stack:
        yield stack
