"""审批单核验 over REST: forms, scans, decisions, pictures, the check without login (DOC-03, DOC-05, GTW-02)."""

import hashlib
import io
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.uploads import MAX_FIELD_BYTES, MAX_FIELDS
from kernel.chassis.data.blobs import FolderBlobStore
from kernel.contracts.documents.scans import MAX_UPLOAD_BYTES
from kernel.model.errors import DomainError
from tests.integration.gateway.conftest import LiveGateway
from tests.integration.gateway.peer import Peer, Received

JOB = "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11"
NUMBER = "KS-9901-202611-001"
CONTENT = {"kind": "city_opening", "number": NUMBER, "revision": 1}
FORM = {
    "number": NUMBER, "revision": 1, "kind": "city_opening", "unit": "9901", "state": "current", "pdf": None,
    "can": [],
}  # fmt: skip
SCAN = {"id": JOB, "number": NUMBER, "unit": "9901", "outcome": "unclear", "upload": None, "pages": [], "can": []}
DECISION = {"verdict": "passed", "remark": "核对无误"}


@pytest.fixture(scope="module")
def settings_of_module() -> dict[str, Any]:
    return {"public_check_limit": 5}


@pytest.fixture
def documents(gateway: LiveGateway) -> Iterator[Peer]:
    """Documents' end of the bus."""
    peer = Peer(gateway.amqp_url, service="documents")
    peer.start()
    yield peer
    peer.stop()


def stored(gateway: LiveGateway, content: bytes, media_type: str, name: str | None = None) -> dict[str, Any]:
    """A file in the gateway's blob store, as services name it."""
    store = FolderBlobStore(gateway.blob_folder)
    return store.put_stream(io.BytesIO(content), name=name, media_type=media_type).model_dump()


@dataclass(frozen=True)
class Case:
    """``unprivileged``: in the right unit without the role. ``outsider``: names a unit that is not his."""

    method: str
    path: str
    rpc: str
    reply: Any
    right: str
    unprivileged: str | None = None
    outsider: str | None = None
    body: dict[str, Any] | None = None
    params: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] | None = None
    status: int = 200


ACCEPTED = {"number": NUMBER, "revision": 1, "digest": "ab", "job_id": JOB, "scan_id": JOB}
CASES = [
    Case("GET", "/issued-forms", "list_forms", {"items": [dict(FORM)]}, "viewer1", None, "city2",
         params={"unit": "9901"}),
    Case("POST", "/issued-forms", "issue_form", ACCEPTED, "province", "city1", "admin2",
         {"unit": "9901", "content": CONTENT}, status=202),
    Case("GET", f"/issued-forms/{NUMBER}", "get_form", FORM, "viewer1"),
    Case("GET", "/scans", "list_scans", {"items": []}, "viewer1", None, "city2", params={"unit": "9901"}),
    Case("POST", "/scans", "submit_scan", ACCEPTED, "county1", "viewer1", None, {"number": NUMBER},
         files={"file": ("scan.pdf", b"%PDF-1.7", "application/pdf")}, status=202),
    Case("GET", f"/scans/{JOB}", "get_scan", SCAN, "viewer1"),
    Case("POST", f"/scans/{JOB}/decision", "decide_scan", SCAN, "province", "city1", None, DECISION),
]  # fmt: skip


def send(gateway: LiveGateway, case: Case, login: str | None) -> Any:
    client = gateway.login(login) if login else gateway.client()
    body = {"data": case.body, "files": case.files} if case.files else {"json": case.body}
    return client.request(case.method, case.path, params=case.params, **body)


@pytest.mark.req("GTW-02", "DOC-05")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.path}")
def test_four_actors(gateway: LiveGateway, documents: Peer, case: Case) -> None:
    documents.answers[case.rpc] = lambda _: dict(case.reply)

    anonymous = send(gateway, case, None)
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "not_signed_in")
    for login, code in ((case.outsider, "unit_out_of_scope"), (case.unprivileged, "permission_denied")):
        if login:
            refused = send(gateway, case, login)
            assert (refused.status_code, refused.json()["code"]) == (403, code)
    assert documents.count(case.rpc) == 0

    right = send(gateway, case, case.right)
    assert right.status_code == case.status, right.text
    assert documents.last(case.rpc).actor.id == case.right


@pytest.mark.req("DOC-04")
@pytest.mark.parametrize("path", ["/scans", f"/forms/{NUMBER}/signed-forms"])
def test_a_scan_that_the_verifier_would_not_take_is_refused_at_upload(gateway: LiveGateway, path: str) -> None:
    """By what its head announces: 1 MiB more than the limit and what a form's other fields may take."""
    client = gateway.login("county1")
    announced = MAX_UPLOAD_BYTES + MAX_FIELDS * MAX_FIELD_BYTES + 2**20
    head = (
        f"POST /api/v1{path} HTTP/1.1\r\nHost: x\r\nAuthorization: {client.headers['authorization']}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {announced}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", int(gateway.base_url.rpartition(":")[2]))) as connection:
        connection.settimeout(10)
        connection.sendall(head.encode())
        answer = ""
        while "errors" not in answer:  # the end of a refusal's body
            answer += connection.recv(65536).decode()

    assert answer.startswith("HTTP/1.1 413")
    assert "body_too_large" in answer
    assert "60 MB" in answer


