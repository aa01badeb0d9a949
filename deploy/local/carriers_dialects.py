"""How the demo carriers answer: three dialects over the same deliveries, written from the carriers' side.

They check what a real one checks (keys, tokens and their expiry, signatures, transaction ids that may not repeat, page
sizes) and know nothing of SimKeep's adapters.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from deploy.local.carriers_catalogue import Batch
from deploy.local.carriers_usage import CHANGES_PAGE, DAYS_BACK, MOST_CARDS, UsageBook, described

APP_ID = "100099"
_CODES = {"plug_in": "01", "smd": "02", "nano": "03", "esim": "04"}
_SMALL_PAGE = 100
_TOKEN_SECONDS = 3600


@dataclass(frozen=True)
class Asked:
    """A request, taken apart. ``path`` without the dialect's own prefix; ``body``: JSON object or {}."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Answer:
    """``items``: the list within ``content`` that a fault may cut or repeat."""

    status: int
    content: dict[str, Any]
    items: list[Any] | None = None
    raw: bytes | None = None
    """A file instead of ``content``."""


class Dialect(Protocol):
    usage: UsageBook | None

    def answer(self, asked: Asked) -> Answer: ...


def _after(batches: list[Batch], batch_no: str) -> list[Batch]:
    """Batches after the one named, all when it is unknown or empty. Their numbers rise with month and index."""
    return [batch for batch in batches if batch.batch_no > batch_no]


def _page(asked: dict[str, Any], names: tuple[str, str], largest: int) -> tuple[int, int]:
    """[start, end) of the page asked for."""
    number, size = int(asked.get(names[0], 1)), min(int(asked.get(names[1], largest)), largest)
    return (number - 1) * size, number * size


def files_of(files: dict[str, bytes], name: list[str]) -> Answer:
    """What is put out, or the file of that name."""
    if not name:
        return Answer(200, {"items": described(files)})
    content = files.get(name[0])
    return Answer(404, {"error": "no such file"}) if content is None else Answer(200, {}, raw=content)


class Generic:
    """Bearer key; pages of at most 1,000 cards."""

    def __init__(self, batches: list[Batch], key: str) -> None:
        self._batches = sorted(batches, key=lambda batch: batch.batch_no)
        self._key = key
        self.usage: UsageBook | None = None

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {self._key}":
            return Answer(401, {"error": "unknown key"})
        parts = asked.path.strip("/").split("/")
        if parts[:2] == ["usage", "files"] and self.usage is not None:
            return files_of(self.usage.files(), parts[2:])
        if parts == ["deliveries"]:
            items = [self._note(batch) for batch in _after(self._batches, asked.query.get("after", ""))][:100]
            return Answer(200, {"items": items})
        batch = next((b for b in self._batches if parts == ["deliveries", b.batch_no, "cards"]), None)
        if batch is None:
            return Answer(404, {"error": "no such delivery"})
        start, end = _page(asked.query, ("page", "size"), 1000)
        cards = list(batch.cards(start, end))
        return Answer(200, {"total": batch.count, "cards": cards}, cards)

    @staticmethod
    def _note(batch: Batch) -> dict[str, Any]:
        return {
            "reference": batch.batch_no,
            "batch_no": batch.batch_no,
            "application_month": batch.month,
            "card_spec": batch.spec,
            "count": batch.announced or batch.count,
            "cursor": batch.batch_no,
        }


