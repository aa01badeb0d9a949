"""Servers of a test's own, which it may kill."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from deploy.local.accounts import remove_server_home
from deploy.local.servers import PrivateServer

Server = TypeVar("Server", bound=PrivateServer)


@contextmanager
def ended(server: Server) -> Iterator[Server]:
    """Stops the server and deletes its files, which need not lie in the test's directory (accounts.server_home)."""
    try:
        yield server
    finally:
        server.stop()
        remove_server_home(server.stack_dir, server.name)


@contextmanager
def started(server: Server) -> Iterator[Server]:
    """The same, with a server that runs."""
    with ended(server):
        server.start()
        yield server
