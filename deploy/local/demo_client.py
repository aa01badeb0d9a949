"""The demo's view of the REST interface: logins, idempotent writes, jobs followed to their end."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import httpx

JOB_SECONDS = 3600.0
_PAGE = 1000
_TRIES = 6


class DemoError(Exception):
    """A step failed; the text says which and what the system answered."""


class Someone:
    """A person or a key at work. ``unit``: his own."""

    def __init__(self, client: httpx.Client, name: str, unit: str) -> None:
        self._client = client
        self.name = name
        self.unit = unit
        self.writes = 0

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Sends, waiting out a system that is just starting (503, 504) with the same Idempotency-Key."""
        for attempt in range(_TRIES):
            try:
                answer = self._client.request(method, path, **arguments)
            except httpx.TransportError as error:
                if attempt == _TRIES - 1:
                    raise DemoError(f"{method} {path}: {error}") from error
            else:
                if answer.status_code not in (503, 504) or attempt == _TRIES - 1:
                    return answer
            time.sleep(2**attempt / 2)
        raise AssertionError("unreachable")

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        return self._content(self._send("GET", path, params=params), f"GET {path}")

    def every(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page by page."""
        cursor = None
        while True:
            page = self.get(path, size=_PAGE, **params, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A write; what it does is done once however often it is sent."""
        self.writes += 1
        key = hashlib.sha256(f"{self.name} {path} {json.dumps(body, sort_keys=True)}".encode()).hexdigest()
        answer = self._send("POST", path, json=body, headers={"Idempotency-Key": f"demo-{key[:40]}"})
        return self._content(answer, f"POST {path}")

    def act(self, path: str, number: str, body: dict[str, Any] | None = None, method: str = "POST") -> dict[str, Any]:
        """An act on a form as it stands now. ``path``: with the number in the place of ``{}``."""
        self.writes += 1
        tag = {"If-Match": f'"{self.get(f"forms/{number}")["version"]}"'}
        return self._content(self._send(method, path.format(number), json=body or {}, headers=tag), f"{method} {path}")

    def change(self, path: str, **values: Any) -> dict[str, Any]:
        """Replaces the values of a thing that has a version."""
        now = self.get(path)
        tag = {"If-Match": f'"{now["version"]}"'}
        return self._content(self._send("PUT", path, json=values, headers=tag), f"PUT {path}")

    def file(self, path: str) -> bytes:
        """What the address serves, as it is."""
        answer = self._send("GET", path)
        if answer.is_error:
            raise DemoError(f"GET {path}: {answer.status_code} {answer.text[:800]}")
        return answer.content

    def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A write that is meant anew each time it is sent."""
        return self._content(self._send("POST", path, json=body), f"POST {path}")

    def upload(self, path: str, fields: dict[str, str], file: tuple[str, Any]) -> dict[str, Any]:
        """Sends a file as a form. ``file``: name and an open file or bytes."""
        answer = self._send("POST", path, data=fields, files={"file": file}, timeout=600)
        return self._content(answer, f"POST {path}")

    def follow(self, accepted: dict[str, Any], reader: Someone | None = None) -> dict[str, Any]:
        """Waits for a job's end, showing its progress; the job. Raises DemoError when it failed."""
        until = time.monotonic() + JOB_SECONDS
        shown = ""
        while time.monotonic() < until:
            job = (reader or self).get(f"jobs/{accepted['job_id']}")
            if job["state"] not in ("queued", "running"):
                break
            if sys.stdout.isatty() and (text := f"\r    {job['state']} {job['done']:,}") != shown:
                print(text, end="", flush=True)
                shown = text
            time.sleep(0.3)
        if shown:
            print("\r", end="")
        if job["state"] != "done":
            raise DemoError(
                f"job {accepted['job_id']} ended {job['state']}: {json.dumps(job, ensure_ascii=False)[:800]}"
            )
        return job

    @staticmethod
    def _content(answer: httpx.Response, what: str) -> dict[str, Any]:
        if answer.is_error:
            raise DemoError(f"{what}: {answer.status_code} {answer.text[:800]}")
        content = answer.json()
        if not isinstance(content, dict):
            raise DemoError(f"{what}: no JSON object")
        return content


class Demo:
    """Logins of the demo, each used once."""

    def __init__(self, base_url: str, password: str) -> None:
        self._base_url = f"{base_url.rstrip('/')}/api/v1/"
        self._password = password
        self._clients: list[httpx.Client] = []
        self._known: dict[str, Someone] = {}

    def __enter__(self) -> Demo:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients:
            client.close()

    @property
    def writes(self) -> int:
        """Writes that everybody has sent so far."""
        return sum(someone.writes for someone in self._known.values())

    def _client(self, headers: dict[str, str]) -> httpx.Client:
        client = httpx.Client(base_url=self._base_url, timeout=120, headers=headers)
        self._clients.append(client)
        return client

    def login(self, name: str) -> Someone:
        """The person with this login."""
        if name not in self._known:
            anyone = Someone(self._client({}), name, "")
            answer = anyone._send("POST", "auth/login", json={"login": name, "password": self._password})
            content = Someone._content(answer, f"login {name}")
            client = self._client({"Authorization": f"Bearer {content['access_token']}"})
            self._known[name] = Someone(client, name, content["user"]["unit"])
        return self._known[name]

    def with_key(self, key: str) -> Someone:
        """A system with an API key."""
        return Someone(self._client({"X-API-Key": key}), f"key {key[:11]}", "")
