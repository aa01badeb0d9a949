"""Demo carriers: small real HTTP servers that deliver cards as carriers' platforms do.

    python -m deploy.local.carriers --port 9100 [--cards 1000000] [--field FILE]

One port, three carriers: /generic (China Telecom), /onelink (China Mobile), /unicom (China Unicom); below /counts the
same three say how many cards each unit has (``carriers_counts``). The key is SIMKEEP_DEMO_CARRIER_KEY. GET /health
answers when it is ready. POST /faults {"kind", "path", "times", "seconds"} makes
the next answers to paths that contain ``path`` go wrong; DELETE /faults ends that. Listens on 127.0.0.1 only.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from deploy.local.carriers_catalogue import Batch, demo_batches
from deploy.local.carriers_counts import CardCounts
from deploy.local.carriers_dialects import APP_ID, Answer, Asked, Dialect, Generic, OneLinkLike, UnicomLike
from deploy.local.carriers_usage import UsageBook
from deploy.local.demo_volumes import ToldCards
from deploy.local.national_lists import NationalLists
from kernel.model.period import BUSINESS_ZONE, business_date

HOST = "127.0.0.1"
CARRIERS = {"generic": "china_telecom", "onelink": "china_mobile", "unicom": "china_unicom"}
FAULTS = (
    "http_500", "http_429", "slow", "drip", "half_page", "same_page", "truncated", "not_json", "token_expired",
    "as_numbers", "cut", "wrong_card",
)  # fmt: skip
KEY_VARIABLE = "SIMKEEP_DEMO_CARRIER_KEY"
_PROVINCE = "99"


_USAGE: dict[str, dict[str, Any]] = {
    "generic": {"calls_per_second": 5},
    "onelink": {"calls_per_second": 20, "measured_in": "KB"},
    "unicom": {"calls_per_second": 5},
}
_NUMBERS = ("iccid", "imsi", "msisdn")


@dataclass
class Fault:
    """``times``: answers that go wrong; ``seconds``: how slow slow is, or the wait that http_429 asks for."""

    kind: str
    path: str = ""
    times: int = 1_000_000
    seconds: float = 60.0


def endpoints(port: int, key: str, unit: str = _PROVINCE) -> list[dict[str, Any]]:
    """SIMKEEP_CARRIERS for the demo carriers on ``port``."""
    return [
        {
            "carrier": carrier,
            "dialect": dialect,
            "base_url": f"http://{HOST}:{port}/{dialect}",
            "counts_url": f"http://{HOST}:{port}/counts/{dialect}",
            "app_id": APP_ID,
            "key": key,
            "key_env": KEY_VARIABLE,  # what the server itself accepts, should the environment name another key
            "unit": unit,
            "usage": _USAGE[dialect],
        }
        for dialect, carrier in CARRIERS.items()
    ]


def national_lists(port: int, key: str, unit: str = _PROVINCE) -> dict[str, Any]:
    """SIMKEEP_NATIONAL_LISTS for the group of the demo carriers on ``port``."""
    return {"carrier": CARRIERS["onelink"], "base_url": f"http://{HOST}:{port}/group", "key": key, "unit": unit}


class DemoCarriers(ThreadingHTTPServer):
    """The server; ``faults`` may be changed while it runs."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, key: str, batches: list[Batch], field: Path | None = None) -> None:
        super().__init__((HOST, port), _Handler)
        self.counts = CardCounts(key, field)
        self.faults: list[Fault] = []
        self._lock = threading.Lock()
        self._first_pages: dict[str, list[Any]] = {}
        of = {name: [batch for batch in batches if batch.carrier == carrier] for name, carrier in CARRIERS.items()}
        self.onelink = OneLinkLike(of["onelink"], key)
        self.group = NationalLists(key)
        self.dialects: dict[str, Dialect] = {
            "generic": Generic(of["generic"], key),
            "onelink": self.onelink,
            "unicom": UnicomLike(of["unicom"], key),
            "group": self.group,
        }
        self.asked = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def tell_usage(self, told: ToldCards) -> None:
        """From now on the carriers answer for the use of the cards told of."""
        for name, carrier in CARRIERS.items():
            figure = partial(_carriers_figure, told)
            cards = partial(told.of, carrier)
            self.dialects[name].usage = UsageBook(figure, cards, begins=lambda: told.first_day, calls_per_second=25)

    def fault_for(self, path: str) -> Fault | None:
        """The fault that this answer suffers, if any; it is used up by one."""
        with self._lock:
            self.asked += 1
            for fault in self.faults:
                if fault.path in path and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None

    def spoil(self, fault: Fault, path: str, answer: Answer) -> None:
        """Faults of content, done to ``answer`` in place."""
        if fault.kind == "token_expired":
            self.onelink.tokens.clear()
        elif answer.items is None:
            return
        elif fault.kind == "as_numbers":
            for item in answer.items:
                item.update({name: int(item[name]) for name in _NUMBERS if str(item.get(name, "")).isdecimal()})
        elif fault.kind == "half_page":
            del answer.items[len(answer.items) // 2 :]
        elif fault.kind == "same_page":
            first = self._first_pages.setdefault(path, list(answer.items))
            answer.items[:] = first
        elif fault.kind == "wrong_card" and answer.items:
            answer.items[0]["iccid"] = "89860499990000000001"


def _carriers_figure(told: ToldCards, iccid: str, day: date) -> int | None:
    return told.figures(iccid, day)[0]


class _Handler(BaseHTTPRequestHandler):
    server: DemoCarriers
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its name in the base class
        return

    def _body(self) -> dict[str, Any]:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            parsed = json.loads(raw) if raw else {}
        except ValueError:
            parsed = {}
        return parsed if isinstance(parsed, dict) else {}

    def do_GET(self) -> None:
        self._dispatch()

    def do_POST(self) -> None:
        self._dispatch()

    def do_DELETE(self) -> None:
        self._dispatch()

    def _dispatch(self) -> None:
        parts = urlsplit(self.path)
        path, body = unquote(parts.path), self._body()
        if path == "/health":
            self._send(200, {"status": "ready", "carriers": CARRIERS})
        elif path == "/faults":
            self._change_faults(body)
        else:
            _, _, rest = path.partition("/")
            name, _, rest = rest.partition("/")
            answer: Callable[[Asked], Answer] | None = None
            if name == "counts":
                name, _, rest = rest.partition("/")
                if name in CARRIERS:
                    answer = partial(self.server.counts.answer, CARRIERS[name])
            elif name in self.server.dialects:
                answer = self.server.dialects[name].answer
            if answer is None:
                self._send(404, {"error": "no such carrier"})
                return
            headers = {key.lower(): value for key, value in self.headers.items()}
            self._answer(answer, Asked(f"/{rest}", dict(parse_qsl(parts.query)), headers, body))

    def _change_faults(self, body: dict[str, Any]) -> None:
        if self.command == "DELETE":
            self.server.faults.clear()
        elif self.command == "POST":
            if body.get("kind") not in FAULTS:
                self._send(422, {"error": f"kind must be one of {', '.join(FAULTS)}"})
                return
            self.server.faults.append(Fault(**body))
        self._send(200, {"faults": [asdict(fault) for fault in self.server.faults]})

    def _answer(self, answering: Callable[[Asked], Answer], asked: Asked) -> None:
        fault = self.server.fault_for(asked.path)
        if fault and fault.kind == "http_500":
            self._send(500, {"error": "internal"})
            return
        if fault and fault.kind == "http_429":
            self._send(429, {"error": "too many requests"}, fault)
            return
        if fault and fault.kind == "slow":
            time.sleep(fault.seconds)
        if fault and fault.kind == "token_expired":
            self.server.spoil(fault, asked.path, Answer(200, {}))
        answer = answering(asked)
        if fault:
            self.server.spoil(fault, asked.path, answer)
        self._send(answer.status, answer.content, fault, answer.raw)

    def _send(self, status: int, content: dict[str, Any], fault: Fault | None = None, raw: bytes | None = None) -> None:
        body = json.dumps(content, ensure_ascii=False).encode() if raw is None else raw
        if fault and fault.kind == "truncated":
            body = body[: len(body) // 2]
        if fault and fault.kind == "not_json":
            body = b"<html><body>502 Bad Gateway</body></html>"
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if fault and fault.kind == "http_429":
                self.send_header("Retry-After", f"{fault.seconds:.0f}")
            self.end_headers()
            if fault and fault.kind == "cut":
                body = body[: len(body) // 2]
                self.close_connection = True
            for piece in self._pieces(body, fault):
                self.wfile.write(piece)
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    @staticmethod
    def _pieces(body: bytes, fault: Fault | None) -> Iterator[bytes]:
        if not fault or fault.kind != "drip":
            yield body
            return
        for place in range(len(body)):
            yield body[place : place + 1]
            time.sleep(fault.seconds)


@contextmanager
def serving(batches: list[Batch], key: str, port: int = 0, field: Path | None = None) -> Iterator[DemoCarriers]:
    """A server in a thread of this process, for tests; port 0: a free one."""
    server = DemoCarriers(port, key, batches, field)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.carriers", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--cards", type=int, default=0, help="size of a further, large delivery of China Telecom")
    parser.add_argument("--field", type=Path, help="the demo's cards by unit, for what the carriers count")
    parser.add_argument("--usage", type=Path, help="file that names the cards that use traffic")
    options = parser.parse_args()
    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        parser.error(f"set {KEY_VARIABLE}, the key that the carriers accept")
    today = business_date(datetime.now(BUSINESS_ZONE))
    server = DemoCarriers(options.port, key, demo_batches(today, options.cards), options.field)
    if options.usage:
        server.tell_usage(ToldCards(options.usage))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"demo carriers on http://{HOST}:{server.port}: {', '.join(f'/{name}' for name in CARRIERS)}", flush=True)
    try:
        server.serve_forever(0.2)
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


if __name__ == "__main__":
    main()
