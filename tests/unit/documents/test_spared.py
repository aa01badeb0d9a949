"""What the verifier spares changes nothing that it judges (DOC-03)."""

import cv2
import numpy as np
import pytest

from services.documents.verify.grid import HALF, HEIGHT, PX, WIDTH, halved
from services.documents.verify.ink import missing_rules
from services.documents.verify.photometry import _brightness, _redden
from services.documents.verify.reference import Reference, ReferencePage
from tests.documents_lab.samples import sample_form


def issued_page() -> ReferencePage:
    return Reference(sample_form("county_termination", 1, 12)).page(1)


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_a_layer_is_halved_by_averaging_and_its_odd_last_row_counts_twice(kind: type) -> None:
    layer = np.random.default_rng(4).integers(0, 256, (HEIGHT, WIDTH)).astype(kind)
    even = np.concatenate([layer, layer[-1:]]).astype(np.float64)
    mean = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4

    half = halved(layer)

    assert half.shape == HALF[::-1]
    assert np.abs(half - mean).max() <= (0.5 if kind is np.uint8 else 1e-4)


@pytest.mark.req("DOC-03")
def test_every_rule_with_a_gap_is_told_and_no_whole_one() -> None:
    issued = issued_page()
    whole = missing_rules(issued.ink, issued)
    told = []
    for rule in issued.sheet.rules:
        black = issued.ink.copy()
        x, y = ((rule.x1 + rule.x2) / 2 * PX, (rule.y1 + rule.y2) / 2 * PX)
        cv2.circle(black, (round(x), round(y)), round(4 * PX), 0, -1)
        long = np.hypot(rule.x2 - rule.x1, rule.y2 - rule.y1) > 9
        told.append(not long or bool(missing_rules(black, issued)))

    assert whole == []
    assert told
    assert all(told)


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("lines", [1, 2, 17, 138, 207])
def test_the_brightness_of_a_line_is_its_92nd_percentile(lines: int) -> None:
    page = np.random.default_rng(lines).integers(0, 256, (300, lines), dtype=np.uint8)

    assert np.array_equal(_brightness(page), np.percentile(page, 92, axis=1).astype(np.float32))


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("box", [(0, 0, 827, 1170), (300, 500, 120, 130), (0, 1100, 90, 70), (780, 0, 47, 60)])
def test_red_ink_is_drawn_where_it_is_as_on_the_whole_page(box: tuple[int, int, int, int]) -> None:
    x, y, width, height = box
    excess = np.random.default_rng(5).integers(0, 14, HALF[::-1], dtype=np.uint8)
    excess[y : y + height, x : x + width] = np.random.default_rng(6).integers(0, 200, (height, width))
    levels = ((np.arange(256, dtype=np.float32) - 14) / 110).clip(0, 1)
    whole = cv2.resize(cv2.LUT(excess, levels), (WIDTH, HEIGHT + 1), interpolation=cv2.INTER_LINEAR)[:HEIGHT]
    red = np.zeros((HEIGHT, WIDTH), np.float32)

    _redden(red, excess)

    assert np.abs(red - whole).max() < 1e-6
