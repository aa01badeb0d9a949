"""``python -m gateway``: serves portal and REST until SIGTERM; requests at work may end, new ones are not taken."""

import uvicorn

from gateway.app import create_app
from gateway.settings import GatewaySettings
from kernel.chassis import logs


def main() -> None:
    """Starts whether broker and database are there or not; a missing setting ends it with a sentence."""
    logs.configure("gateway")
    settings = GatewaySettings()
    try:
        app = create_app(settings)
    except RuntimeError as error:
        raise SystemExit(str(error)) from error
    uvicorn.run(
        app,
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=settings.http_drain_seconds,
    )


if __name__ == "__main__":
    main()