@pytest.mark.req("DOC-03", "GTW-03")
def test_an_upload_becomes_a_job_with_the_scans_id(gateway: LiveGateway, documents: Peer) -> None:
    documents.answers["submit_scan"] = lambda _: {"scan_id": JOB, "job_id": JOB}
    content = b"%PDF-1.7\n" + bytes(range(256)) * 2000

    answer = gateway.login("city1").post(
        "/scans", data={"number": NUMBER, "revision": "2"}, files={"file": ("回传单.pdf", content, "application/pdf")}
    )

    assert answer.status_code == 202, answer.text
    assert (answer.json()["job_id"], answer.json()["scan_id"]) == (f"documents-{JOB}", JOB)
    assert answer.headers["location"] == f"/api/v1/jobs/documents-{JOB}"
    request = documents.last("submit_scan").request
    assert (request["number"], request["revision"]) == (NUMBER, 2)
    assert request["upload"] == {
        "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "name": "回传单.pdf",
        "media_type": "application/pdf",
    }  # fmt: skip


@pytest.mark.req("DOC-05")
def test_form_scan_and_pictures_come_out_as_they_were_stored(gateway: LiveGateway, documents: Peer) -> None:
    pdf = stored(gateway, b"%PDF-1.7 issued", "application/pdf", f"{NUMBER}-1.pdf")
    upload = stored(gateway, b"%PDF-1.7 scan", "application/pdf", "回传单.pdf")
    marked, original = stored(gateway, b"\xff\xd8 marked", "image/jpeg"), stored(gateway, b"\xff\xd8 o", "image/jpeg")
    pages = [
        {"scan_page": 1, "page": 1, "marked": marked, "original": original},
        {"scan_page": 2, "page": None, "marked": marked, "original": None},
    ]
    documents.answers["get_form"] = lambda _: FORM | {"pdf": pdf}
    documents.answers["get_scan"] = lambda _: SCAN | {"upload": upload, "pages": [dict(page) for page in pages]}
    city = gateway.login("city1")

    form, scan = city.get(f"/issued-forms/{NUMBER}/file"), city.get(f"/scans/{JOB}/file")
    looked_at = city.get(f"/issued-forms/{NUMBER}/revisions/1/file", params={"view": "true"})
    shown = city.get(f"/scans/{JOB}").json()
    pictures = [city.get(f"/scans/{JOB}/pages/1/{side}") for side in ("marked", "original")]
    missing = [city.get(f"/scans/{JOB}/pages/{page}") for page in ("2/original", "3/marked")]

    assert (form.content, form.headers["content-disposition"][:10]) == (b"%PDF-1.7 issued", "attachment")
    assert looked_at.headers["content-disposition"].startswith("inline")
    assert scan.content == b"%PDF-1.7 scan"
    assert (shown["unit_name"], shown["pages"][1]["links"]["original"]) == ("东江市供电公司", None)
    assert shown["pages"][0]["links"]["marked"] == f"/api/v1/scans/{JOB}/pages/1/marked"
    assert [picture.content for picture in pictures] == [b"\xff\xd8 marked", b"\xff\xd8 o"]
    assert pictures[0].headers["content-type"] == "image/jpeg"
    assert [answer.json()["code"] for answer in missing] == ["file_gone"] * 2
    actions = gateway.sql("SELECT action FROM audit_log WHERE action IN ('form.download', 'scan.download')")
    assert len(actions) == 3


@pytest.mark.req("GTW-01", "WFL-01")
def test_a_decision_is_sent_once_and_its_refusal_says_why(gateway: LiveGateway, documents: Peer) -> None:
    def second_time(received: Received) -> Any:
        if documents.count("decide_scan") > 1:
            raise DomainError("scan_not_unclear", outcome="passed")
        return SCAN | {"outcome": "passed"}

    documents.answers["decide_scan"] = second_time
    admin, key = gateway.login("admin"), {"Idempotency-Key": "decision-0001"}

    first = admin.post(f"/scans/{JOB}/decision", json=DECISION, headers=key)
    again = admin.post(f"/scans/{JOB}/decision", json=DECISION, headers=key)
    late = admin.post(f"/scans/{JOB}/decision", json=DECISION)
    silent = admin.post(f"/scans/{JOB}/decision", json={"verdict": "passed", "remark": "  "})

    assert (first.json()["outcome"], again.json()) == ("passed", first.json())
    assert (late.status_code, late.json()["code"]) == (409, "scan_not_unclear")
    assert "只有结果为“看不清”" in late.json()["detail"]
    assert (silent.status_code, documents.count("decide_scan")) == (422, 2)


@pytest.mark.req("DOC-05", "GTW-02")
def test_anybody_may_check_a_printed_code_but_not_without_end(gateway: LiveGateway, documents: Peer) -> None:
    documents.answers["check_code"] = lambda _: {"answer": "current"}
    anybody = gateway.client()

    answers = [anybody.get("/public/forms/check", params={"code": "2AB4-CDEF-GHKL-MNPR-001"}) for _ in range(6)]

    assert answers[0].json() == {"answer": "current"}
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert (answers[5].json()["code"], int(answers[5].headers["retry-after"]) <= 13) == ("check_throttled", True)
    actor = documents.last("check_code").actor
    assert (actor.id, actor.permissions) == ("public", frozenset())
