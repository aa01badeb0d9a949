"""Writes deploy/docker/.env with random secrets, once: `python -m deploy.docker.make_env`. Mode 0600, not in git."""

from pathlib import Path

from deploy.local.credentials import SYSTEM, complete, password


def main() -> None:
    path = Path(__file__).parent / ".env"
    values = complete(path, SYSTEM | {"POSTGRES_PASSWORD": password, "RABBITMQ_DEFAULT_PASS": password})
    print(f"{path} holds {len(values)} secrets.")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
