"""Asking a carrier over HTTP: bounded in time, size and tries, and clear about what went wrong.

Tried again, with doubling waits that differ by chance, or after the time that the carrier asks for (Retry-After): no
connection, no whole answer in time, HTTP 429 and 5xx, an answer that is no JSON object, an answer that the dialect
calls incomplete. Not tried again: what would be refused again, and a carrier that wants more time than
``longest_wait_seconds``.
"""

import hashlib
import json
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, Any, TypeVar

import httpx

from kernel.carriers.settings import Endpoint
from kernel.chassis.process.certificates import trusted
from kernel.model.errors import DomainError

MAX_ANSWER_BYTES = 16 << 20
T = TypeVar("T")
Check = Callable[[dict[str, Any]], object]


class Again(Exception):  # noqa: N818, it is a request, not an error
    """This answer is no good, another try may be better. Its text is the reason, should that not help.

    ``wait_seconds``: the carrier wants none before.
    """

    def __init__(self, reason: str, wait_seconds: float = 0) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


class CarrierClient:
    """A client of one endpoint. ``ask`` answers a JSON object or raises DomainError carrier_failed."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._http = httpx.Client(
            timeout=httpx.Timeout(endpoint.timeout_seconds, connect=min(5, endpoint.timeout_seconds)),
            headers={"User-Agent": "SimKeep", "Accept": "application/json"},
            follow_redirects=False,
            verify=trusted(),
        )

    def failed(self, reason: str) -> DomainError:
        return DomainError("carrier_failed", carrier=self._endpoint.carrier, reason=reason)

    def _pause(self, attempt: int) -> float:
        """By chance up to a quarter more or less: those who failed together shall not come back together."""
        return self._endpoint.backoff_seconds * 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311  no secret

    def ask(
        self,
        method: str,
        path: str,
        *,
        make: Callable[[], dict[str, Any]] = dict,
        check: Check | None = None,
    ) -> dict[str, Any]:
        """``make`` gives httpx's arguments anew for every try: signatures and transaction ids must not repeat.

        ``check`` raises Again for an answer that is incomplete, DomainError for one that is final.
        """

        def once() -> dict[str, Any]:
            answer = self._once(method, path, make())
            if check:
                check(answer)
            return answer

        return self._persist(path, once)

    def download(self, path: str, *, make: Callable[[], dict[str, Any]], size: int, sha256: str) -> IO[bytes]:
        """A file of the carrier, whole: at its beginning, as long and with the digest that the carrier told before."""

        def once() -> IO[bytes]:
            file = tempfile.TemporaryFile()  # noqa: SIM115  the caller's
            digest = hashlib.sha256()
            with self._http.stream("GET", self._url(path), **make()) as response:
                self._refuse_to_wait(response)
                if response.status_code != 200:
                    raise self.failed(f"HTTP {response.status_code}")
                for chunk in response.iter_bytes():
                    file.write(chunk)
                    digest.update(chunk)
                    if file.tell() > size:
                        break
            if file.tell() != size or digest.hexdigest() != sha256:
                raise Again(f"the file has {file.tell()} of {size} bytes, or others, 文件不完整")
            file.seek(0)
            return file

        return self._persist(path, once)

    def _persist(self, path: str, once: Callable[[], T]) -> T:
        reason, asked = "", 0.0
        for attempt in range(self._endpoint.attempts):
            if attempt:
                time.sleep(max(asked, self._pause(attempt)))
                asked = 0.0
            try:
                return once()
            except Again as again:
                reason, asked = str(again), again.wait_seconds
                if asked > self._endpoint.longest_wait_seconds:
                    raise self.failed(f"{reason}, asks for a wait of {asked:.0f} s, 要求等待 {asked:.0f} 秒") from again
            except httpx.TimeoutException:
                reason = f"no answer within {self._endpoint.timeout_seconds:g} s, 超时"
            except httpx.HTTPError as error:
                reason = f"no connection ({type(error).__name__}), 无法连接"
        raise self.failed(f"{reason}; {self._endpoint.attempts} tries, {path}")

    def _url(self, path: str) -> str:
        return self._endpoint.base_url.rstrip("/") + path

    @staticmethod
    def _refuse_to_wait(response: httpx.Response) -> None:
        if response.status_code == 429 or response.status_code >= 500:
            raise Again(f"HTTP {response.status_code}", retry_after(response.headers.get("Retry-After", "")))

    def _once(self, method: str, path: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """One try. httpx limits the time between bytes, this the whole answer: a carrier may drip for ever."""
        until = time.monotonic() + self._endpoint.timeout_seconds
        body = bytearray()
        with self._http.stream(method, self._url(path), **arguments) as response:
            self._refuse_to_wait(response)
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise self.failed(f"the answer is larger than {MAX_ANSWER_BYTES >> 20} MiB, 应答过大")
                if time.monotonic() > until:
                    raise Again(f"no whole answer within {self._endpoint.timeout_seconds:g} s, 应答过慢")
        if response.status_code != 200:
            raise self.failed(f"HTTP {response.status_code}: {bytes(body[:200]).decode(errors='replace')}")
        try:
            # Not orjson: it rounds numbers past 64 bits, and an ICCID that comes as a number has 20 digits.
            answer = json.loads(bytes(body))
        except (ValueError, RecursionError) as error:
            raise Again("the answer is no JSON, 应答不完整") from error
        if not isinstance(answer, dict):
            raise Again("the answer is no JSON object, 应答格式错误")
        return answer

    def close(self) -> None:
        self._http.close()


def retry_after(said: str) -> float:
    """Seconds from now; the header holds seconds or a date (RFC 9110). 0 when it says nothing that can be read."""
    if said.strip().isdecimal():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) if until.tzinfo else 0.0
