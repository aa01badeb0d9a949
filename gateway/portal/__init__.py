"""The portal (GTW-05): pages written as data, drawn in the browser without a build step. ``install`` puts it into the app."""

from fastapi import FastAPI

__all__ = ["install"]


def install(app: FastAPI) -> None:
    """Adds the portal's routes. The import is late because ``python -m gateway.portal.assets`` runs before the gateway can."""
    from gateway.portal.web import router

    app.include_router(router)
