"""What `python -m deploy.kubernetes.secrets` prints, as the pages about Kubernetes use it."""

import base64
import hashlib
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from deploy import accounts, issuers

ROOT = Path(__file__).resolve().parents[3]


def printed(file: Path, *more: str) -> str:
    command = [sys.executable, "-m", "deploy.kubernetes.secrets", str(file), *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def broker_passwords(file: Path) -> dict[str, str]:
    """Account > its password, from the Secrets that the operator makes users from."""
    found = [it["stringData"] for it in yaml.safe_load_all(printed(file)) if "username" in it["stringData"]]
    return {it["username"]: it["password"] for it in found if it["username"] != accounts.ADMINISTRATOR}


def takes(user: dict[str, str], password: str) -> bool:
    """Whether RabbitMQ would let an imported user in with it."""
    salted = base64.b64decode(user["password_hash"])
    return hashlib.sha256(salted[:4] + password.encode()).digest() == salted[4:]


@pytest.mark.req("OPS-06", "GTW-07")
def test_after_a_rotation_the_secrets_and_the_brokers_definitions_say_the_same_and_nothing_of_before(tmp_path):
    file = tmp_path / "whole.env"
    old = broker_passwords(file)
    text = file.read_text()
    password = next(line for line in text.splitlines() if line.startswith("RABBITMQ_PASSWORD="))
    file.write_text(text.replace(password, "RABBITMQ_PASSWORD=a-new-one"))

    new = broker_passwords(file)
    users = {user["name"]: user for user in json.loads(printed(file, "definitions"))["users"]}

    assert set(old) == set(new) == set(users) - {accounts.ADMINISTRATOR}
    assert takes(users[accounts.ADMINISTRATOR], "a-new-one")
    for name in old:
        assert takes(users[name], new[name])
        assert not takes(users[name], old[name])
        assert new[name] != old[name]


@pytest.mark.req("GTW-06", "OPS-06")
def test_what_is_printed_for_issuers_is_all_that_their_command_asks_for(tmp_path, monkeypatch):
    exported = [shlex.split(line) for line in printed(tmp_path / "whole.env", "administrator").splitlines()]
    for name in [name for name in os.environ if name.startswith("SIMKEEP_")]:
        monkeypatch.delenv(name)
    for word, setting in exported:
        assert word == "export"
        monkeypatch.setenv(*setting.split("=", 1))

    found = issuers.from_environment()

    ports = [urlsplit(setting.split("=", 1)[1]).port for _, setting in exported]
    assert ports == [5672, 15672, 5432]
    assert isinstance(found, issuers.Issuers)
