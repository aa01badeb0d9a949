"""Usage by cards and day, shaped after OneLink's batch query: at most 100 cards a call, 7 days back, KB.

The documents' operation is sim-data-usage-daily/batch with ``iccids`` joined by "_" and ``queryDate`` as YYYYMMDD.
"""

from collections.abc import Sequence
from typing import Any

from kernel.carriers.asking import Again, CarrierClient
from kernel.carriers.onelink import OneLinkSession
from kernel.carriers.settings import Endpoint
from services.traffic.carriers.protocol import CarrierCall, Dropped, Kind, Told

OPERATION = "sim-data-usage-daily/batch"


class OneLinkUsage:
    """See protocol.UsageAdapter."""

    kind: Kind = "day"
    size = 100

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        self._client = client
        self._session = OneLinkSession(endpoint, client)

    def dropped(self) -> list[Dropped]:
        return []

    def ask(self, call: CarrierCall) -> Told:
        if call.day is None:
            raise ValueError("a call without a day")
        day = f"{call.day:%Y%m%d}"
        told: list[Told] = []
        self._session.query(
            OPERATION,
            {"iccids": "_".join(call.cards), "queryDate": day},
            lambda result: told.append(_read(result, call.cards, day, call.day.isoformat() if call.day else "")),
        )
        return told[-1]

    def close(self) -> None:
        self._client.close()


def _read(result: Any, cards: Sequence[str], asked: str, day: str) -> Told:
    """Raises Again for an answer that lacks fields or speaks of another day or of cards that were not asked for."""
    try:
        if str(result["queryDate"]) != asked:
            raise Again("the answer is about another day, 应答日期不符")
        rows = [(str(item["iccid"]), day, str(item["dataAmount"])) for item in result["dataAmountList"]]
        strangers = [str(iccid) for iccid in result["invalidIccids"]]
    except (LookupError, TypeError) as error:
        raise Again("the answer lacks fields, 应答缺少字段") from error
    if not {iccid for iccid, _, _ in rows}.union(strangers) <= set(cards):
        raise Again("the answer holds cards that were not asked for, 应答含未查询的卡")
    return Told(rows, strangers)
