"""The gateway's application without broker or database: enough to ask it what it promises."""

import base64
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI


def _private_key() -> str:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return base64.b64encode(pem).decode()


@pytest.fixture(scope="module")
def gateway_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """``gateway.app.create_app()``; it would connect at start-up, and nothing here starts it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMKEEP_DATABASE_URL", "postgresql://nobody:none@127.0.0.1:1/none")
        patch.setenv("SIMKEEP_AMQP_URL", "amqp://nobody:none@127.0.0.1:1/")
        patch.setenv("SIMKEEP_BLOB_URL", tmp_path_factory.mktemp("blobs").as_uri())
        patch.setenv("SIMKEEP_TOKEN_SECRET", "0" * 40)
        patch.setenv("SIMKEEP_ACTOR_PRIVATE_KEY", _private_key())
        from gateway.app import create_app  # noqa: PLC0415 - reads the environment

        yield create_app()
