"""Every printed glyph against what was issued there and against its rivals.

A glyph's patch is cut from the registered black ink. `expected` and `rival` are normalised correlations (-1..1),
each the best over half-pixel shifts. `lead` is how far the expected character is ahead, on the scale on which a
perfect print of it has 1 and a perfect print of the rival has -1: (expected - rival) / (1 - the templates' likeness).
"""

from collections import defaultdict
from dataclasses import dataclass

import cv2
import numpy as np

from services.documents.verify.grid import GRID_DPI
from services.documents.verify.reference import Glyph, ReferencePage
from services.documents.verify.templates import (
    COARSE_EM,
    COARSE_ORIGIN,
    COARSE_SHAPE,
    MIDDLE,
    TemplateBook,
    frame_of,
    is_wide,
    lookalikes,
    normalised,
    rivals,
)

TOO_ALIKE = 0.985


@dataclass
class Reading:
    """Arrays over `glyphs`: see the module's docstring; `weight` is the patch's contrast over the page's median."""

    glyphs: list[Glyph]
    expected: np.ndarray
    rival: np.ndarray
    lead: np.ndarray
    weight: np.ndarray
    seen: list[str]


def patches(black: np.ndarray, glyphs: list[Glyph], offsets: np.ndarray) -> np.ndarray:
    """Patches of glyphs that share a frame, float32 (n, height, width); `offsets` (n, 2) moves each, in pixels."""
    frame = frame_of(glyphs[0].character, glyphs[0].size)
    xs = np.array([glyph.x for glyph in glyphs]) + offsets[:, 0]
    ys = np.array([glyph.y - frame.ascent for glyph in glyphs]) + offsets[:, 1]
    columns, rows = np.arange(frame.width), np.arange(frame.height)
    map_x = np.broadcast_to(xs[:, None, None] + columns, (len(xs), frame.height, frame.width))
    map_y = np.broadcast_to(ys[:, None, None] + rows[:, None], (len(xs), frame.height, frame.width))
    shape = (len(xs) * frame.height, frame.width)
    found = cv2.remap(
        black, map_x.reshape(shape).astype(np.float32), map_y.reshape(shape).astype(np.float32), cv2.INTER_LINEAR
    )
    return found.reshape(len(xs), frame.height, frame.width)


def read(black: np.ndarray, reference: ReferencePage, templates: TemplateBook, shifts: np.ndarray) -> Reading:
    """Judge all glyphs of a page. `shifts`: float (cells, 2) pixels, what the word around each glyph is still off."""
    glyphs = reference.glyphs
    groups: dict[tuple[str, float], list[int]] = defaultdict(list)
    for at, glyph in enumerate(glyphs):
        groups[glyph.character, glyph.size].append(at)
    extra = _seen_from_afar(black, glyphs, shifts)
    count = len(glyphs)
    reading = Reading(glyphs, np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count), [""] * count)
    for members in groups.values():
        chosen = [glyphs[at] for at in members]
        cut = patches(black, chosen, shifts[[glyph.cell for glyph in chosen]]).reshape(len(chosen), -1)
        more = {extra[at] for at in members if at in extra}
        _judge(reading, np.array(members), cut, templates, more)
    typical = np.median(reading.weight) if count else 1.0
    reading.weight /= max(float(typical), 1e-6)
    return reading


def _seen_from_afar(black: np.ndarray, glyphs: list[Glyph], shifts: np.ndarray) -> dict[int, str]:
    """Which Chinese glyphs look like another character when cut at 20 pixels an em; by index into `glyphs`."""
    wide = [at for at, glyph in enumerate(glyphs) if is_wide(glyph.character)]
    if not wide:
        return {}
    scale = np.array([glyphs[at].size for at in wide]) / 72 * GRID_DPI / COARSE_EM
    xs = np.array([glyphs[at].x + shifts[glyphs[at].cell, 0] for at in wide])
    ys = np.array([glyphs[at].y + shifts[glyphs[at].cell, 1] for at in wide])
    height, width = COARSE_SHAPE
    columns, rows = np.arange(width) + 0.5 - COARSE_ORIGIN[0], np.arange(height) + 0.5 - COARSE_ORIGIN[1]
    map_x = (xs[:, None] + scale[:, None] * columns)[:, None, :] + np.zeros((1, height, 1)) - 0.5
    map_y = (ys[:, None] + scale[:, None] * rows)[:, :, None] + np.zeros((1, 1, width)) - 0.5
    shape = (len(wide) * height, width)
    cut = cv2.remap(
        black, map_x.reshape(shape).astype(np.float32), map_y.reshape(shape).astype(np.float32), cv2.INTER_LINEAR
    )
    found = lookalikes(cut.reshape(len(wide), -1), "".join(glyphs[at].character for at in wide))
    return {at: other for at, other in zip(wide, found, strict=True) if other}


def _judge(
    reading: Reading, members: np.ndarray, cut: np.ndarray, templates: TemplateBook, more: set[str]
) -> None:
    """Fill in the figures of `members`, glyphs of one character and size; `cut`: float32 (n, height * width).

    `more`: characters that some of them look like from afar, judged beside the usual rivals.
    """
    character, size = reading.glyphs[members[0]].character, reading.glyphs[members[0]].size
    frame = frame_of(character, size)
    unit = normalised(cut)
    own = templates.vectors(character, size, frame)
    expected = (unit @ own.T).max(axis=1)
    reading.expected[members] = expected
    reading.weight[members] = cut.std(axis=1)
    lead = np.full(len(members), 2.0)
    rival = np.full(len(members), -1.0)
    names = [""] * len(members)
    usual = rivals(character)
    for other in [*usual, *sorted(more - {*usual, character})]:
        vectors = templates.vectors(other, size, frame)
        likeness = float((vectors @ own[MIDDLE]).max())
        if likeness > TOO_ALIKE:
            continue
        score = (unit @ vectors.T).max(axis=1)
        ahead = (expected - score) / (1 - likeness)
        for at in np.flatnonzero(ahead < lead):
            names[at] = other
        rival = np.where(ahead < lead, score, rival)
        lead = np.minimum(lead, ahead)
    reading.rival[members] = rival
    reading.lead[members] = lead
    for at, name in zip(members, names, strict=True):
        reading.seen[at] = name
