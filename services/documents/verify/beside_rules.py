"""A stroke between a table's rule and the number behind it: a 1 written there lies where rules have their play.

How much ink lies there is the same in all rows behind a rule; one that has a stroke's more stands out.
"""

from collections import defaultdict

import numpy as np

from services.documents.verify.grid import PX
from services.documents.verify.marks import Box
from services.documents.verify.reference import ReferencePage

BEFORE_RULE, FROM_RULE = 0.4, (0.8, 1.8)  # mm; how far behind a rule its cell's type begins
ACROSS = 1.6  # mm before the rule: what darkens a whole row of points there is no stroke behind it
MOST_OF = 90  # of 100 rows
STROKE_MM, HIGH_MM, ROWS = 0.09, 1.3, 4  # of 2,500 honest rows none had 0.04 more than usual, a pencil stroke 0.13
HALF_PX = PX / 2


def strokes_at_rules(
    everything: np.ndarray, reference: ReferencePage, seals: list[tuple[float, float, float]]
) -> list[Box]:
    """Boxes in mm. `everything`: ink of all colours, uint8, half size; `seals`: middles and radii, mm."""
    columns: list[list[tuple[Box, float]]] = []
    for (rule, start), lines in _numbers_at_rules(reference).items():
        x0, x1 = round((rule - BEFORE_RULE) * HALF_PX), round((start - 0.1) * HALF_PX)
        before = everything[:, round((rule - ACROSS) * HALF_PX) : x0].min(axis=1).astype(np.float32)
        beyond = np.clip(everything[:, x0:x1] - before[:, None], 0, None)  # a fold goes on across the rule
        ink = beyond.sum(axis=1) / (255 * HALF_PX)  # mm of full ink in each row
        size = round(HIGH_MM * HALF_PX)
        means = np.convolve(ink, np.full(size, 1 / size, np.float32), "valid")
        columns.append([])
        for top, bottom in lines:
            first, last = round(top * HALF_PX), round(bottom * HALF_PX) - size
            box = (rule, top, start - rule, bottom - top)
            columns[-1].append((box, float(means[first : last + 1].max(initial=0.0))))
    page = [ink for column in columns for _, ink in column]
    found: list[Box] = []
    for column in columns if len(page) >= ROWS else []:
        # a mask of one bit makes one rule two pixels wide and the next three: each is its own measure, if it has rows
        usual = float(np.median([i for _, i in column]) if len(column) >= ROWS else np.percentile(page, MOST_OF))
        found += [box for box, ink in column if ink > usual + STROKE_MM and not _under(box, seals)]
    return found


def _numbers_at_rules(reference: ReferencePage) -> dict[tuple[float, float], list[tuple[float, float]]]:
    """By a rule's and a text's place, mm, from where to where each line of digits goes that begins behind that rule."""
    rules = [(rule.x1, *sorted((rule.y1, rule.y2))) for rule in reference.sheet.rules if rule.x1 == rule.x2]
    x, top, bottom = np.array(rules, float).reshape(-1, 3).T
    cells = [cell for cell in reference.sheet.cells if cell.text[:1].isdigit()]
    start, base = np.array([(cell.x, cell.y) for cell in cells], float).reshape(-1, 2).T[:, :, None]
    near = (start - x > FROM_RULE[0]) & (start - x < FROM_RULE[1]) & (top < base) & (bottom > base)
    lines: dict[tuple[float, float], list[tuple[float, float]]] = defaultdict(list)
    for at in np.flatnonzero(near.any(axis=1)):
        rule = float(x[near[at].argmax()])
        lines[rule, cells[at].x].append((cells[at].y - 2.7, cells[at].y + 0.1))
    return lines


def _under(box: Box, seals: list[tuple[float, float, float]]) -> bool:
    return any(np.hypot(box[0] - x, box[1] - y) < radius + 4 for x, y, radius in seals)
