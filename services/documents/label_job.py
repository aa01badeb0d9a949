"""The job that draws sheets of labels (LABEL_JOB). The worker imports it: drawing is no work for the service's hub."""

import io
from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from kernel.chassis.jobs.context import JobContext
from kernel.contracts.documents.labels import DrawLabels, Label
from services.documents.forms.drawing import code_runs
from services.documents.forms.fonts import FONT_NAME, POINT_MM, can_print, form_font, width_mm, wrap
from services.documents.label_sheets import SHEETS, LabelSheet

EDGE = 4.0
"""What printers and cutters leave free round the text of a label, and a QR code needs round itself; in mm."""
CODE_SIDE = 20.0
USUAL, LARGEST = (63.5, 37.0), 1.8
"""The size of label that these measures are for; on larger ones code and type grow with it, up to so many times."""
LARGE, BODY, SMALL, LEAST = 12.0, 7.5, 6.5, 6.0
MOST_LINES = 3
LEADING = 1.45
_MISSING = "□"


def run_labels(job: JobContext) -> None:
    """Draws and stores; the job's result is the file."""
    request = DrawLabels.model_validate(job.request)
    pdf = draw(request.labels, SHEETS[request.layout], request.start)
    blob = job.blobs.put_stream([pdf], name="labels.pdf", media_type="application/pdf")
    with job.unit_of_work() as tx:
        result = {"blob": blob.model_dump(mode="json"), "rows": len(request.labels)}
        job.complete(tx, result, done=len(request.labels))


def draw(labels: Sequence[Label], sheet: LabelSheet, start: int = 1) -> bytes:
    """A PDF of whole sheets; the first label lies at place ``start`` of the first one."""
    form_font()
    buffer = io.BytesIO()
    width, height = sheet.page
    canvas = Canvas(buffer, pagesize=(width * mm, height * mm), invariant=1, pageCompression=1, lang="zh-CN")
    canvas.setTitle("SimKeep")
    for number, label in enumerate(labels, start=start - 1):
        page, place = divmod(number, sheet.places)
        if place == 0 and page and number > start - 1:
            canvas.showPage()
        x, y = sheet.place(place)
        _one(canvas, label, x, height - y, sheet.label)
    canvas.save()
    return buffer.getvalue()


def _one(canvas: Canvas, label: Label, x: float, top: float, size: tuple[float, float]) -> None:
    """One label whose upper left corner is there, measured from the lower left of the page."""
    width, height = size
    grown = min(LARGEST, width / USUAL[0], height / USUAL[1])
    side, small = CODE_SIDE * grown, SMALL * grown
    upper = top - (height - side - small * LEADING * POINT_MM) / 2
    _code(canvas, label.code, x + EDGE, upper, side)
    _text(canvas, label.code, (x + EDGE, upper - side - small * POINT_MM * 1.2), small)
    left, room = x + 2 * EDGE + side, width - 3 * EDGE - side + 1
    texts = [(label.title, LARGE * grown), *((line, BODY * grown) for line in label.lines)]
    lines = [line for text, points in texts for line in _fitted(text, room, points)]
    pen = top - (height - sum(points for _, points in lines) * LEADING * POINT_MM) / 2
    for text, points in lines:
        pen -= points * LEADING * POINT_MM
        _text(canvas, text, (left, pen + points * 0.35 * POINT_MM), points)


def _fitted(text: str, room: float, points: float) -> list[tuple[str, float]]:
    """Lines no wider than ``room`` mm: smaller where the text is long, then on two lines, then cut with a sign."""
    text = "".join(character if can_print(character) else _MISSING for character in text)
    while width_mm(text, points) > room and points > LEAST:
        points -= 0.5
    lines = wrap(text, points, room)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][:-1]}…"]
    return [(line, points) for line in lines]


def _text(canvas: Canvas, text: str, at: tuple[float, float], points: float) -> None:
    canvas.setFont(FONT_NAME, points)
    canvas.drawString(at[0] * mm, at[1] * mm, text)


def _code(canvas: Canvas, code: str, x: float, top: float, whole: float) -> None:
    path = canvas.beginPath()
    for left, above, width, side in code_runs(code, whole):
        path.rect((x + left) * mm, (top - above - side) * mm, width * mm, side * mm)
    canvas.drawPath(path, stroke=0, fill=1)
