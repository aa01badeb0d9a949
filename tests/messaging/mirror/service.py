"""Mirrors probe's entries; refuses poison until somebody writes an antidote."""

from kernel.chassis.bus.events import errand, event_handler
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process.service import ChassisService
from kernel.contracts.envelope import Envelope
from tests.messaging.contract import EntryAdded, EntryPoisoned, EntryTold


class MirrorService(ChassisService):
    """Its schema: ``mirrored(key, version, sequence, seen)``, ``antidotes(key)``."""

    name = "mirror"

    @event_handler("probe", EntryAdded)
    def entry_added(self, tx: Tx, event: EntryAdded, envelope: Envelope) -> None:
        tx.execute(
            "INSERT INTO mirrored (key, version, sequence, seen) VALUES (:key, :version, :sequence, 1)"
            " ON CONFLICT (key) DO UPDATE SET seen = mirrored.seen + 1, sequence = excluded.sequence,"
            " version = greatest(mirrored.version, excluded.version)",
            {"key": event.key, "version": event.version, "sequence": envelope.sequence},
        )
        tx.execute("INSERT INTO arrivals (sequence) VALUES (:sequence)", {"sequence": envelope.sequence})

    @errand("mirror", EntryTold, wanted=False)
    def switched_off(self, event: EntryTold, envelope: Envelope) -> None:
        raise RuntimeError("nobody wants this")

    @event_handler("probe", EntryPoisoned)
    def entry_poisoned(self, tx: Tx, event: EntryPoisoned, envelope: Envelope) -> None:
        if tx.execute("SELECT 1 FROM antidotes WHERE key = :key", {"key": event.key}).one_or_none() is None:
            raise ValueError(f"{event.key} is poison")
        tx.execute(
            "INSERT INTO mirrored (key, version, sequence, seen) VALUES (:key, 1, :sequence, 1)",
            {"key": event.key, "sequence": envelope.sequence},
        )
