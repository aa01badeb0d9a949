"""Cards for the stories: numbers nobody else has, and the short way through REST to cards in stock."""

import csv
import itertools
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kernel.model.iccid import luhn_digit

if TYPE_CHECKING:
    import httpx

CARRIER, CARRIER_NAME = "china_mobile", "中国移动"
SPEC, SPEC_NAME = "plug_in", "插拔卡"
_run = int(time.time()) % 10**7
_serials = itertools.count(1)


def month() -> str:
    return datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m")


def fresh_iccids(count: int) -> list[str]:
    """``count`` valid ICCIDs of China Mobile in one gapless range, new in every run."""
    first = next(_serials) * 1000
    bodies = [f"898607{_run:07d}{(first + number) % 10**6:06d}" for number in range(count)]
    return [body + luhn_digit(body) for body in bodies]


def write_csv(path: Path, iccids: list[str]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ICCID", "IMSI", "手机号"])
        writer.writerows([iccid, "", ""] for iccid in iccids)
    return path


def wait_for_job(client: "httpx.Client", job_id: str) -> dict:
    """The job when it has ended."""
    for _ in range(240):
        answer = client.get(f"jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        job = answer.json()
        if job["state"] in {"done", "failed", "cancelled"}:
            return job
        time.sleep(0.25)
    raise AssertionError(f"job {job_id} does not end")


def delivered(client: "httpx.Client", folder: Path, count: int, *, stock_in: bool = True) -> tuple[str, list[str]]:
    """Batch number and ICCIDs of cards that the province has received and, unless told otherwise, stocked in."""
    iccids = fresh_iccids(count)
    batch_no = f"T-{iccids[0][6:]}"
    note = {"carrier": CARRIER, "batch_no": batch_no, "application_month": month(), "card_spec": SPEC}
    with write_csv(folder / f"{batch_no}.csv", iccids).open("rb") as file:
        answer = client.post("deliveries", data=note, files={"file": (f"{batch_no}.csv", file, "text/csv")})
    job = wait_for_job(client, answer.raise_for_status().json()["job_id"])
    assert job["state"] == "done", job
    if stock_in:
        batch = client.get("deliveries", params={"batch_no": batch_no}).raise_for_status().json()["items"][0]
        client.post(f"deliveries/{batch['id']}/stock-in").raise_for_status()
    return batch_no, iccids
