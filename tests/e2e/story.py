"""Words for end-to-end stories over REST."""

import time
import uuid
from typing import Any

import httpx

from kernel.model.iccid import luhn_digit
from tests.running_stack import explain

MONTH = "2026-11"


def numbers(count: int, prefix: str = "898602") -> list[str]:
    """``count`` consecutive ICCIDs that no other test has."""
    start = uuid.uuid4().int % 10**9 * 1000
    bodies = [f"{prefix}{start + n:013d}" for n in range(count)]
    return [body + luhn_digit(body) for body in bodies]


def key() -> dict[str, str]:
    """A fresh Idempotency-Key."""
    return {"Idempotency-Key": uuid.uuid4().hex}


def post(client: httpx.Client, path: str, body: dict[str, Any], status: int | None = None) -> Any:
    """The answer's JSON; fails with the problem in words unless the status is ``status`` (default: any 2xx)."""
    answer = client.post(path, json=body, headers=key())
    assert answer.is_success if status is None else answer.status_code == status, explain(answer)
    return answer.json()


def get(client: httpx.Client, path: str, **params: Any) -> Any:
    answer = client.get(path, params=params)
    assert answer.is_success, explain(answer)
    return answer.json()


def finished(client: httpx.Client, job_id: str, seconds: float = 60) -> dict[str, Any]:
    """The job once it has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job = get(client, f"jobs/{job_id}")
        if job["state"] in {"done", "failed", "cancelled"}:
            return job
        time.sleep(0.1)
    raise AssertionError(f"job {job_id} is still {job['state']} ({job['done']}/{job['total']})")


def upload(client: httpx.Client, name: str, content: bytes, batch_no: str, **note: str) -> dict[str, Any]:
    """Uploads a delivery and waits for its job."""
    answer = client.post(
        "deliveries",
        files={"file": (name, content)},
        data={
            "carrier": "china_mobile",
            "batch_no": batch_no,
            "application_month": MONTH,
            "card_spec": "plug_in",
            **note,
        },
        headers=key(),
    )
    assert answer.status_code == 202, explain(answer)
    job = finished(client, answer.json()["job_id"])
    assert job["state"] == "done", job
    return job


def delivery_of(client: httpx.Client, batch_no: str) -> dict[str, Any]:
    """The one delivery with this batch number."""
    (found,) = get(client, "deliveries", batch_no=batch_no)["items"]
    return found


def as_csv(iccids: list[str], encoding: str = "utf-8") -> bytes:
    """A delivery file with ICCID, IMSI and phone number per card."""
    lines = ["ICCID,IMSI,手机号", *(f"{iccid},,1440000{place:06d}" for place, iccid in enumerate(iccids))]
    return "\n".join(lines).encode(encoding)
