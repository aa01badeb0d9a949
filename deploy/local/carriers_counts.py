"""How many cards each unit has by the demo carriers' own books: the demo's field, counted, with what really differs.

``GET /counts/{carrier's path}/card-counts?month=&after=`` with the bearer key, at most PAGE units an answer. A carrier
counts by its own books: one unit in EVERY has surplus cards that nobody returned, so the comparison has something over
its limit. Without the field's file there are no counts yet.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.carriers_catalogue import PREFIXES
from deploy.local.carriers_dialects import Answer, Asked
from kernel.model.period import business_date

PAGE = 500
EVERY, SURPLUS_PERCENT = 5, 45


class CardCounts:
    """``field``: a JSON list of cards with ``iccid`` and ``unit``, read anew for each question."""

    def __init__(self, key: str, field: Path | None) -> None:
        self._key = key
        self._field = field

    def answer(self, carrier: str, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {self._key}":
            return Answer(401, {"error": "unknown key"})
        if asked.path != "/card-counts" or not asked.query.get("month"):
            return Answer(404, {"error": "ask for /card-counts?month=2026-11"})
        units = self._counted(carrier)
        after = asked.query.get("after", "")
        names = [unit for unit in sorted(units) if unit > after]
        rows = [{"unit": unit, "cards": units[unit]} for unit in names[:PAGE]]
        more = names[PAGE - 1] if len(names) > PAGE else None
        counted_on = business_date(datetime.now(UTC)).isoformat()
        return Answer(200, {"month": asked.query["month"], "counted_on": counted_on, "rows": rows, "next": more}, rows)

    def _counted(self, carrier: str) -> dict[str, int]:
        if self._field is None or not self._field.exists():
            return {}
        cards = json.loads(self._field.read_text())
        own = Counter(card["unit"] for card in cards if card["iccid"].startswith(PREFIXES[carrier]))
        return {
            unit: count + (count * SURPLUS_PERCENT // 100 if place % EVERY == 0 else 0)
            for place, (unit, count) in enumerate(sorted(own.items()))
        }
