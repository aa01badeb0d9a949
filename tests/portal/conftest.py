"""The gateway's application without broker or database: enough to ask it what it promises."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI


@pytest.fixture(scope="module")
def gateway_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """``gateway.app.create_app()``; it would connect at start-up, and nothing here starts it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMKEEP_DATABASE_URL", "postgresql://nobody:none@127.0.0.1:1/none")
        patch.setenv("SIMKEEP_AMQP_URL", "amqp://nobody:none@127.0.0.1:1/")
        patch.setenv("SIMKEEP_BLOB_URL", tmp_path_factory.mktemp("blobs").as_uri())
        patch.setenv("SIMKEEP_TOKEN_SECRET", "0" * 40)
        patch.setenv("SIMKEEP_CALL_SECRET", "c" * 48)
        from gateway.app import create_app  # noqa: PLC0415 - reads the environment

        yield create_app()
