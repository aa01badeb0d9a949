"""Answers are kept page by page, each with the step that asked for it, and become loads many at a time (TRF-01).

Guarantee: an answer and how far the pull is are one commit; a load, and the end of keeping its pages, are another. So
a pull that is killed goes on behind the last answer that was kept; only calls that were under way are asked again.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import IO, Any

from kernel.chassis.data.blobs import BlobStore
from kernel.chassis.data.unit_of_work import Tx
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date, start_of_day
from services.traffic import loading, rows
from services.traffic.carriers import Told

_PAGE = """
INSERT INTO pull_pages (pull_id, number, digest, rows, content, asked_at)
VALUES (:pull, :number, :digest, :rows, :content, :now)
"""
_SEEN = "SELECT number FROM pull_pages WHERE pull_id = :pull AND digest = :digest"
_STEP = """
UPDATE pulls SET pages = :number, reached = coalesce(:reached, reached), wanted = coalesce(wanted, :wanted),
    answered = answered + :rows, strangers = strangers + :strangers, calls = calls + 1, asked_at = :now, error = NULL
WHERE id = :pull
"""
_CALL = """
UPDATE pull_carriers SET calls = CASE WHEN quota_day = :today THEN calls ELSE 0 END + :calls, quota_day = :today,
    failures = CASE WHEN :answers THEN 0 ELSE failures END, error = CASE WHEN :answers THEN NULL ELSE error END,
    rests_until = CASE WHEN :answers THEN NULL ELSE rests_until END
WHERE carrier = :carrier
"""
_KEPT = """
SELECT coalesce(sum(rows), 0) AS rows, min(asked_at) AS asked_at
FROM pull_pages WHERE pull_id = :pull AND content IS NOT NULL
"""
_CONTENT = "SELECT content FROM pull_pages WHERE pull_id = :pull AND content IS NOT NULL ORDER BY number"
_LOADED = "UPDATE pull_pages SET content = NULL WHERE pull_id = :pull AND content IS NOT NULL"
_GAVE = "UPDATE pulls SET loads = loads || CAST(:load_id AS bigint) WHERE id = :pull"
_END = """
UPDATE pulls SET state = :state, next_at = :next_at, ended_at = :now, error = NULL WHERE id = :pull
"""
_FORGET = "DELETE FROM pull_pages WHERE pull_id = :pull"
_AGAIN = "UPDATE pulls SET pages = 0, reached = '', wanted = NULL, answered = 0 WHERE id = :pull"


def count_calls(tx: Tx, carrier: str, calls: int, *, answers: bool, now: datetime) -> None:
    """Of the carrier's quota, answered or not; when it answers, the circuit is closed again."""
    tx.execute(_CALL, {"carrier": carrier, "calls": calls, "answers": answers, "today": business_date(now)})


def keep(tx: Tx, pull: Any, number: int, told: Told, *, now: datetime, reached: str | None) -> None:
    """One answer. Raises carrier_failed for a page of changes that came before under another number."""
    content = _as_csv(told.rows)
    digest = hashlib.sha256(content.encode()).hexdigest()
    if pull.kind == "changes" and told.rows:
        before = tx.execute(_SEEN, {"pull": pull.id, "digest": digest}).scalar()
        if before is not None:
            reason = f"page {number} repeats page {before}, 分页重复"
            raise DomainError("carrier_failed", carrier=pull.carrier, reason=reason)
    page = {"pull": pull.id, "number": number, "rows": len(told.rows), "now": now}
    tx.execute(_PAGE, {**page, "digest": digest, "content": content})
    tx.execute(_STEP, {**page, "reached": reached, "wanted": told.total, "strangers": len(told.strangers)})


def _as_csv(told: Sequence[Any]) -> str:
    buffer = io.StringIO()
    cells = [[" ".join(str(cell)[:200].split()) or "-" for cell in row] for row in told]
    csv.writer(buffer, lineterminator="\n").writerows(cells)
    return buffer.getvalue()


def kept_rows(tx: Tx, pull: Any) -> int:
    """Rows that are in no load yet."""
    return int(tx.execute(_KEPT, {"pull": pull.id}).scalar_one())


def load(tx: Tx, pull: Any, blobs: BlobStore, measured_in: str, *, by: Actor, now: datetime) -> None:
    """What is kept becomes a load like any file; nothing when nothing is kept."""
    kept: Any = tx.execute(_KEPT, {"pull": pull.id}).one()
    if not kept.rows:
        return

    def content() -> Iterator[bytes]:
        yield (",".join(rows.HEAD) + "\n").encode()
        for page in tx.execute(_CONTENT, {"pull": pull.id}).scalars():
            yield page.encode()

    file = blobs.put_stream(content(), name=f"usage-{pull.carrier}.csv", media_type="text/csv")
    as_of = pull.until or kept.asked_at
    _accept(tx, pull, file, by, now, as_of=as_of, measured_in=measured_in, whole=False)
    tx.execute(_LOADED, {"pull": pull.id})


def load_file(
    tx: Tx, pull: Any, content: IO[bytes], blobs: BlobStore, measured_in: str, *, by: Actor, now: datetime
) -> None:
    """A dropped file: a day's tells of all cards as of its end, a correction of what is known now."""
    name = pull.subject.split(" ")[0]
    file = blobs.put_stream(iter(lambda: content.read(1 << 20), b""), name=name, media_type="text/csv")
    as_of = now if pull.day is None else start_of_day(pull.day + timedelta(days=1))
    _accept(tx, pull, file, by, now, as_of=as_of, measured_in=measured_in, whole=pull.day is not None)


def _accept(tx: Tx, pull: Any, file: Any, by: Actor, now: datetime, **note: Any) -> None:
    accepted = loading.accept(tx, by, now, file, None, source="carrier", carrier=pull.carrier, **note)
    tx.execute(_GAVE, {"pull": pull.id, "load_id": accepted.load_id})


def end(tx: Tx, pull: Any, state: str, next_at: datetime, now: datetime) -> None:
    """The pull has asked for everything; its pages have become loads."""
    tx.execute(_END, {"pull": pull.id, "state": state, "next_at": next_at, "now": now})
    tx.execute(_FORGET, {"pull": pull.id})


def begin_again(tx: Tx, pull: Any) -> None:
    """Pages are asked for from the first on: the carrier's list has changed under them."""
    tx.execute(_FORGET, {"pull": pull.id})
    tx.execute(_AGAIN, {"pull": pull.id})
