"""Usage as files that the carrier puts out: a CSV in GBK for each day, and one of corrections for a month.

GET /usage/files         {"items": [{"name", "size", "sha256"}]}
GET /usage/files/<name>  the file; usage-YYYYMMDD.csv is a whole day, any other name holds corrections
"""

import re
from datetime import date
from typing import Any
from urllib.parse import quote

from kernel.carriers.asking import Again, CarrierClient
from kernel.carriers.settings import Endpoint
from services.traffic.carriers.protocol import CarrierCall, Dropped, Kind, Told

_DAY = re.compile(r"^usage-(\d{8})\.csv$")


class DroppedFiles:
    """See protocol.UsageAdapter."""

    kind: Kind = "file"
    size = 1

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        self._endpoint = endpoint
        self._client = client

    def _arguments(self) -> dict[str, Any]:
        return {"headers": {"Authorization": f"Bearer {self._endpoint.key.get_secret_value()}"}}

    def dropped(self) -> list[Dropped]:
        found: list[list[Dropped]] = []
        self._client.ask(
            "GET", "/usage/files", make=self._arguments, check=lambda answer: found.append(_files(answer))
        )
        return sorted(found[-1], key=lambda file: (file.day is None, file.name))

    def ask(self, call: CarrierCall) -> Told:
        if call.file is None:
            raise ValueError("a call without a file")
        path = f"/usage/files/{quote(call.file.name, safe='')}"
        content = self._client.download(path, make=self._arguments, size=call.file.size, sha256=call.file.sha256)
        return Told(content=content)

    def close(self) -> None:
        self._client.close()


def _files(answer: dict[str, Any]) -> list[Dropped]:
    try:
        return [
            Dropped(str(item["name"]), int(item["size"]), str(item["sha256"]), _day(str(item["name"])))
            for item in answer["items"]
        ]
    except (LookupError, TypeError, ValueError) as error:
        raise Again("the list of files lacks fields, 文件清单缺少字段") from error


def _day(name: str) -> date | None:
    named = _DAY.match(name)
    return date.fromisoformat(named[1]) if named else None
