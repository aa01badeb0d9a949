"""``python -m gateway``: serves portal and REST until SIGTERM; requests at work may end, new ones are not taken."""

import gc
from types import FrameType
from typing import Any

import uvicorn

from gateway.app import create_app
from gateway.server import server_config
from gateway.settings import GatewaySettings
from kernel.chassis.process import logs

GC_THRESHOLDS = (20_000, 20, 50)
"""A request makes a few cycles of its own; Python's default looks through the whole application for them each time."""


class _Server(uvicorn.Server):
    """Tells the application at the signal, not only when the last connection has closed."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        app: Any = self.config.app
        app.state.stopping = True
        super().handle_exit(sig, frame)


def main() -> None:
    """Starts whether broker and database are there or not; a missing setting ends it with a sentence."""
    logs.configure("gateway")
    settings = GatewaySettings()
    try:
        app = create_app(settings)
    except RuntimeError as error:
        raise SystemExit(str(error)) from error
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    _Server(server_config(app, settings)).run()


if __name__ == "__main__":
    main()