class _Transactions:
    """Transaction ids that were used already."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def fresh(self, transaction: str) -> bool:
        known = transaction in self._used
        self._used.add(transaction)
        return bool(transaction) and not known


class OneLinkLike:
    """Token bought with appid and password; numeric status; at most 100 cards an answer."""

    def __init__(self, batches: list[Batch], password: str) -> None:
        self._batches = sorted(batches, key=lambda batch: batch.batch_no)
        self._password = password
        self._transactions = _Transactions()
        self.tokens: dict[str, float] = {}
        self.usage: UsageBook | None = None

    def answer(self, asked: Asked) -> Answer:
        query = asked.query
        transid = query.get("transid", "")
        if not transid.startswith(APP_ID) or not self._transactions.fresh(transid):
            return _status("11012", "transid 错误或重复")
        if asked.path == "/v5/ec/get/token":
            return self._sell_token(query)
        if self.tokens.get(query.get("token", ""), 0) < time.monotonic():
            return _status("12021", "token 过期")
        return self._serve(asked.path, query)

    def _serve(self, path: str, query: dict[str, str]) -> Answer:
        if path == "/v5/ec/query/sim-data-usage-daily/batch" and self.usage is not None:
            return self._usage(self.usage, query)
        start, end = _page(query, ("pageNum", "pageSize"), _SMALL_PAGE)
        if path == "/v5/ec/query/open-card-orders":
            orders = [self._order(batch) for batch in _after(self._batches, query.get("afterOrderId", ""))]
            return _onelink_page("orderList", orders[start:end], len(orders))
        batch = next((b for b in self._batches if b.batch_no == query.get("orderId")), None)
        if path != "/v5/ec/query/order-cards" or batch is None:
            return _status("11000", "参数错误")
        return _onelink_page("cardList", list(batch.cards(start, end)), batch.count)

    @staticmethod
    def _usage(book: UsageBook, query: dict[str, str]) -> Answer:
        if book.hurried():
            return _status("12088", "超出调用频率")
        iccids, day = query.get("iccids", "").split("_"), _date(query.get("queryDate", ""))
        if not 0 < len(iccids) <= MOST_CARDS:
            return _status("12010", f"每次最多 {MOST_CARDS} 张卡")
        if day is None or not book.yesterday - timedelta(days=DAYS_BACK - 1) <= day <= book.yesterday:
            return _status("12013", f"只能查询截至昨日的 {DAYS_BACK} 天")
        found, strange = book.by_card(iccids, day)
        result = {"queryDate": f"{day:%Y%m%d}", "dataAmountList": found, "invalidIccids": strange}
        return Answer(200, {"status": "0", "message": "正确", "result": [result]}, found)

    def _sell_token(self, query: dict[str, str]) -> Answer:
        if query.get("appid") != APP_ID or query.get("password") != self._password:
            return _status("12022", "appid 或 password 鉴权不通过")
        token = secrets.token_hex(16)
        self.tokens[token] = time.monotonic() + _TOKEN_SECONDS
        return Answer(200, {"status": "0", "message": "正确", "result": [{"token": token, "ttl": str(_TOKEN_SECONDS)}]})

    @staticmethod
    def _order(batch: Batch) -> dict[str, Any]:
        return {
            "orderId": batch.batch_no,
            "batchNo": batch.batch_no,
            "applyMonth": batch.month.replace("-", ""),
            "cardType": _CODES[batch.spec],
            "cardCount": batch.announced or batch.count,
        }


def _date(text: str) -> date | None:
    """Of YYYYMMDD; None when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _status(code: str, message: str) -> Answer:
    return Answer(200, {"status": code, "message": message, "result": []})


def _onelink_page(name: str, items: list[Any], total: int) -> Answer:
    return Answer(200, {"status": "0", "message": "正确", "result": [{name: items, "totalCount": total}]}, items)


class UnicomLike:
    """Signed requests; codes of four digits; at most 100 cards an answer."""

    def __init__(self, batches: list[Batch], secret: str) -> None:
        self._batches = sorted(batches, key=lambda batch: batch.batch_no)
        self._secret = secret
        self._transactions = _Transactions()
        self.usage: UsageBook | None = None

    def answer(self, asked: Asked) -> Answer:
        body = asked.body
        if not self._signed(body):
            return Answer(200, {"status": "1003", "message": "签名错误", "data": {}})
        if not self._transactions.fresh(str(body.get("trans_id", ""))):
            return Answer(200, {"status": "1004", "message": "trans_id 重复", "data": {}})
        data = body.get("data") or {}
        if asked.path == "/api/wsGetUsageChanges/V1/1Main/vV1.1" and self.usage is not None:
            return self._changes(self.usage, data)
        start, end = _page(data, ("pageNumber", "pageSize"), _SMALL_PAGE)
        if asked.path == "/api/wsGetOrders/V1/1Main/vV1.1":
            orders = [self._order(batch) for batch in _after(self._batches, str(data.get("afterOrder", "")))]
            return self._page("orders", orders[start:end], len(orders))
        batch = next((b for b in self._batches if b.batch_no == data.get("orderNo")), None)
        if asked.path != "/api/wsGetOrderTerminals/V1/1Main/vV1.1" or batch is None:
            return Answer(200, {"status": "0000", "data": {"resultCode": "1044", "resultDesc": "订单不存在"}})
        return self._page("terminals", list(batch.cards(start, end)), batch.count)

    def _changes(self, book: UsageBook, data: dict[str, Any]) -> Answer:
        if book.hurried():
            return Answer(200, {"status": "1429", "message": "请求过于频繁", "data": {}})
        since, until = (datetime.fromisoformat(str(data.get(name))) for name in ("modifiedSince", "modifiedUntil"))
        changes = book.changes(since, until)
        start, end = _page(data, ("pageNumber", "pageSize"), CHANGES_PAGE)
        return self._page("usages", changes[start:end], len(changes))

    def _signed(self, body: dict[str, Any]) -> bool:
        if body.get("app_id") != APP_ID:
            return False
        text = "".join(f"{name}{body.get(name, '')}" for name in ("app_id", "timestamp", "trans_id")) + self._secret
        return secrets.compare_digest(hashlib.sha256(text.encode()).hexdigest(), str(body.get("token", "")))

    @staticmethod
    def _order(batch: Batch) -> dict[str, Any]:
        return {
            "orderNo": batch.batch_no,
            "batchNo": batch.batch_no,
            "month": batch.month,
            "cardSpec": _CODES[batch.spec],
            "quantity": batch.announced or batch.count,
        }

    @staticmethod
    def _page(name: str, items: list[Any], total: int) -> Answer:
        data = {"resultCode": "0000", "resultDesc": "SUCCESS", name: items, "totalCount": total}
        return Answer(200, {"status": "0000", "message": "正常", "data": data}, items)
