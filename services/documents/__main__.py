"""The documents service without any service: issue a form from its content, verify a scan, offline.

    python -m services.documents issue --content form.json --key key.pem --out form.pdf
    python -m services.documents verify --issued form.pdf --scan scan.pdf [--json] [--language en] [--marked DIRECTORY]

`verify` ends with 0 only when the scan passed, with 1 when it differs, is unclear or was refused, with 2 on wrong use.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Literal

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a page's matrices are too small to share

from services.documents.forms.codes import load_public_key, load_signing_key, parse_page_code
from services.documents.forms.content import parse_content
from services.documents.forms.fonts import FontMissingError
from services.documents.forms.issuing import NotAnIssuedFormError, issue, read_issued
from services.documents.verify.marking import PageImage, marked_page
from services.documents.verify.verdict import Verdict
from services.documents.verify.verifying import verify_upload

WORDS = {"passed": "通过", "differs": "不一致", "unclear": "看不清", "refused": "文件无法处理"}
LANGUAGES = ("zh", "en")


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return _issue(options) if options.command == "issue" else _verify(options)
    except (OSError, ValueError, NotAnIssuedFormError, FontMissingError) as error:
        print(f"documents: {error}", file=sys.stderr)  # noqa: T201 - a command talks
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.documents")
    commands = parser.add_subparsers(dest="command", required=True)
    issuing = commands.add_parser("issue", help="draw and sign a form from its JSON content")
    issuing.add_argument("--content", type=Path, required=True)
    issuing.add_argument("--key", type=Path, required=True, help="Ed25519 private key, PEM")
    issuing.add_argument("--out", type=Path, required=True)
    verifying = commands.add_parser("verify", help="judge a scan of the printed, signed and sealed form")
    verifying.add_argument("--issued", type=Path, required=True)
    verifying.add_argument("--scan", type=Path, required=True, help="PDF, JPEG or PNG")
    verifying.add_argument("--public-key", type=Path, help="also check that the issued file was signed with this key")
    verifying.add_argument("--json", action="store_true", help="the whole verdict; its findings speak both languages")
    verifying.add_argument("--language", choices=LANGUAGES, default="zh", help="of what is printed without --json")
    verifying.add_argument("--marked", type=Path, help="write page pictures with the findings marked here")
    return parser


def _issue(options: argparse.Namespace) -> int:
    form = issue(parse_content(options.content.read_bytes()), load_signing_key(options.key.read_bytes()))
    options.out.write_bytes(form.pdf)
    print(f"{form.layout.number} {len(form.layout.sheets)} 页 sha256 {form.sha256}")  # noqa: T201
    return 0


def _verify(options: argparse.Namespace) -> int:
    issued = options.issued.read_bytes()
    if options.public_key:
        _check_signatures(issued, options.public_key.read_bytes())
    kept: list[PageImage] = []
    verdict = verify_upload(issued, options.scan.read_bytes(), keep=kept if options.marked else None)
    if options.marked:
        options.marked.mkdir(parents=True, exist_ok=True)
        for number, image in enumerate(kept, start=1):
            (options.marked / f"page-{number:03d}.jpg").write_bytes(marked_page(image, verdict, number))
    print(verdict.model_dump_json(indent=2) if options.json else _told(verdict, options.language))  # noqa: T201
    return 0 if verdict.outcome == "passed" else 1


def _check_signatures(issued: bytes, pem: bytes) -> None:
    key = load_public_key(pem)
    for sheet in read_issued(issued).layout.sheets:
        if not parse_page_code(sheet.page_code.text).is_genuine(key):
            raise NotAnIssuedFormError("页面识别码的签名不是用该密钥签发的")


def _told(verdict: Verdict, language: Literal["zh", "en"]) -> str:
    glyphs = sum(page.glyphs for page in verdict.pages)
    if language == "en":
        compared = f"{len(verdict.pages)} pages and {glyphs} characters compared, {len(verdict.seals)} seals"
        return "\n".join([f"{verdict.outcome}: {verdict.number}, {compared}", *verdict.sentences("en")])
    compared = f"比对 {len(verdict.pages)} 页 {glyphs} 个字符，公章 {len(verdict.seals)} 枚"
    return "\n".join([f"{WORDS[verdict.outcome]}：{verdict.number}，{compared}", *verdict.sentences()])


if __name__ == "__main__":
    sys.exit(main())
