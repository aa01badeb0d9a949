"""What may come in at all: heads, bodies and their time are bounded before anything is read (GTW-03)."""

import json
import socket
import time
from typing import Any

import pytest

from tests.integration.gateway.conftest import LiveGateway

pytestmark = pytest.mark.req("GTW-03")

HEAD = 16_000
STRANGERS = 5_000
MULTIPART = "multipart/form-data; boundary=b"
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'


@pytest.fixture(scope="module")
def settings_of_module() -> dict[str, Any]:
    return {
        "head_limit_bytes": HEAD, "head_seconds": 3, "body_seconds": 3, "upload_idle_seconds": 3,
        "stranger_limit_bytes": STRANGERS, "json_limit_bytes": 50_000,
    }  # fmt: skip


class Raw:
    """A connection on which the test says every byte."""

    def __init__(self, gateway: LiveGateway) -> None:
        self._socket = socket.create_connection(("127.0.0.1", gateway.port), timeout=20)

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def head(self, method: str, path: str, **headers: Any) -> None:
        lines = [f"{method} /api/v1{path} HTTP/1.1", "Host: x"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def closed_while_sending(self, piece: bytes, pause: float, within: float) -> bool:
        """Sends ``piece`` again and again; whether the other side has closed before ``within`` seconds."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            try:
                self.send(piece)
            except OSError:
                return True
            time.sleep(pause)
        return False

    def answer(self) -> tuple[int, str]:
        """(status, code) of the answer; (0, "") when the connection was closed without one."""
        received = b""
        while b"\r\n\r\n" not in received or not received.endswith(b"}"):
            piece = self._socket.recv(65536)
            if not piece:
                break
            received += piece
        if not received:
            return 0, ""
        head, _, body = received.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)["code"]


@pytest.fixture
def raw(gateway: LiveGateway) -> Any:
    with Raw(gateway) as connection:
        yield connection


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        (MULTIPART, (415, "media_type_unsupported")),
        ("application/json", (413, "body_too_large")),
        ("text/plain", (415, "media_type_unsupported")),
        ("application/octet-stream", (415, "media_type_unsupported")),
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_huge_body_on_the_login_is_refused_before_any_of_it_is_sent(
    raw: Raw, method: str, media_type: str, expected: tuple[int, str]
) -> None:
    raw.head(method, "/auth/login", Content_Type=media_type, Content_Length=200_000_000)

    status, code = raw.answer()

    assert (status, code) == (expected if method == "POST" or status == 415 else (405, "method_not_allowed"))


@pytest.mark.parametrize("media_type", ["application/json", MULTIPART])
def test_a_body_without_a_length_is_counted(raw: Raw, media_type: str) -> None:
    raw.head("POST", "/auth/login", Content_Type=media_type, Transfer_Encoding="chunked")
    piece = b'{"login":"' + b"a" * 4000
    raw.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" + f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    assert raw.answer()[0] == (413 if media_type == "application/json" else 415)


def test_who_is_signed_in_may_send_more_than_a_stranger(gateway: LiveGateway) -> None:
    body = {"login": "county1", "password": "x" * 2 * STRANGERS}

    as_stranger = gateway.client().post("/auth/login", json=body)
    signed_in = gateway.login("county1").post("/auth/login", json=body)

    assert as_stranger.status_code == 413
    assert signed_in.status_code == 422  # read, and found too long for a password


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "sk_deadbeef_nothing"])
@pytest.mark.parametrize("name", ["Authorization", "X_API_Key"])
def test_a_made_up_token_opens_no_larger_body(raw: Raw, name: str, token: str) -> None:
    said = f"Bearer {token}" if name == "Authorization" else token
    raw.head("POST", "/exports", Content_Type="application/json", Content_Length=2 * STRANGERS, **{name: said})

    assert raw.answer() == (401, "session_ended")


def test_a_made_up_token_opens_no_larger_body_of_unknown_length(raw: Raw) -> None:
    raw.head(
        "POST", "/exports", Content_Type="application/json", Transfer_Encoding="chunked", Authorization="Bearer a.b.c"
    )
    piece = b'{"list":"' + b"a" * (STRANGERS + 1)
    raw.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    assert raw.answer() == (401, "session_ended")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * HEAD + b"\r\n\r\n",
        b"GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\nX-Endless: " + b"a" * 2 * HEAD,
        b"GET /api/v1/auth/me?x=" + b"a" * HEAD + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    ],
    ids=["a long header", "a header without end", "a long address", "many headers"],
)
def test_a_head_that_is_too_large_is_431(raw: Raw, head: bytes) -> None:
    raw.send(head)

    assert raw.answer() == (431, "head_too_large")


def test_what_is_no_http_is_refused_as_a_problem(raw: Raw) -> None:
    raw.send(b"this is no http\r\n\r\n")

    assert raw.answer() == (400, "request_malformed")


def test_a_head_that_does_not_end_is_told_and_closed(raw: Raw) -> None:
    raw.send(b"GET /api/v1/auth/me HTTP/1.1\r\nHost:")

    assert raw.answer() == (408, "head_too_slow")


def test_a_head_that_drips_is_told_and_closed(raw: Raw) -> None:
    raw.send(b"GET /api/v1/auth/me HTTP/1.1\r\nX-Slow: ")

    assert raw.closed_while_sending(b"x", 0.2, within=20)


def test_a_connection_that_says_nothing_is_closed(raw: Raw) -> None:
    assert raw.answer() == (0, "")


def test_blank_lines_between_requests_keep_no_connection_open(raw: Raw) -> None:
    raw.head("GET", "/auth/me")
    assert raw.answer() == (401, "not_signed_in")

    assert raw.closed_while_sending(b"\r\n", 0.2, within=20)


def test_a_second_request_on_a_connection_has_its_own_time(raw: Raw) -> None:
    raw.head("GET", "/auth/me")
    assert raw.answer() == (401, "not_signed_in")
    time.sleep(3.5)

    raw.head("GET", "/auth/me")

    assert raw.answer() == (401, "not_signed_in")


def test_a_body_that_does_not_come_is_408(raw: Raw) -> None:
    raw.head("POST", "/auth/login", Content_Type="application/json", Content_Length=100)
    raw.send(b'{"login":')

    assert raw.answer() == (408, "body_too_slow")


def test_an_upload_that_falls_silent_is_given_up_and_leaves_nothing(gateway: LiveGateway) -> None:
    token = gateway.login("province").headers["Authorization"]
    raw = Raw(gateway)
    raw.head("POST", "/deliveries", Content_Type=MULTIPART, Content_Length=5_000_000, Authorization=token)
    raw.send(FILE + b"x" * 2_000_000)

    assert raw.answer() == (408, "body_too_slow")
    assert [it for it in gateway.blob_folder.rglob("*") if it.is_file()] == []


def test_a_person_has_few_uploads_at_a_time(gateway: LiveGateway) -> None:
    token = gateway.login("province").headers["Authorization"]
    uploads = [Raw(gateway) for _ in range(gateway.settings.uploads_per_person + 1)]

    for upload in uploads:
        upload.head("POST", "/deliveries", Content_Type=MULTIPART, Content_Length=5_000_000, Authorization=token)
        upload.send(FILE)
    answers = [upload.answer() for upload in uploads]

    assert sorted(answers) == [(408, "body_too_slow")] * 3 + [(429, "uploads_too_many")]


def test_the_rest_of_a_refused_body_is_taken_for_a_moment_only(gateway: LiveGateway, raw: Raw) -> None:
    raw.head("POST", "/auth/login", Content_Type="application/json", Content_Length=200_000_000)
    assert raw.answer()[0] == 413

    assert raw.closed_while_sending(b"x" * 1000, 0.1, within=20)
