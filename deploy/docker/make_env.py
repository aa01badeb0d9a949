"""What the Compose file needs beside itself: `python -m deploy.docker.make_env`. Mode 0600, not in git.

`secrets/whole.env` holds the random secrets, made once; from it follow, anew each time, an environment file for each
process with what `deploy.accounts` lets it know, and the accounts that RabbitMQ starts with.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from deploy import accounts
from deploy.local.credentials import SYSTEM, complete, password
from deploy.processes import RUNNING, STEPS, secret_variables

SECRETS = Path(__file__).parent / "secrets"
VIRTUAL_HOST = DATABASE = "simkeep"
_PASSWORDS = ("POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "AWS_SECRET_ACCESS_KEY")


def whole_environment(values: Mapping[str, str]) -> dict[str, str]:
    """Every variable of the Compose system, from its secrets."""
    administrator = accounts.ADMINISTRATOR
    return dict(values) | {
        "SIMKEEP_AMQP_URL": f"amqp://{administrator}:{values['RABBITMQ_PASSWORD']}@rabbitmq:5672/{VIRTUAL_HOST}",
        "SIMKEEP_DATABASE_URL": f"postgresql://{administrator}:{values['POSTGRES_PASSWORD']}@postgres:5432/{DATABASE}",
        "AWS_ACCESS_KEY_ID": "simkeep",
    }


def write(folder: Path) -> list[Path]:
    """All files; what stood in `whole.env` stays."""
    values = complete(folder / "whole.env", SYSTEM | dict.fromkeys(_PASSWORDS, password))
    whole = whole_environment(values)
    files = {}
    for process in (*RUNNING, *STEPS):
        known = whole | (accounts.environment(process.name, whole) if process.name in accounts.PROCESSES else {})
        names = (name for name in secret_variables(process) if name in known)
        files[f"{process.name}.env"] = "".join(f"{name}={known[name]}\n" for name in names)
    files["postgres.env"] = f"POSTGRES_PASSWORD={whole['POSTGRES_PASSWORD']}\n"
    store = (whole["AWS_ACCESS_KEY_ID"], whole["AWS_SECRET_ACCESS_KEY"])
    files["store.env"] = "MINIO_ROOT_USER={}\nMINIO_ROOT_PASSWORD={}\n".format(*store)
    files["rabbitmq-definitions.json"] = json.dumps(accounts.definitions(whole["SIMKEEP_AMQP_URL"]), indent=1)
    return [_write(folder / name, text) for name, text in files.items()]


def _write(path: Path, text: str) -> Path:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    if path.name == "rabbitmq-definitions.json":
        path.chmod(0o644)  # read by another account in its container; the folder keeps others out
    return path


def main() -> None:
    SECRETS.mkdir(mode=0o700, exist_ok=True)
    files = write(SECRETS)
    print(f"{SECRETS} holds the secrets in {len(files) + 1} files.")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
