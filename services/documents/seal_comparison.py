"""A scan's seals against the specimens of its form's unit (DOC-06): the answer, the findings, and what is kept of them.

Worker only. A unit without a specimen goes on as before; the answer says that nothing was compared.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from kernel.chassis.data.blobs import BlobStore
from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.documents.scans import ReusedSeal, SealComparison
from kernel.contracts.envelope import BlobRef
from kernel.model.period import business_date
from services.documents import seals
from services.documents.impressions.comparing import Comparison, compare
from services.documents.impressions.reuse import REUSED, likest, print_of
from services.documents.impressions.specimen import Specimen, letters_at
from services.documents.settings import DocumentsSettings, SealWeight
from services.documents.verify.sealings import Sealing
from services.documents.verify.verdict import Finding, Kind
from services.documents.verify.words import KINDS, english

MOST_EARLIER = 2000
ORDER = ("same", "not_enough_seen", "different")
CAUSES = {"size": "大小不同", "strokes": "笔画不同", "extra": "文字或图案不同"}

_EARLIER = """
SELECT seal_prints.print, scans.id, scans.number, scans.revision, scans.uploaded_at
FROM seal_prints JOIN scans ON scans.id = seal_prints.scan_id
WHERE seal_prints.seal_id = :seal AND scans.id <> :scan AND (scans.number, scans.revision) <> (:number, :revision)
ORDER BY seal_prints.kept_at DESC LIMIT :most
"""
_KEEP = """
INSERT INTO seal_prints (scan_id, seal_id, place, print, kept_at) VALUES (:scan, :seal, :place, :print, :now)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A confirmed specimen of the unit, with the prints of impressions that other forms' scans had of it."""

    id: UUID
    name: str
    specimen: Specimen
    earlier: list[Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """`prints`: seal, place among the scan's seals, and the print to keep; kept only of a scan that is judged."""

    answer: SealComparison
    findings: list[Finding]
    prints: list[tuple[UUID, int, bytes]]


@dataclass(frozen=True, slots=True)
class _Found:
    """One seal of the scan against the specimen that it is likest."""

    sealing: Sealing
    known: Known
    comparison: Comparison
    reused: ReusedSeal | None


def known_seals(tx: Tx, blobs: BlobStore, scan: Any) -> list[Known]:
    """The specimens that were valid on the day when the scan came."""
    known = []
    for row in seals.confirmed_on(tx, scan.unit, business_date(scan.uploaded_at)):
        with blobs.open(BlobRef.model_validate(row.specimen)) as file:
            specimen = Specimen.from_bytes(file.read())
        asked = {"seal": row.id, "scan": scan.id, "number": scan.number, "revision": scan.revision}
        earlier = tx.execute(_EARLIER, asked | {"most": MOST_EARLIER}).all()
        known.append(Known(row.id, row.name, specimen, list(earlier)))
    return known


def compare_seals(known: list[Known], found: list[Sealing], kind: str, place: str) -> Compared:
    """The best of the scan's seals speaks for the scan; one that was used before is told whatever it looks like."""
    if not known or not found:
        return Compared(_said("not_compared", None), [], [])
    prints: list[tuple[UUID, int, bytes]] = []
    judged = [_one(known, sealing, at, prints) for at, sealing in enumerate(found)]
    best = min(judged, key=lambda one: ORDER.index(one.comparison.outcome))
    reused = next((one for one in judged if one.reused is not None), None)
    settings = DocumentsSettings()
    findings = []
    outcome = best.comparison.outcome
    letters = _unseen(best)
    if outcome == "different":
        cause = CAUSES[best.comparison.cause or "strokes"]
        findings += _finding(
            best, "seal_different", settings.seal_different, kind, place, f"{cause}，请对照预留印鉴判定"
        )
    if outcome == "not_enough_seen":
        advice = _advice(letters)
        findings += _finding(best, "seal_not_seen", settings.seal_not_seen, kind, place, advice)
    if reused is not None and reused.reused is not None:
        where = f"与 {reused.reused.number} 第 {reused.reused.revision} 版扫描件上的是同一次盖印"
        findings += _finding(reused, "seal_reused", settings.seal_reused, kind, place, where)
    return Compared(_said(outcome, best, letters, reused.reused if reused else None), findings, prints)


def _one(known: list[Known], sealing: Sealing, at: int, prints: list[tuple[UUID, int, bytes]]) -> _Found:
    tries = [(one, compare(one.specimen, sealing.impression, sized=sealing.sized)) for one in known]
    one, comparison = min(tries, key=lambda it: (ORDER.index(it[1].outcome), -it[1].likeness))
    if comparison.outcome == "different":
        return _Found(sealing, one, comparison, None)
    own = print_of(one.specimen, comparison.laid)
    prints.append((one.id, at, own))
    best, likeness = likest(own, [bytes(row.print) for row in one.earlier])
    reused = None
    if likeness >= REUSED:
        row = one.earlier[best]
        reused = ReusedSeal(number=row.number, revision=row.revision, scan_id=row.id, uploaded_at=row.uploaded_at)
    return _Found(sealing, one, comparison, reused)


def _unseen(found: _Found) -> list[str]:
    """The letters of the specimen's name that were not seen, with their places: 第 3 字“江”."""
    name = found.known.name
    at = letters_at(found.known.specimen, len(name), found.comparison.unseen)
    return [f"第 {place} 字“{name[place - 1]}”" for place in at]


def _advice(letters: list[str]) -> str:
    seen = f"未看清{'、'.join(letters)}" if letters else "印迹不够清楚"
    return f"{seen}，请以 300 dpi 彩色重新扫描，或对照预留印鉴判定"


def _finding(  # noqa: PLR0917 - what is found, what that means for the kind, where, and what to do
    found: _Found, kind: Kind, weights: dict[Any, SealWeight], form_kind: str, place: str, advice: str
) -> list[Finding]:
    return [
        Finding(
            weight=weights.get(form_kind, "unclear"), kind=kind, page=found.sealing.page,
            scan_page=found.sealing.scan_page, place=place, box=found.sealing.box, advice=advice,
        )
    ]  # fmt: skip


def _said(
    outcome: Literal["not_compared", "same", "different", "not_enough_seen"], found: _Found | None,
    unseen: list[str] | None = None, reused: ReusedSeal | None = None,
) -> SealComparison:  # fmt: skip
    code: dict[str, str] = {"different": "seal_different", "not_enough_seen": "seal_not_seen"}
    words = KINDS[code.get(outcome, f"seal_{outcome}")]
    name = f"“{found.known.name}”" if found else ""
    more = f"（{'、'.join(unseen)}）" if unseen and outcome == "not_enough_seen" else ""
    return SealComparison(
        outcome=outcome, seal_id=found.known.id if found else None, name=found.known.name if found else None,
        cause=found.comparison.cause if found else None,
        unseen=unseen if unseen and outcome == "not_enough_seen" else [], reused=reused,
        message=f"{words.zh}{name}{more}", message_en=" ".join(filter(None, (words.en, name, english(more)))),
    )  # fmt: skip


def keep_prints(tx: Tx, scan: UUID, prints: list[tuple[UUID, int, bytes]], *, now: datetime) -> None:
    """So that the same impression on a later form's scan is recognised."""
    for seal, place, own in prints:
        tx.execute(_KEEP, {"scan": scan, "seal": seal, "place": place, "print": own, "now": now})
