"""全国已补贴串码 is fetched from the group, so that nobody has to think of it daily (IME-10, rules 5.1.2 and 5.4.3).

GET /serial-lists         {"items": [{"name", "size", "sha256"}]}
GET /serial-lists/<name>  the file: national-YYYYMMDD-full.csv or national-YYYYMMDD-delta.csv

One file at a time, the older first, for a delta goes on from what came before it; a full list makes all before it
needless. What is fetched is a list like any other: checked, held when it is odd, taken once.
"""

import json
import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import IO, Any, NamedTuple
from urllib.parse import quote

from kernel.carriers.asking import Again, CarrierClient
from kernel.carriers.settings import Endpoint
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.imei.lists import ImportSerials
from kernel.model.actor import Actor
from services.imei.lists import importing

FETCH_JOB = "national_lists"
SETTING = "SIMKEEP_NATIONAL_LISTS"
_NAME = re.compile(r"^national-(\d{8})-(full|delta)\.csv$")
_PIECE = 1 << 20
_OPEN = "SELECT count(*) FROM jobs WHERE kind = :kind AND state IN ('queued', 'running')"
_KNOWN = """
SELECT document, sha256 FROM lists WHERE province = :province AND document LIKE 'national-%'
UNION
SELECT request ->> 'document', request -> 'file' ->> 'sha256' FROM jobs
WHERE kind = :list_job AND request ->> 'province' = :province AND request ->> 'document' LIKE 'national-%'
"""


class Offered(NamedTuple):
    """A file that the group has put out."""

    name: str
    size: int
    sha256: str

    @property
    def dated(self) -> tuple[str, bool]:
        """Its day, and whether it is whole; the order in which files are taken."""
        found = _NAME.match(self.name)
        return (found[1], found[2] == "full") if found else ("", False)


def endpoint() -> Endpoint | None:
    """Where the group puts lists out, ``unit`` being the province; None: nowhere. Raises pydantic's ValidationError."""
    said = os.environ.get(SETTING)
    return Endpoint.model_validate(json.loads(said)) if said else None


def fetch_due(tx: Tx, *, by: Actor) -> None:
    """The timer's act: looks whether there is something new, unless that is under way."""
    group = endpoint()
    if group is None or tx.execute(_OPEN, {"kind": FETCH_JOB}).scalar_one():
        return
    jobs.enqueue(tx, FETCH_JOB, "获取全国已补贴串码", {"province": group.unit}, replace(by, unit=group.unit))


def next_of(offered: Sequence[Offered], known: Collection[tuple[str, str]]) -> Offered | None:
    """The file to take now. ``known``: names and digests of those that were taken.

    A file of a day before the newest that was taken is past; a newer full list makes those before it past.
    """
    newest = max((Offered(name, 0, "").dated for name, _ in known if _NAME.match(name)), default=("", False))
    new = sorted(
        (it for it in offered if it.dated[0] >= (newest[0] or "0") and (it.name, it.sha256) not in known),
        key=lambda it: it.dated,
    )
    full = [place for place, it in enumerate(new) if it.dated[1]]
    return next(iter(new[full[-1] if full else 0 :]), None)


def run_fetch(job: JobContext) -> dict[str, Any]:
    """Job: fetches one file, and has it taken in. Raises carrier_failed."""
    group = endpoint()
    with job.unit_of_work() as tx:
        waits = group is None or tx.execute(_OPEN, {"kind": importing.LIST_JOB}).scalar_one()
        asked = {"province": job.request["province"], "list_job": importing.LIST_JOB}
        known = {(row.document, row.sha256) for row in tx.execute(_KNOWN, asked)}
    file = None
    if group is not None and not waits:
        with closing(CarrierClient(group)) as client:
            file = next_of(_offered(client, group), known)
            content = None if file is None else _download(client, group, file)
    with job.unit_of_work() as tx:
        result: dict[str, Any] = {"file": file and file.name}
        if file is not None and content is not None:
            ref = job.blobs.put_stream(_pieces(content), name=file.name, media_type="text/csv")
            kind = "national_full" if file.dated[1] else "national_delta"
            request = ImportSerials(kind=kind, file=ref, province=job.request["province"], document=file.name)
            result["job_id"] = str(importing.enqueue(tx, request, job.actor).job_id)
        job.complete(tx, result)
    return result


def _bearer(group: Endpoint) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {group.key.get_secret_value()}"}}


def _offered(client: CarrierClient, group: Endpoint) -> list[Offered]:
    found: list[list[Offered]] = []
    client.ask("GET", "/serial-lists", make=lambda: _bearer(group), check=lambda answer: found.append(_files(answer)))
    return found[-1]


def _files(answer: dict[str, Any]) -> list[Offered]:
    try:
        every = [Offered(str(it["name"]), int(it["size"]), str(it["sha256"])) for it in answer["items"]]
    except (LookupError, TypeError, ValueError) as error:
        raise Again("the list of files lacks fields, 文件清单缺少字段") from error
    return [it for it in every if _NAME.match(it.name)]


def _download(client: CarrierClient, group: Endpoint, file: Offered) -> IO[bytes]:
    path = f"/serial-lists/{quote(file.name, safe='')}"
    return client.download(path, make=lambda: _bearer(group), size=file.size, sha256=file.sha256)


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while piece := content.read(_PIECE):
            yield piece
