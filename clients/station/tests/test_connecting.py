"""A broker that cannot be reached is waited for, as long as the caller said (BND-12)."""

import base64
import socket

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from simkeep_bus import BusClient, NotAnsweredError

PEM = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.req("BND-12")
def test_a_broker_that_accepts_and_says_nothing_is_tried_again_until_the_caller_gives_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"amqp://station:any@127.0.0.1:{silent.getsockname()[1]}/%2F?stack_timeout=0.2"
        client = BusClient(url, base64.b64encode(PEM).decode(), "99", person="夜班", timeout=1, give_up_after=0.5)

        with pytest.raises(NotAnsweredError, match="report was not answered"):
            client.call("report", {})
        silent.setblocking(False)
        assert [silent.accept()[1] is not None for _ in range(2)] == [True, True]
