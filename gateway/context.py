"""The parts of one gateway process, put together once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway import database, throttle
from gateway.allowance import Allowance
from gateway.bus import Bus
from gateway.identity import Authenticator
from gateway.metrics import BUS_CONNECTED, RPC_IN_FLIGHT
from gateway.sessions import Sessions
from gateway.settings import GatewaySettings
from gateway.tokens import AccessTokens
from gateway.units import UnitTree
from gateway.uploads import UploadSlots
from gateway.writes import Writes
from kernel.chassis.data.blobs import BlobStore, blob_store
from kernel.chassis.process import logs
from kernel.chassis.process.settings import BusSettings, IdentitySettings

log = logs.get(__name__)

HOUSEKEEPING_SECONDS = 1800
LOCK_MARGIN_SECONDS = 5


@dataclass(frozen=True)
class Gateway:
    """What routes reach through ``request.app.state.gateway``."""

    settings: GatewaySettings
    engine: AsyncEngine
    bus: Bus
    blobs: BlobStore
    units: UnitTree
    authenticator: Authenticator
    sessions: Sessions
    writes: Writes
    public_checks: Allowance
    upload_slots: UploadSlots
    throttled_notes: Allowance

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Bus and housekeeping run inside the block; neither needs broker or database to be there."""
        await self.bus.start()
        BUS_CONNECTED.set_function(lambda: float(self.bus.connected))
        RPC_IN_FLIGHT.set_function(lambda: float(self.bus.in_flight))
        housekeeping = asyncio.create_task(self._keep_house(), name="housekeeping")
        try:
            yield
        finally:
            housekeeping.cancel()
            await asyncio.gather(housekeeping, return_exceptions=True)
            await self.bus.stop()
            await self.authenticator.close()
            await self.engine.dispose()

    async def database_answers(self) -> bool:
        """For readiness."""
        try:
            async with asyncio.timeout(3), self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return True

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING_SECONDS)
            try:
                await self.writes.forget_old()
                await self.sessions.forget_old()
            except (SQLAlchemyError, OSError) as error:
                log.warning("housekeeping failed, trying again later", reason=repr(error))


def build(settings: GatewaySettings) -> Gateway:
    """Raises RuntimeError naming the setting that is missing; connects to nothing yet."""
    identity = IdentitySettings()
    if settings.token_secret is None:
        raise RuntimeError("set SIMKEEP_TOKEN_SECRET (at least 32 random bytes)")
    if identity.call_secret is None:
        raise RuntimeError("set SIMKEEP_CALL_SECRET (at least 32 random bytes)")
    engine = database.engine(settings.database_pool_size)
    tokens = AccessTokens(settings.token_secret.get_secret_value(), settings.access_token_seconds)
    units = UnitTree(engine)
    limits = throttle.Limits(
        per_pair=settings.login_limit,
        per_address=settings.login_address_limit,
        per_stranger=settings.login_stranger_limit,
        window_seconds=settings.login_window_seconds,
    )
    return Gateway(
        settings=settings,
        engine=engine,
        bus=Bus(
            BusSettings().amqp_url,
            identity.call_secret.get_secret_value(),
            in_flight_limit=settings.rpc_in_flight,
            timeout_seconds=settings.rpc_timeout_seconds,
        ),
        blobs=blob_store(),
        units=units,
        authenticator=Authenticator(engine, tokens, units),
        sessions=Sessions(
            engine, tokens, limits, settings.refresh_token_seconds, settings.token_secret.get_secret_value()
        ),
        writes=Writes(
            engine,
            secret=settings.token_secret.get_secret_value(),
            keep_hours=settings.idempotency_hours,
            lock_seconds=settings.rpc_command_timeout_seconds + LOCK_MARGIN_SECONDS,
            wait_seconds=settings.idempotency_wait_seconds,
        ),
        public_checks=Allowance(settings.public_check_limit, 60),
        upload_slots=UploadSlots(settings.uploads_per_person),
        throttled_notes=Allowance(1, 60),
    )
