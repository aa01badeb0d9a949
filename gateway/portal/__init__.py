"""The portal (GTW-05): pages written as data, drawn in the browser without a build step.

``install`` puts it into the gateway's app.
"""

from fastapi import FastAPI

__all__ = ["install"]


def install(app: FastAPI) -> None:
    """Adds the portal's routes."""
    # Late, because `python -m gateway.portal.assets` imports this package before the gateway can run.
    from gateway.portal.web import router  # noqa: PLC0415

    app.include_router(router)
