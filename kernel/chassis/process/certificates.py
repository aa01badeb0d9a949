"""Whom outgoing HTTPS trusts."""

import ssl
from functools import cache


@cache
def trusted() -> ssl.SSLContext:
    """Read once: the world's certificates take a fiftieth of a second. A process hears of new ones when it starts."""
    import httpx  # noqa: PLC0415  14 MiB that a process without clients does not need

    return httpx.create_ssl_context()
