"""Uploads stream into the blob store, bounded and hashed; exports stream out (GTW-03)."""

import hashlib
import socket
from typing import Any
from urllib.parse import quote

import pytest

from kernel.model.errors import DomainError
from tests.integration.gateway.conftest import LiveGateway
from tests.integration.gateway.peer import Peer

pytestmark = pytest.mark.req("GTW-03")

JOB = "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11"
NOTE = {"carrier": "china_mobile", "batch_no": "CM-1", "application_month": "2026-11", "card_spec": "plug_in"}
LIMIT = 300_000


@pytest.fixture(scope="module")
def settings_of_module() -> dict[str, Any]:
    return {"upload_limit_bytes": LIMIT, "json_limit_bytes": 10_000}


def files_in(gateway: LiveGateway) -> list[str]:
    return [path.name for path in gateway.blob_folder.rglob("*") if path.is_file()]


def upload(gateway: LiveGateway, content: bytes, name: str = "批次.csv", **fields: str) -> Any:
    client = gateway.login("province")
    return client.post("/deliveries", files={"file": (name, content, "text/csv")}, data=NOTE | fields)


def test_an_upload_is_stored_and_the_service_gets_its_reference(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["import_delivery"] = lambda _: {"job_id": JOB}
    content = b"iccid\n" + b"89860012345678900007\n" * 10_000

    answer = upload(gateway, content, expected_count="10000")

    assert answer.status_code == 202
    assert answer.json()["job_id"] == f"inventory-{JOB}"
    assert answer.headers["location"] == f"/api/v1/jobs/inventory-{JOB}"
    request = inventory.last("import_delivery").request
    digest = hashlib.sha256(content).hexdigest()
    assert request["file"] == {"sha256": digest, "size": len(content), "name": "批次.csv", "media_type": "text/csv"}
    assert request["expected_count"] == 10_000
    assert digest in files_in(gateway)


def test_a_file_beyond_the_limit_is_413_and_leaves_nothing(gateway: LiveGateway, inventory: Peer) -> None:
    before = files_in(gateway)

    declared = upload(gateway, b"x" * (LIMIT * 20))
    counted = upload(gateway, b"x" * (LIMIT + 1000))

    for answer in (declared, counted):
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert answer.json()["params"] == {"limit": f"{LIMIT} B", "limit_bytes": LIMIT}
    assert files_in(gateway) == before
    assert inventory.count("import_delivery") == 0


def test_a_body_that_is_no_upload_has_a_limit_of_its_own(gateway: LiveGateway) -> None:
    client = gateway.login("county1")

    declared = client.post("/cards/restore", json={"iccids": ["8" * 20] * 900})
    chunked = client.post(
        "/cards/restore",
        content=iter([b'{"iccids": ["', b"8" * 20_000, b'"]}']),
        headers={"Content-Type": "application/json"},
    )

    assert (declared.status_code, chunked.status_code) == (413, 413)


def test_a_refused_upload_leaves_nothing(gateway: LiveGateway, inventory: Peer) -> None:
    def known(_: Any) -> Any:
        raise DomainError("delivery_note_changed", batch_no="CM-1")

    before = files_in(gateway)
    inventory.answers["import_delivery"] = known

    by_the_service = upload(gateway, b"iccid\n1\n")
    by_the_form = upload(gateway, b"iccid\n2\n", expected_count="many")

    assert (by_the_service.status_code // 100, by_the_form.status_code) == (4, 422)
    assert files_in(gateway) == before


def test_a_refused_upload_takes_nothing_from_who_has_the_same_content(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["import_delivery"] = lambda _: {"job_id": JOB}
    content = b"iccid\n89860012345678901234\n"
    assert upload(gateway, content).status_code == 202

    assert upload(gateway, content, expected_count="many").status_code == 422

    assert hashlib.sha256(content).hexdigest() in files_in(gateway)


@pytest.mark.parametrize(
    ("missing", "status", "code"),
    [("carrier", 422, "request_invalid"), ("file", 422, "upload_file_missing")],
)
def test_what_is_missing_is_named(gateway: LiveGateway, missing: str, status: int, code: str) -> None:
    fields = {name: value for name, value in NOTE.items() if name != missing}
    files = None if missing == "file" else {"file": ("a.csv", b"iccid\n")}
    client = gateway.login("province")

    answer = client.post("/deliveries", data=fields, files=files or {"x": (None, "y")})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if code == "request_invalid":
        assert answer.json()["errors"][0] | {"message_en": ""} == {
            "field": "carrier", "pointer": "#/carrier", "message": "必填", "message_en": "",
        }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [b"", b"--b\r\n", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", b"no multipart at all", b"--b--"],
)
def test_a_broken_form_is_refused(gateway: LiveGateway, body: bytes) -> None:
    client = gateway.login("province")

    answer = client.post("/deliveries", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})

    assert answer.status_code in (400, 422)


def test_a_client_that_hangs_up_leaves_nothing_behind(gateway: LiveGateway) -> None:
    client = gateway.login("province")
    before = files_in(gateway)
    head = (
        f"POST /api/v1/deliveries HTTP/1.1\r\nHost: x\r\nAuthorization: {client.headers['authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 200000\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    )
    with socket.create_connection(("127.0.0.1", int(gateway.base_url.rpartition(":")[2]))) as connection:
        connection.sendall(head.encode() + b"x" * 100_000)

    assert gateway.login("province").get("/auth/me").status_code == 200
    assert files_in(gateway) == before


@pytest.mark.parametrize("path", ["../../etc/passwd", "C:\\temp\\批次.csv", "a\r\nSet-Cookie: x.csv", "x" * 400])
def test_a_file_name_cannot_do_harm(gateway: LiveGateway, inventory: Peer, path: str) -> None:
    inventory.answers["import_delivery"] = lambda _: {"job_id": JOB}

    upload(gateway, b"iccid\n", path)

    name = inventory.last("import_delivery").request["file"]["name"]
    assert not set(name) & set("/\\\r\n")
    assert len(name) <= 200


def test_a_list_in_a_file_goes_to_the_service_unread_with_what_was_chosen(
    gateway: LiveGateway, inventory: Peer
) -> None:
    inventory.answers["issue_listed"] = lambda _: {"done": 2, "refused_count": 0, "refused": [], "requisition_id": 4}
    form = {"unit": "990101", "recipient": "王强", "phone": "13800000000", "choice": '{"hidden_rows": "skip"}'}
    content = b"PK\x03\x04 whatever it is"

    answer = gateway.login("county1").post("/requisitions/upload", files={"file": ("领用.csv", content)}, data=form)

    assert answer.json()["requisition_id"] == 4
    asked = inventory.last("issue_listed").request
    assert asked["file"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert asked["choice"]["hidden_rows"] == "skip"


@pytest.mark.req("INV-01")
def test_a_file_that_was_only_looked_at_is_not_kept(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["look_at_delivery_file"] = lambda _: {"kind": "csv", "rows": 3}
    before = files_in(gateway)

    answer = gateway.login("province").post("/deliveries/look", files={"file": ("a.csv", b"iccid\n1\n")})

    assert (answer.status_code, answer.json()["rows"]) == (200, 3)
    assert inventory.last("look_at_delivery_file").request["file"]["name"] == "a.csv"
    assert files_in(gateway) == before


@pytest.mark.req("INV-01")
@pytest.mark.parametrize("path", ["/deliveries/look", "/deliveries/template"])
def test_a_file_is_looked_at_by_who_may_import_it(gateway: LiveGateway, inventory: Peer, path: str) -> None:
    inventory.answers["look_at_delivery_file"] = lambda _: {"kind": "csv"}
    inventory.answers["get_delivery_template"] = lambda _: {
        "name": "入库批次.xlsx",
        "media_type": "x/y",
        "content": "QQ==",
    }

    def ask(client: Any) -> int:
        if path.endswith("template"):
            return int(client.get(path).status_code)
        return int(client.post(path, files={"file": ("a.csv", b"x")}).status_code)

    assert ask(gateway.client()) == 401
    assert ask(gateway.login("county1")) == 403
    assert ask(gateway.login("province")) == 200


@pytest.mark.parametrize(
    "said",
    [
        b"filename*=UTF-8''%E6%89%B9%E6%AC%A1.csv",
        b"filename=\"x.csv\"; filename*=gbk'zh'%C5%FA%B4%CE.csv",
        b'filename="\xc5\xfa\xb4\xce.csv"',
        'filename="批次.csv"'.encode(),
    ],
    ids=["filename*", "filename* in GBK", "GBK", "UTF-8"],
)
def test_a_file_name_is_understood_as_clients_write_it(gateway: LiveGateway, inventory: Peer, said: bytes) -> None:
    inventory.answers["import_delivery"] = lambda _: {"job_id": JOB}
    fields = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in NOTE.items()
    )
    file = b'--b\r\nContent-Disposition: form-data; name="file"; ' + said + b"\r\n\r\niccid\r\n--b--\r\n"

    answer = gateway.login("province").post(
        "/deliveries", content=fields + file, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )

    assert answer.status_code == 202
    assert inventory.last("import_delivery").request["file"]["name"] == "批次.csv"


def test_an_export_comes_down_under_a_name_to_file_away(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["import_delivery"] = lambda _: {"job_id": JOB}
    content = b"iccid\n89860012345678900007\n"
    upload(gateway, content)
    blob = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "name": "x.csv",
        "media_type": "text/csv",
    }
    inventory.answers["export_file"] = lambda _: {
        "blob": blob, "rows": 1, "title": "卡片", "created_unit": "990101", "finished_at": "2026-11-22T00:10:25Z"
    }  # fmt: skip
    client = gateway.login("county1")

    answer = client.get(f"/exports/inventory-{JOB}/file")

    assert answer.content == content
    assert quote("卡片_东江城区供电公司_20261122-0810.csv") in answer.headers["content-disposition"]
    actions = gateway.sql("SELECT action FROM audit_log ORDER BY id DESC LIMIT 1")
    assert actions == [("export.download",)]


def test_an_export_is_asked_for_with_the_names_of_the_units_below(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["start_export"] = lambda _: {"job_id": JOB}
    body = {"resource": "cards", "format": "csv", "columns": ["iccid", "owner_unit_name"]}

    answer = gateway.login("city1").post("/exports", json=body)

    assert answer.status_code == 202
    asked = inventory.last("start_export").request
    assert asked["columns"] == ["iccid", "owner_unit_name"]
    assert asked["unit_names"]["990101"] == "东江城区供电公司"
    assert all(code.startswith("9901") for code in asked["unit_names"])
    (details,) = gateway.sql("SELECT details FROM audit_log ORDER BY id DESC LIMIT 1")
    assert "unit_names" not in details[0]


@pytest.mark.req("GTW-03")
def test_a_files_cells_are_guarded_for_people_and_not_for_systems_unless_they_say_so(
    gateway: LiveGateway, inventory: Peer
) -> None:
    inventory.answers["start_export"] = lambda _: {"job_id": JOB}
    person = gateway.login("city1")
    key = {"name": "导出", "unit": "9901", "permissions": ["job.view", "card.view"]}
    system = gateway.client(gateway.login("admin").post("/api-keys", json=key).json()["key"])

    said = []
    for client, more in ((person, {}), (person, {"guard": False}), (system, {}), (system, {"guard": True})):
        assert client.post("/exports", json={"resource": "cards", "format": "csv", **more}).status_code == 202
        said.append(inventory.last("start_export").request["guard"])

    assert said == [True, False, False, True]


@pytest.mark.req("INV-02")
def test_an_act_that_became_a_job_is_accepted_with_the_job(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["stock_in"] = lambda _: {"done": 0, "left_out": [], "job_id": JOB}
    inventory.answers["record_inspection"] = lambda _: {"done": 0, "refused_count": 0, "refused": [], "job_id": JOB}
    found = {"inspected_on": "2026-11-20", "inspector": "李伟", "result": "unqualified"}
    client = gateway.login("province")

    for path, body in (("/deliveries/7/stock-in", None), ("/deliveries/7/inspection", found)):
        answer = client.post(path, json=body)
        assert (answer.status_code, answer.json()["job_id"]) == (202, f"inventory-{JOB}")
        assert answer.headers["location"] == f"/api/v1/jobs/inventory-{JOB}"


def test_an_export_that_is_not_ready_says_so(gateway: LiveGateway, inventory: Peer) -> None:
    def refuse(_: Any) -> Any:
        raise DomainError("file_not_ready", state="running")

    inventory.answers["export_file"] = refuse

    answer = gateway.login("county1").get(f"/exports/inventory-{JOB}/file")

    assert (answer.status_code, answer.json()["code"]) == (409, "file_not_ready")


def job(state: str, result: dict[str, Any] | None, done: int = 0) -> dict[str, Any]:
    return {
        "job_id": JOB, "kind": "export", "title": "卡片", "state": state, "done": done, "total": 10, "refused_count": 0,
        "message": None, "error": None, "result": result, "created_by": "county1", "created_by_name": "城区专责",
        "created_unit": "990101", "created_at": "2026-11-22T00:10:00Z", "started_at": "2026-11-22T00:10:01Z",
        "finished_at": "2026-11-22T00:10:25Z" if state == "done" else None, "cancel_requested": False,
        "can_cancel": state == "running", "can_retry": False, "attempts": 1, "retry_of": None,
    }  # fmt: skip


def test_a_job_that_is_cancelled_is_shown_and_nothing_new_is_begun(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["cancel_job"] = lambda _: job("running", None) | {"cancel_requested": True}

    answer = gateway.login("county1").post(f"/jobs/inventory-{JOB}/cancel")

    assert (answer.status_code, answer.json()["cancel_requested"]) == (200, True)


def test_a_job_tells_its_progress_until_it_ends(gateway: LiveGateway, inventory: Peer) -> None:
    states = iter(
        [job("queued", None), job("running", None, 5), job("running", None, 5), job("done", {"rows": 10}, 10)]
    )
    inventory.answers["get_job"] = lambda _: next(states)

    with gateway.login("county1").stream("GET", f"/jobs/inventory-{JOB}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        seen = [line for line in stream.iter_lines() if line.startswith("data:")]

    assert ['"state":"queued"' in seen[0], '"done":5' in seen[1], '"state":"done"' in seen[2]] == [True] * 3
    assert len(seen) == 3


def test_the_jobs_of_all_services_are_one_list_walked_by_one_cursor(gateway: LiveGateway, inventory: Peer) -> None:
    def listing(service: str) -> Any:
        jobs = [
            {**job("done", None), "created_at": f"2026-11-{day:02d}T00:00:00Z", "title": f"{service} {day}"}
            for day in range(28, 0, -2 if service == "inventory" else -3)
        ]

        def answer(received: Any) -> Any:
            start, size = int(received.request.get("cursor") or 0), received.request.get("size", 20)
            following = str(start + size) if start + size < len(jobs) else None
            return {"items": jobs[start : start + size], "total": len(jobs), "next_cursor": following}

        return answer

    workflow = Peer(gateway.amqp_url, "workflow")
    workflow.start()
    inventory.answers["list_jobs"], workflow.answers["list_jobs"] = listing("inventory"), listing("workflow")
    client = gateway.login("county1")

    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = client.get("/jobs", params={"size": 5, **({"cursor": cursor} if cursor else {})}).json()
        seen += [(it["created_at"], it["title"]) for it in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
    workflow.stop()

    assert len(seen) == len(set(seen)) == 14 + 10
    assert [at for at, _ in seen] == sorted((at for at, _ in seen), reverse=True)


@pytest.mark.req("GTW-01", "TRF-01")
@pytest.mark.parametrize("path", ["/deliveries/look", "/usage-loads/look", "/usage-loads", "/deliveries"])
@pytest.mark.parametrize("choice", ["{", "[]", '{"head_row": "x"}'])
def test_a_choice_that_cannot_be_read_is_refused_by_its_field(gateway: LiveGateway, path: str, choice: str) -> None:
    files = {"file": ("a.csv", b"iccid\n1\n")}
    answer = gateway.login("province").post(path, files=files, data={"choice": choice, "carrier": "china_mobile"})
    told = [it for it in answer.json()["errors"] if it["field"].startswith("choice")]

    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert told
    assert told[0]["message"] != "内容不正确"
