"""Issuing: content in, immutable PDF out; and reading an issued PDF back (DOC-01, DOC-02).

The PDF carries its structured content (`content.json`) and its layout record (`layout.json`) as embedded files with an
AFRelationship, in the manner of PDF/A-3, so that the offline verifier needs nothing but the file.
"""

import hashlib
import io
from dataclasses import dataclass

import pikepdf
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pikepdf import AttachedFileSpec, Dictionary, Name, Pdf

from services.documents.forms.codes import DIGEST_BYTES, PageCode
from services.documents.forms.composing import compose
from services.documents.forms.content import TITLES, FormContent, parse_content
from services.documents.forms.drawing import draw
from services.documents.forms.sheet import Code, Layout

CONTENT_FILE, LAYOUT_FILE = "content.json", "layout.json"


class NotAnIssuedFormError(ValueError):
    """The file is not a PDF that `issue` wrote: broken, without its attachments, or with ones that disagree."""


@dataclass(frozen=True, slots=True)
class IssuedForm:
    pdf: bytes
    content: FormContent
    layout: Layout

    @property
    def sha256(self) -> str:
        """Hex digest of the PDF's bytes: its identity in the blob store."""
        return hashlib.sha256(self.pdf).hexdigest()


def issue(content: FormContent, key: Ed25519PrivateKey) -> IssuedForm:
    """Draw, sign every page's code, attach content and layout. Same content and key give the same bytes."""
    layout = compose(content)
    pages = len(layout.sheets)
    for page, sheet in enumerate(layout.sheets, start=1):
        unsigned = PageCode(layout.number, layout.revision, page, pages, content.digest()[:DIGEST_BYTES])
        blank = sheet.codes[0]
        sheet.codes[0] = Code("page", unsigned.signed_with(key).text(), blank.x, blank.y, blank.side)
    drawn = draw(layout, TITLES[content.kind])
    pdf = _attach(drawn, {CONTENT_FILE: content.canonical(), LAYOUT_FILE: layout.to_json()})
    return IssuedForm(pdf, content, layout)


def _attach(drawn: bytes, files: dict[str, bytes]) -> bytes:
    with Pdf.open(io.BytesIO(drawn)) as pdf:
        associated = pikepdf.Array()
        for name, data in files.items():
            spec = AttachedFileSpec(
                pdf, data, description=name, filename=name, mime_type="application/json", creation_date="", mod_date=""
            )
            spec.relationship = Name.Source
            pdf.attachments[name] = spec
            associated.append(spec.obj)
        pdf.Root.AF = associated
        pdf.Root.MarkInfo = Dictionary(Marked=False)
        out = io.BytesIO()
        pdf.save(
            out, deterministic_id=True, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
        )
        return out.getvalue()


def read_issued(pdf_bytes: bytes) -> IssuedForm:
    """An issued form from its file. Raises NotAnIssuedFormError; content and layout must have one digest."""
    try:
        with Pdf.open(io.BytesIO(pdf_bytes)) as pdf:
            files = {name: pdf.attachments[name].get_file().read_bytes() for name in (CONTENT_FILE, LAYOUT_FILE)}
        content = parse_content(files[CONTENT_FILE], issued=True)
        layout = Layout.from_json(files[LAYOUT_FILE])
    except (pikepdf.PdfError, KeyError, ValueError, TypeError) as error:
        raise NotAnIssuedFormError(f"不是本系统签发的申请单：{error}") from error
    if content.digest().hex() != layout.digest:
        raise NotAnIssuedFormError("申请单的结构化内容与其版面记录不一致")
    return IssuedForm(pdf_bytes, content, layout)
