"""Usage as changes: everything that became known or was corrected since a moment, 50 rows a page.

Shaped after the conventions of China Unicom's gateway; the operation (wsGetUsageChanges) is ours.
"""

from typing import Any

from kernel.carriers.asking import Again, CarrierClient
from kernel.carriers.pages import page_in
from kernel.carriers.settings import Endpoint
from kernel.carriers.unicom import UnicomSession
from services.traffic.carriers.protocol import CarrierCall, Dropped, Kind, Told

OPERATION = "wsGetUsageChanges"


class UnicomUsage:
    """See protocol.UsageAdapter."""

    kind: Kind = "changes"
    size = 50

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        self._client = client
        self._session = UnicomSession(endpoint, client)

    def dropped(self) -> list[Dropped]:
        return []

    def ask(self, call: CarrierCall) -> Told:
        if call.since is None or call.until is None:
            raise ValueError("a call without a span")
        span = {"modifiedSince": call.since.isoformat(), "modifiedUntil": call.until.isoformat()}
        told: list[Told] = []
        self._session.query(
            OPERATION,
            {**span, "pageNumber": call.number, "pageSize": self.size},
            lambda data: told.append(_read(data, call.number, self.size)),
        )
        return told[-1]

    def close(self) -> None:
        self._client.close()


def _read(data: Any, number: int, size: int) -> Told:
    page = page_in(data, "usages", number, size)
    try:
        rows = [(str(item["iccid"]), str(item["usageDate"]), str(item["volume"])) for item in page.items]
    except (LookupError, TypeError) as error:
        raise Again("the answer lacks fields, 应答缺少字段") from error
    return Told(rows, total=page.total)
