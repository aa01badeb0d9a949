"""``python -m gateway``: serves portal and REST until SIGTERM; requests at work may end, new ones are not taken."""

from types import FrameType
from typing import Any

from kernel.chassis.process import collector

collector.pause()  # before all that follows is imported
import uvicorn  # noqa: E402

from gateway.app import create_app  # noqa: E402
from gateway.server import server_config  # noqa: E402
from gateway.settings import GatewaySettings  # noqa: E402
from kernel.chassis.process import logs  # noqa: E402


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
    collector.resume()
    _Server(server_config(app, settings)).run()


if __name__ == "__main__":
    main()
