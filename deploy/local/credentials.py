"""Passwords and keys of a local stack: made once, at random, kept in `secrets.env` with mode 0600."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


def password() -> str:
    """24 random bytes, safe in a URL."""
    return secrets.token_urlsafe(24)


SYSTEM: dict[str, Callable[[], str]] = {
    "SIMKEEP_TOKEN_SECRET": lambda: secrets.token_urlsafe(48),
    "SIMKEEP_CALL_SECRET": lambda: secrets.token_urlsafe(48),  # the keys of the gateway's calls follow from it
    "SIMKEEP_FORM_PRIVATE_KEY": lambda: key_pair()[0],  # signs the page codes of issued forms
}
DEMO: dict[str, Callable[[], str]] = {
    "SIMKEEP_DEMO_CARRIER_KEY": password,
    "SIMKEEP_DEMO_PUSH_KEY": lambda: f"sk_{secrets.token_hex(4)}_{password()}",
    "SIMKEEP_DEMO_PASSWORD": lambda: f"demo-{secrets.token_hex(4)}",
}


def load_or_make(path: Path) -> dict[str, str]:
    """The local stack's secrets: those kept in `path`, and new ones for what was not there yet."""
    return complete(path, SYSTEM | DEMO)


def complete(path: Path, makers: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    """The variables kept in `path`, completed by `makers`. Never changes one that was there."""
    values = read(path)
    missing = {name: make() for name, make in makers.items() if name not in values}
    if missing:
        values |= missing
        write(path, values)
    return values


def key_pair() -> tuple[str, str]:
    """A new Ed25519 pair (private, public), each as PEM in one line of base64."""
    private = Ed25519PrivateKey.generate()
    pems = (
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )
    return base64.b64encode(pems[0]).decode(), base64.b64encode(pems[1]).decode()


def read(path: Path) -> dict[str, str]:
    """The variables kept in `path`; none when there is no such file."""
    if not path.exists():
        return {}
    lines = (line.partition("=") for line in path.read_text().splitlines() if "=" in line and line[0] != "#")
    return {name: value for name, _, value in lines}


def write(path: Path, values: dict[str, str]) -> None:
    """Replaces `path`; never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("# Secrets. Delete this file only together with the data that they belong to (./simkeep clean).\n")
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    fresh.replace(path)
