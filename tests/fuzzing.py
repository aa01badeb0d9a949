"""``python -m tests.fuzzing --seconds 900``: every route of a running system, asked what nobody would ask (GTW-01).

Schemathesis makes requests from the OpenAPI document, right and wrong ones, and follows what answers name; it does so
as a county's clerk. No answer may be a 5xx, nor have a status that the document does not know. `./simkeep fuzz`
runs it on the system that `up` started; the suite runs it shortly (tests/e2e/test_fuzz.py).
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import schemathesis

CHECKS = "not_a_server_error,status_code_conformance"
WOULD_END_THE_LOGIN = ("/api/v1/auth/logout", "/api/v1/auth/password")
REQUEST_SECONDS = 60
TOKEN_SECONDS = 240
"""An access token lives ten minutes."""


def fuzz(base_url: str, login: str, password: str, seconds: int, *, report: Path | None = None) -> int:
    """0 when nothing was found; what was found stands on standard output, with commands that show it again."""
    # Schemathesis waits ten seconds for the document, which a busy machine may need longer to write; once it is written
    # it is there at once.
    httpx.get(f"{base_url}/openapi.json", timeout=REQUEST_SECONDS).raise_for_status()
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{base_url}/openapi.json",
        "--checks", CHECKS, "--phases", "coverage,fuzzing,stateful", "--max-time", str(seconds),
        "--request-timeout", str(REQUEST_SECONDS), "--suppress-health-check", "all", "--warnings", "off",
        "--continue-on-failure",
    ]  # fmt: skip
    for path in WOULD_END_THE_LOGIN:
        command += ["--exclude-path", path]
    if report is not None:
        command += ["--report", "ndjson", "--report-ndjson-path", str(report)]
    settings = {
        "SCHEMATHESIS_HOOKS": __name__ if __name__ != "__main__" else "tests.fuzzing",
        "SIMKEEP_FUZZ_URL": base_url, "SIMKEEP_FUZZ_LOGIN": login, "SIMKEEP_FUZZ_PASSWORD": password,
    }  # fmt: skip
    return subprocess.run(command, check=False, env={**os.environ, **settings}).returncode


@schemathesis.auth(refresh_interval=TOKEN_SECONDS)
class _Clerk:
    """How the child logs in; Schemathesis imports this module as its hooks."""

    def get(self, _case: "schemathesis.Case[Any]", _context: schemathesis.AuthContext) -> str:
        body = {"login": os.environ["SIMKEEP_FUZZ_LOGIN"], "password": os.environ["SIMKEEP_FUZZ_PASSWORD"]}
        answer = httpx.post(f"{os.environ['SIMKEEP_FUZZ_URL']}/api/v1/auth/login", json=body, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def set(self, case: "schemathesis.Case[Any]", data: str, _context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="./simkeep fuzz", description="Fuzzes every route of the running system.")
    parser.add_argument("--seconds", type=int, default=900)
    parser.add_argument("--login", default="county1")
    asked = parser.parse_args()
    raise SystemExit(
        fuzz(os.environ["SIMKEEP_GATEWAY_URL"], asked.login, os.environ["SIMKEEP_DEMO_PASSWORD"], asked.seconds)
    )


if __name__ == "__main__":
    main()
