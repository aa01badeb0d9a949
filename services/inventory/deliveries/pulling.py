"""Job: everything that a carrier has newly delivered, one transaction per delivery (INV-01).

The cards of a delivery are first fetched to the last page and kept as a file; half a delivery never gets further. With
the cards the same commit moves the carrier's cursor, so a pull that breaks off goes on where it was. A delivery that
must be refused as a whole (an unknown spec, a changed note) stops the cursor but not the others: it is asked for again
with every pull until it can be taken in.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, update

from kernel.carriers.settings import Endpoint, endpoint_of
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.envelope import BlobRef
from kernel.model.errors import DomainError
from services.inventory.carriers import CarrierAdapter, Offer, adapter_for
from services.inventory.deliveries.importing import as_csv, check, known_delivery, open_blob, result_of
from services.inventory.deliveries.intake import Arrival, Intake, check_note, take_in
from services.inventory.tables import carriers

_KEEP_JOB_ROWS = """
INSERT INTO job_rows (job_id, row_no, key, code, params)
SELECT :job_id, row_number() OVER (ORDER BY row_no) + (SELECT count(*) FROM job_rows WHERE job_id = :job_id),
       iccid, code, (params || jsonb_build_object('batch_no', CAST(:batch_no AS text), 'row', row_no))::json
FROM refusals
"""


class _Pull:
    """One run. ``stuck``: a delivery before this one could not be taken in, so the cursor stays before it."""

    def __init__(self, job: JobContext, endpoint: Endpoint, adapter: CarrierAdapter) -> None:
        self._job = job
        self._endpoint = endpoint
        self._adapter = adapter
        self._stuck = False
        self._rows = 0
        self.taken: list[dict[str, Any]] = []
        self.refused: list[dict[str, Any]] = []

    def cursor(self) -> str | None:
        with self._job.unit_of_work() as tx:
            known: str | None = tx.execute(
                select(carriers.c.pulled_until).where(carriers.c.code == self._endpoint.carrier)
            ).scalar_one()
            return known

    def run(self) -> None:
        for offer in self._adapter.new_deliveries(self.cursor()):
            self._job.progress(self._rows, message=f"{offer.note.batch_no}")
            try:
                self._take(offer)
            except DomainError as error:
                if error.code == "carrier_failed":
                    raise
                self._stuck = True
                self.refused.append({"batch_no": offer.note.batch_no, "code": error.code, "params": error.params})

    def _take(self, offer: Offer) -> None:
        if self._settled(offer):
            return
        file = self._fetch(offer)
        arrival = Arrival(offer.note, self._endpoint.unit, "pull", file)
        with self._job.unit_of_work() as tx:
            with open_blob(self._job.blobs, file) as rows:
                intake = take_in(tx, rows, arrival, by=self._job.actor, now=self._job.now(), progress=self._progress)
            self._finish(tx, offer, intake)
            tx.commit()
        self._rows += intake.rows
        self.taken.append(result_of(intake))

    def _settled(self, offer: Offer) -> bool:
        """True when the delivery stands already as announced, so that its cards need not be fetched again."""
        with self._job.unit_of_work() as tx:
            check(tx, offer.note, self._endpoint.unit, self._job.actor)
            known = known_delivery(tx, offer.note)
            if known is None:
                return False
            check_note(known, Arrival(offer.note, self._endpoint.unit, "pull", BlobRef(sha256="", size=0)))
            if known.expected_count is None or known.received_count != known.expected_count:
                return False
            self._move_cursor(tx, offer)
            tx.commit()
            return True

    def _fetch(self, offer: Offer) -> BlobRef:
        def rows() -> Iterator[tuple[str | None, str | None, str | None]]:
            got = 0
            for page in self._adapter.cards(offer):
                yield from page
                got += len(page)
                self._progress(got)

        name = f"{offer.note.carrier}-{offer.note.batch_no}.csv"
        return self._job.blobs.put_stream(as_csv(rows()), name=name, media_type="text/csv")

    def _progress(self, rows: int) -> None:
        self._job.progress(self._rows + rows)

    def _finish(self, tx: Tx, offer: Offer, intake: Intake) -> None:
        self._move_cursor(tx, offer)
        tx.execute(_KEEP_JOB_ROWS, {"job_id": self._job.job_id, "batch_no": intake.batch_no})

    def _move_cursor(self, tx: Tx, offer: Offer) -> None:
        if not self._stuck:
            tx.execute(
                update(carriers).where(carriers.c.code == self._endpoint.carrier).values(pulled_until=offer.cursor)
            )

    def end(self) -> dict[str, Any]:
        result = {"carrier": self._endpoint.carrier, "deliveries": self.taken, "refused_deliveries": self.refused}
        with self._job.unit_of_work() as tx:
            self._job.complete(tx, result, done=self._rows)
        return result


def run_pull(job: JobContext) -> dict[str, Any]:
    """Job: see above. Fails with carrier_failed and the reason; the deliveries taken in before that stay."""
    endpoint = endpoint_of(str(job.request["carrier"]))
    adapter = adapter_for(endpoint)
    try:
        pull = _Pull(job, endpoint, adapter)
        pull.run()
        return pull.end()
    finally:
        adapter.close()
