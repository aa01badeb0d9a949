"""What the extensions of one service process share: settings, engines, bus links, health."""

from functools import cached_property
from typing import Any

from nameko.extensions import SharedExtension
from sqlalchemy import Engine, text

from kernel.chassis.bus.identity import CallVerifier, Issuer, call_verifier
from kernel.chassis.bus.links import ConfirmingPublisher, Consumer, Publisher
from kernel.chassis.data.blobs import BlobStore, blob_store
from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process.health import Health, database_check
from kernel.chassis.process.settings import BusSettings
from kernel.contracts import topology


class Chassis(SharedExtension):  # type: ignore[misc]  # nameko has no types
    """One per container. Its links start after every extension is set up, and stop after all workers ended."""

    @property
    def service_name(self) -> str:
        return str(self.container.service_name)

    @property
    def package(self) -> str:
        """Dotted package of the service, where its jobs and exports are declared."""
        return str(self.container.config.get("simkeep_package") or f"services.{self.service_name}")

    @cached_property
    def settings(self) -> BusSettings:
        return BusSettings()

    @cached_property
    def write_engine(self) -> Engine:
        return create_engine(self.service_name, "write")

    @cached_property
    def read_engine(self) -> Engine:
        return create_engine(self.service_name, "read")

    @cached_property
    def unit_of_work(self) -> UnitOfWork:
        return UnitOfWork(self.write_engine)

    @cached_property
    def blobs(self) -> BlobStore:
        return blob_store()

    @cached_property
    def verifier(self) -> CallVerifier:
        """Of the actors of calls."""
        return call_verifier(self._issuers)

    def _issuers(self) -> list[Issuer]:
        with self.read_engine.connect() as connection:
            rows = connection.execute(text("SELECT name, public_key, methods, units FROM issuers"))
            return [Issuer(row.name, row.public_key, frozenset(row.methods), tuple(row.units)) for row in rows]

    @cached_property
    def health(self) -> Health:
        health: Health = self.container.config.get("simkeep_health") or Health(self.service_name)
        return health

    @cached_property
    def requests(self) -> Consumer:
        """Consumes the RPC queue."""
        return Consumer(f"{self.service_name}-requests", self.settings)

    @cached_property
    def events(self) -> Consumer:
        """Consumes the facts of other services."""
        return Consumer(f"{self.service_name}-events", self.settings)

    @cached_property
    def replies(self) -> Publisher:
        return Publisher(f"{self.service_name}-replies", self.settings)

    @cached_property
    def confirmed(self) -> ConfirmingPublisher:
        """For what must not get lost: the outbox."""
        exchange = topology.event_exchange(self.service_name)
        return ConfirmingPublisher(f"{self.service_name}-outbox", self.settings, exchange)

    def setup(self) -> None:
        """RuntimeError when the broker's account is not this service's: nobody would believe what it tells."""
        if self.settings.account != topology.account(self.service_name):
            own = topology.account(self.service_name)
            raise RuntimeError(f"SIMKEEP_AMQP_URL names the account {self.settings.account}; it must be {own}")
        self.health.register("database", database_check(self.read_engine, self.write_engine))

    def start(self) -> None:
        for link in self._links():
            self.health.register(link.name, link.problem)
            link.start(self.spawn)

    def stopping(self) -> bool:
        """True once the container began to stop; long waits look at it."""
        return self.health.draining

    def begin_stop(self) -> None:
        """Called by every entrypoint's stop: nothing new is begun, and ending loops are no accident any more."""
        self.health.draining = True

    def stop(self) -> None:
        self.begin_stop()
        for link in self._links():
            link.stop()
        self.write_engine.dispose()
        self.read_engine.dispose()

    def kill(self) -> None:
        self.begin_stop()
        for link in self._links():
            link.stop()

    def spawn(self, work: Any, identifier: str) -> Any:
        """A greenthread that must not end before the container stops: its error, or its return, ends the service."""

        def guarded() -> None:
            work()
            if not self.stopping():
                raise RuntimeError(f"{identifier} ended by itself")

        return self.container.spawn_managed_thread(guarded, identifier=identifier)

    def _links(self) -> tuple[Consumer | Publisher | ConfirmingPublisher, ...]:
        events = (self.events,) if self.events.subscribed else ()
        return (self.requests, *events, self.replies, self.confirmed)
