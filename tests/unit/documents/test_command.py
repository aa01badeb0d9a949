"""The offline command: exit status 0 only when passed."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from services.documents.__main__ import main
from tests.documents_lab.files import patched_text_pdf, sealed_text_pdf
from tests.documents_lab.samples import KEY, sample_content, sample_form


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A form issued by the command from a JSON file and a key file."""
    tmp_path = tmp_path_factory.mktemp("issued")
    (tmp_path / "content.json").write_bytes(sample_content("swap_list", 7, 6).canonical())
    (tmp_path / "key.pem").write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public.pem").write_bytes(public)
    out = tmp_path / "form.pdf"
    names = ["--content", f"{tmp_path}/content.json", "--key", f"{tmp_path}/key.pem", "--out", str(out)]
    assert main(["issue", *names]) == 0
    return out


@pytest.mark.req("DOC-03")
def test_a_passed_scan_ends_with_zero(issued: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = sample_form("swap_list", 7, 6)
    scan = issued.with_name("scan.pdf")
    scan.write_bytes(sealed_text_pdf(form, 1, annotation=True))
    capsys.readouterr()

    status = main(["verify", "--issued", str(issued), "--scan", str(scan), "--json", "--public-key",
                   str(issued.with_name("public.pem"))])  # fmt: skip

    assert status == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "passed"


@pytest.mark.req("DOC-03")
def test_a_forged_scan_ends_with_one_and_pictures_are_written(issued: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scan, marked = issued.with_name("scan.pdf"), issued.with_name("marked")
    scan.write_bytes(patched_text_pdf(sample_form("swap_list", 7, 6), 1))

    status = main(["verify", "--issued", str(issued), "--scan", str(scan), "--marked", str(marked), "--language", "en"])

    assert status == 1
    assert "not what was issued" in capsys.readouterr().out
    assert (marked / "page-001.jpg").read_bytes().startswith(b"\xff\xd8")


def test_a_file_that_was_not_issued_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.4")

    assert main(["verify", "--issued", f"{tmp_path}/x.pdf", "--scan", f"{tmp_path}/x.pdf"]) == 2
    assert "不是本系统签发" in capsys.readouterr().err
