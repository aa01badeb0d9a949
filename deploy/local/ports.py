"""Free TCP ports, chosen once per checkout and remembered, so that addresses stay the same from run to run."""

from __future__ import annotations

import json
import random
import socket
import time
from pathlib import Path

# Below the kernel's range for outgoing connections (32768 up): a port at rest is not taken by a passing client.
LOWEST, HIGHEST = 20_000, 32_000


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


class Ports:
    """The ports of one stack, in `path`. Not locked: only the process that starts the stack changes it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def known(self, name: str) -> int | None:
        """The port chosen last for `name`; None when there is none yet."""
        return self._read().get(name)

    def _read(self) -> dict[str, int]:
        try:
            known: dict[str, int] = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return known

    def claim(
        self, name: str, *, prefer: int | None = None, host: str = "127.0.0.1", patience: float = 0.0
    ) -> int:
        """A port on which nobody listens now: the remembered one if it is free within `patience` seconds (the kernel
        may still be closing a killed listener), else `prefer`, else any.

        Call it only for something that is not running, because its own listener would count as somebody else's.
        """
        known = self._read()
        deadline = time.monotonic() + patience
        while name in known and not is_free(known[name], host) and time.monotonic() < deadline:
            time.sleep(0.05)
        taken = {port for other, port in known.items() if other != name}
        for port in (known.get(name), prefer):
            if port is not None and port not in taken and is_free(port, host):
                return self._remember(name, port)
        for port in random.sample(range(LOWEST, HIGHEST), 500):
            if port not in taken and is_free(port, host):
                return self._remember(name, port)
        raise RuntimeError(f"no free TCP port between {LOWEST} and {HIGHEST} for {name}")

    def _remember(self, name: str, port: int) -> int:
        known = self._read()
        if known.get(name) != port:
            known[name] = port
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps(known, indent=1, sort_keys=True))
            fresh.replace(self._path)
        return port
