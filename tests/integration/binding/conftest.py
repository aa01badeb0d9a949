"""Binding's acts on a real PostgreSQL, as the service's own role."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import DatabaseSettings
from tests.integration.binding.nights import Network


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    engine = create_engine("binding", "write", DatabaseSettings(database_url=module_database))
    yield engine
    engine.dispose()


@pytest.fixture
def statements() -> Callable[[Engine], AbstractContextManager[list[str]]]:
    """``with statements(engine) as sent``: what was sent to the database meanwhile."""

    @contextmanager
    def watched(engine: Engine) -> Iterator[list[str]]:
        sent: list[str] = []

        def note(*given: Any) -> None:
            sent.append(given[2])

        event.listen(engine, "before_cursor_execute", note)
        yield sent
        event.remove(engine, "before_cursor_execute", note)

    return watched


@pytest.fixture
def network(engine: Engine) -> Iterator[Network]:
    network = Network(engine)
    yield network
    network.forget()
