"""What happens to honest paper, and what people write on it in inks of every colour. All in place, lengths mm."""

import math
import random
from collections.abc import Callable

import cv2
import numpy as np

from services.documents.forms.fonts import width_mm
from services.documents.forms.issuing import IssuedForm
from services.documents.forms.sheet import Cell
from tests.documents_lab import paper

MM = paper.MM
INKS = {
    "magenta": (230, 0, 220), "violet": (130, 60, 190), "yellow": (255, 225, 40), "lime": (150, 230, 60),
    "pale blue": (160, 200, 250), "orange": (250, 150, 40), "light gray": (196, 196, 196), "pencil": (140, 140, 144),
    "pink": (250, 160, 190), "cyan": (60, 200, 220), "black": (25, 25, 30), "red": (200, 30, 40),
}  # fmt: skip
Mark = Callable[[random.Random, np.ndarray, IssuedForm], None]


def numbers_of(form: IssuedForm) -> list[Cell]:
    return [c for c in form.layout.sheets[0].cells if c.text.isdigit() and 2 <= len(c.text) <= 8 and "条" in c.name]


def _line(sheet: np.ndarray, points: list[tuple[float, float]], width: float, colour: tuple[int, int, int]) -> None:
    paper.stroke(sheet, points, width, colour)


def writing(colour: str) -> Mark:
    """Some strokes of handwriting below the tables."""

    def put(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
        lowest = max(c.y for c in form.layout.sheets[0].cells if c.y < 200)
        paper.scribble(rng, sheet, rng.uniform(30, 120), lowest + 2, 24, 6, INKS[colour])

    return put


def writing_on_table(colour: str) -> Mark:
    def put(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
        cell = rng.choice(numbers_of(form))
        paper.scribble(rng, sheet, cell.x + 10, cell.y - 3, 9, 3, INKS[colour])

    return put


def decimal_point(colour: str) -> Mark:
    def put(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
        cell = rng.choice(numbers_of(form))
        x = cell.x + width_mm(cell.text[:-1], cell.size)
        cv2.circle(sheet, (round(x * MM), round((cell.y - 0.1) * MM)), round(0.225 * MM), INKS[colour], -1, cv2.LINE_AA)

    return put


def thin_line(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    cell = rng.choice(numbers_of(form))
    _line(sheet, [(cell.x - 1, cell.y - 1.2), (cell.x + 8, cell.y - 1.5)], 0.17, INKS["black"])


def dotted_line(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    cell = rng.choice(numbers_of(form))
    for at in range(14):
        _line(
            sheet,
            [(cell.x - 1 + at * 0.8, cell.y - 1.2), (cell.x - 0.75 + at * 0.8, cell.y - 1.2)],
            0.25,
            INKS["black"],
        )


def stroke_on_character(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    """A thin pen's stroke of 1.8 mm within a character."""
    cells = [c for c in form.layout.sheets[0].cells if "条" in c.name and len(c.text) > 1 and ord(c.text[0]) > 0x2E7F]
    cell = rng.choice(cells)
    x, y = cell.x + rng.uniform(0.5, 1.2), cell.y - rng.uniform(0.5, 2.3)
    _line(sheet, [(x, y), (x + 1.8, y + rng.uniform(-0.2, 0.2))], 0.28, INKS["black"])


def bleached(colour: str) -> Mark:
    """The last digit taken away and another written."""

    def put(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
        cell = rng.choice([cell for cell in numbers_of(form) if cell.text[-1] != "7"])
        x, w = cell.x + width_mm(cell.text[:-1], cell.size), width_mm("0", cell.size)
        x0, x1, y0, y1 = (round(v * MM) for v in (x - 0.1, x + w, cell.y - 2.7, cell.y + 0.3))
        sheet[y0:y1, x0:x1] = 250
        points = [(x + 0.4, cell.y - 2.4), (x + 1.4, cell.y - 2.4), (x + 0.7, cell.y)]
        _line(sheet, points, 0.35, INKS[colour])

    return put


def in_the_outer_millimetres(colour: str) -> Mark:
    def put(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
        for at in range(4):
            y = 120 + at * 5
            paper.scribble(rng, sheet, 1.5, y, 3.2, 3.6, INKS[colour])

    return put


def words_at_the_edge(colour: str, y: float) -> Mark:
    """Signs in a row whose middle is `y`: the sheet may end across them."""

    def put(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
        for at in range(5):
            x = 70 + 4 * at
            _line(sheet, [(x, y - 2), (x + 2, y - 2), (x + 1, y), (x + 2.2, y + 1), (x, y + 2)], 0.5, INKS[colour])

    return put


FOREIGN: dict[str, Mark] = {
    "words at the upper edge": words_at_the_edge("lime", 1.0),
    "words at the lower edge": words_at_the_edge("pale blue", 295.5),
    **{f"writing in {colour}": writing(colour) for colour in INKS},
    **{f"{colour} writing on the table": writing_on_table(colour) for colour in INKS},
    **{f"{colour} decimal point": decimal_point(colour) for colour in ("black", "red", "magenta", "violet")},
    **{f"bleached, then {colour}": bleached(colour) for colour in ("magenta", "orange", "pencil", "lime")},
    **{f"{colour} in the outer millimetres": in_the_outer_millimetres(colour) for colour in ("magenta", "black")},
    "thin line": thin_line, "dotted line": dotted_line, "stroke on a character": stroke_on_character,
}  # fmt: skip


Box = tuple[float, float, float, float]
APART_MM = 4.0


def put_apart(rng: random.Random, sheet: np.ndarray, form: IssuedForm, names: list[str]) -> dict[str, Box]:
    """Several of FOREIGN on one sheet, no two near each other: where each lies, mm (x0, y0, x1, y1)."""
    places: dict[str, Box] = {}
    for name in names:
        for _ in range(60):
            marked = sheet.copy()
            FOREIGN[name](rng, marked, form)
            rows, columns = np.nonzero((marked != sheet).any(axis=2))
            box = (columns.min() / MM, rows.min() / MM, columns.max() / MM, rows.max() / MM)
            if not any(overlap(box, other, APART_MM) for other in places.values()):
                sheet[:], places[name] = marked, box
                break
    return places


def overlap(one: Box, other: Box, grace: float) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    return across > -grace and min(one[3], other[3]) - max(one[1], other[1]) > -grace


def staple(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    x, y, angle = rng.uniform(6, 14), rng.uniform(5, 20), rng.uniform(-0.8, 0.8)
    end = (x + 11 * math.cos(angle), y + 11 * math.sin(angle))
    _line(sheet, [(x + 0.4, y + 0.5), (end[0] + 0.4, end[1] + 0.5)], 0.7, (170, 170, 172))
    _line(sheet, [(x, y), end], 0.5, (90, 92, 96))


def dust(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    """Grains of up to 1 mm, beside the lines of type."""
    for _ in range(8):
        x, y = rng.uniform(4, 206), rng.uniform(4, 293)
        if any(c.x - 1.5 < x < c.x + width_mm(c.text, c.size) + 1.5 and c.y - 4 < y < c.y + 1.5
               for c in form.layout.sheets[0].cells):  # fmt: skip
            continue
        radius = rng.uniform(0.1, 0.5) * MM
        tone = rng.randrange(40, 150)
        cv2.ellipse(sheet, (round(x * MM), round(y * MM)), (round(radius), max(round(radius * 0.6), 1)),
                    rng.uniform(0, 180), 0, 360, (tone,) * 3, -1, cv2.LINE_AA)  # fmt: skip


def hair(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    lowest = max(c.y for c in form.layout.sheets[0].cells if c.y < 200)
    x, y = rng.uniform(30, 150), rng.uniform(lowest + 6, 200) if lowest < 190 else 280.0
    bend = rng.uniform(-5, 5)
    points = [(x + t * 18, y + bend * math.sin(t * 3)) for t in np.linspace(0, 1, 20)]
    _line(sheet, points, 0.12, (70, 66, 60))


def binding_shadow(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    reach = rng.uniform(6, 14) * MM
    shade = 1 - rng.uniform(0.4, 0.8) * np.exp(-np.arange(sheet.shape[1]) / reach * 2)
    sheet[:] = (sheet * shade[None, :, None]).astype(np.uint8)


def black_edge(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    corners = np.array([[2480, 0], [2480, 3508], [2480 - rng.randrange(20, 50), 3508], [2480 - rng.randrange(10), 0]])
    cv2.fillPoly(sheet, [corners], (20, 20, 22))


def show_through(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    other = cv2.GaussianBlur(sheet[:, ::-1, 0], (0, 0), 4).astype(np.float32)
    sheet[:] = (sheet * (1 - 0.08 * (255 - other[:, :, None]) / 255)).astype(np.uint8)


def tick(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    y = rng.uniform(60, 180)
    _line(sheet, [(7, y), (8.5, y + 2), (12, y - 3)], 0.5, INKS["violet"])


def coffee_ring(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    layer = np.zeros(sheet.shape[:2], np.uint8)
    cv2.circle(layer, (round(rng.uniform(80, 130) * MM), round(330 * MM)), round(40 * MM), 255, round(2.5 * MM))
    ink = cv2.GaussianBlur(layer, (0, 0), 6).astype(np.float32)[:, :, None] / 255
    sheet[:] = (sheet * (1 - ink * np.array([0.12, 0.2, 0.3]))).astype(np.uint8)


def fold(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    paper.fold(rng, sheet)


def date_beside_label(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    label = next(c for c in form.layout.sheets[0].cells if c.name == "栏名 经办日期")
    paper.scribble(rng, sheet, label.x + 16, label.y - 4, 22, 5)


def wide_signature(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    """60 mm wide, over the label and 3 mm over the cell's rule."""
    label = next(c for c in form.layout.sheets[0].cells if c.name == "栏名 负责人签字")
    paper.scribble(rng, sheet, label.x + 4, label.y - 9, 60, 16)


def initials_beside_the_seal(rng: random.Random, sheet: np.ndarray, form: IssuedForm) -> None:
    area = next(a for a in form.layout.sheets[0].areas if a.use == "seal")
    paper.scribble(rng, sheet, area.x + area.width - 12, area.y + 4, 11, 7)


HONEST: dict[str, Mark] = {
    "staple": staple, "dust": dust, "hair": hair, "binding shadow": binding_shadow, "black edge": black_edge,
    "show-through": show_through, "tick": tick, "coffee ring": coffee_ring, "fold": fold,
    "date beside its label": date_beside_label, "wide signature": wide_signature,
    "initials beside the seal": initials_beside_the_seal,
}  # fmt: skip
