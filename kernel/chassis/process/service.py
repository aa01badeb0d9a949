"""The base of every service: a table of methods, and what all serve alike: jobs, exports, parking, housekeeping."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from kernel.chassis.bus.dispatch import Act
from kernel.chassis.bus.relay import Relay
from kernel.chassis.bus.rpc_server import entrypoint
from kernel.chassis.data import housekeeping, partitions
from kernel.chassis.data.blobs import blob_store
from kernel.chassis.data.partitions import Partitioned
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import export_files, operations
from kernel.chassis.jobs.kinds import EXPORT_KIND
from kernel.chassis.process import clock
from kernel.chassis.process.timers import Every, timer
from kernel.contracts.method import EVERY_SERVICE, Method
from kernel.model.period import business_date

Methods = Mapping[Method[Any, Any], Act]


class ChassisService:
    """A Nameko service: ``name`` (its schema's too), and ``METHODS``, which says by which act each method is done.

    The dispatcher checks the caller, his permission and his units as the method declares them, opens the transaction,
    and gives the act the keywords that it names (``dispatch``).
    """

    name: str
    METHODS: ClassVar[Methods] = {}
    PARTITIONED: ClassVar[Sequence[Partitioned]] = ()
    FILE_KINDS: ClassVar[Sequence[str]] = (EXPORT_KIND,)
    relay: Any = Relay()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        serve(cls, cls.METHODS)

    @timer("housekeeping", Every(seconds=600))
    def keep_house(self, tx: Tx, due_at: datetime) -> None:
        with housekeeping.apart(tx, "export files"):
            export_files.sweep(tx, blob_store, self.FILE_KINDS)
        housekeeping.sweep(tx)

    @timer("partitions", Every(seconds=3600))
    def keep_partitions(self, tx: Tx, due_at: datetime) -> None:
        partitions.keep_all(tx, self.PARTITIONED, business_date(clock.now()))


def serve(service: type[ChassisService], methods: Methods) -> None:
    """An entrypoint per method. Raises TypeError for a method of another service, or a name that is taken."""
    for method, act in methods.items():
        if method.service not in (EVERY_SERVICE, getattr(service, "name", EVERY_SERVICE)):
            raise TypeError(f"{method.name} is a method of {method.service}")
        if hasattr(service, method.name):
            raise TypeError(f"{service.__name__} has a {method.name} already")
        setattr(service, method.name, entrypoint(method, act))


serve(ChassisService, operations.METHODS)
