"""The demo's group: puts out which serials were subsidised in other provinces, a delta a day (IME-10)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from deploy.local.carriers_dialects import Answer, Asked, files_of
from deploy.local.carriers_usage import UsageBook
from deploy.local.demo_serials import MODELS, serial
from kernel.model.period import BUSINESS_ZONE, business_date

DAYS_KEPT = 3
_FIRST = 9200
"""Number of a device that the demo's province does not have; one a day from there on."""


def names_of(offered: dict[str, list[str]]) -> dict[str, bytes]:
    """Name > content, of name > serials."""
    return {name: "\r\n".join(["串码,厂商,型号", *rows, ""]).encode("gbk") for name, rows in offered.items()}


class NationalLists:
    """Bearer key. ``files``: what is offered now; tests put their own."""

    def __init__(self, key: str, files: Callable[[], dict[str, bytes]] | None = None) -> None:
        self._key = key
        self.files = files or (lambda: _deltas(business_date(datetime.now(BUSINESS_ZONE))))
        self.usage: UsageBook | None = None

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {self._key}":
            return Answer(401, {"error": "unknown key"})
        first, *name = asked.path.strip("/").split("/")
        return files_of(self.files(), name) if first == "serial-lists" else Answer(404, {"error": "no such path"})


def _deltas(today: date) -> dict[str, bytes]:
    days = [today - timedelta(days=back) for back in range(DAYS_KEPT)]
    return names_of({f"national-{day:%Y%m%d}-delta.csv": [_row(day)] for day in sorted(days)})


def _row(day: date) -> str:
    number = _FIRST + day.toordinal() % 700
    maker, model, _ = MODELS[number % len(MODELS)]
    return f"{serial(number)},{maker},{model}"
