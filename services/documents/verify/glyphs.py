"""Every printed glyph against what was issued there and against its rivals.

A glyph's patch is cut from the registered black ink. `expected` and `rival` are normalised correlations (-1..1),
each the best over half-pixel shifts. `lead` is how far the expected character is ahead, on the scale on which a
perfect print of it has 1 and a perfect print of the rival has -1: (expected - rival) / (1 - the templates' likeness).
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from services.documents.verify.reference import Glyph, ReferencePage
from services.documents.verify.strokes import both_ways
from services.documents.verify.templates import (
    TOO_ALIKE,
    Frame,
    TemplateBook,
    coarse_cut,
    frame_of,
    is_wide,
    lookalikes,
    normalised,
    patches,
    relatives,
)

AGAIN_EXPECTED, AGAIN_LEAD, AGAIN_MOST = 0.90, 0.45, 300
QUARTERS = np.array([(dx, dy) for dy in (-0.5, -0.25, 0, 0.25, 0.5) for dx in (-0.5, -0.25, 0, 0.25, 0.5)])
# Up to this blur no two characters beyond each other's nearest KIN print more alike than this (measured on GB 2312).
PLAIN = ((0.8, 0.935), (1.2, 0.972), (1.4, 0.98))
PLAIN_LEAD = 0.5
# The same word as another country prints it, a percent apart: nobody is deceived. 新增 is on every opening form.
ONE_WORD = {"增増"}


@dataclass
class Reading:
    """Arrays over `glyphs`: see the module's docstring; `weight` is the patch's contrast over the page's median;
    `lacking` and `beyond`: a stroke's ink that is gone or too much (`strokes`)."""

    glyphs: list[Glyph]
    expected: np.ndarray
    rival: np.ndarray
    lead: np.ndarray
    weight: np.ndarray
    seen: list[str]
    lacking: np.ndarray
    beyond: np.ndarray


def read(black: np.ndarray, reference: ReferencePage, templates: TemplateBook, shifts: np.ndarray) -> Reading:
    """Judge all glyphs of a page. `black`: uint8; `shifts`: float (cells, 2) pixels, what the word around each glyph is
    still off."""
    glyphs = reference.glyphs
    count = len(glyphs)
    places = np.array([(glyph.x, glyph.y) for glyph in glyphs]).reshape(-1, 2)
    places += shifts[[glyph.cell for glyph in glyphs]] if count else 0
    nothing = np.zeros((6, count))
    reading = Reading(glyphs, nothing[0], nothing[1], nothing[2], nothing[3], [""] * count, nothing[4], nothing[5])
    frames: dict[tuple[float, Frame], list[int]] = defaultdict(list)
    for at, glyph in enumerate(glyphs):
        frames[glyph.size, frame_of(glyph.character, glyph.size)].append(at)
    units = [nothing[0]] * count
    for (size, frame), members in frames.items():
        cut = patches(black, places[members] - (0, frame.ascent), frame)
        reading.weight[members] = cut.std(axis=1)
        unit = normalised(cut)
        for row, at in enumerate(members):
            units[at] = unit[row]
        _judge_frame(reading, np.array(members), unit, (templates, size, frame))
    _judge_again(reading, black, places, templates)
    _judge_from_afar(reading, black, places, (templates, units))
    reading.weight /= max(float(np.median(reading.weight)) if count else 1.0, 1e-6)
    return reading


def _judge_frame(
    reading: Reading, members: np.ndarray, unit: np.ndarray, kind: tuple[TemplateBook, float, Frame]
) -> None:
    """All glyphs of one frame: each family is one matrix product, what follows is one step for all of them."""
    templates, size, frame = kind
    families: dict[str, list[int]] = defaultdict(list)
    for row, at in enumerate(members):
        families[relatives(reading.glyphs[at].character)].append(row)
    count, most = len(members), max(map(len, families))
    scores, likeness = np.full((count, most), -1.0, np.float32), np.ones((count, most), np.float32)
    own, span, printed = np.zeros(count, int), np.zeros(count, np.float32), np.empty_like(unit)
    names = [""] * count
    for characters, rows in families.items():
        family = templates.family(characters, size, frame)
        mine = np.array([characters.index(reading.glyphs[members[row]].character) for row in rows])
        every = family.shifted(unit[rows])
        scores[rows, : len(characters)] = every.max(axis=2)
        likeness[rows, : len(characters)] = family.likeness[mine]
        printed[rows] = family.vectors(mine, every[np.arange(len(rows)), mine].argmax(axis=1))
        own[rows], span[rows] = mine, family.span[mine]
        for row in rows:
            names[row] = characters
    lines = np.arange(count)
    expected = scores[lines, own]
    reading.lacking[members], reading.beyond[members] = both_ways(unit, printed, expected, span, frame)
    likeness[lines, own] = 1.0
    ahead = np.where(likeness > TOO_ALIKE, 2.0, (expected[:, None] - scores) / np.maximum(1 - likeness, 1 - TOO_ALIKE))
    best = ahead.argmin(axis=1)
    lead = ahead[lines, best]
    reading.expected[members], reading.lead[members] = expected, lead
    reading.rival[members] = np.where(lead < 2.0, scores[lines, best], -1.0)
    for at, characters, other, is_known in zip(members, names, best, lead < 2.0, strict=True):
        reading.seen[at] = characters[other] if is_known else ""


def _judge_again(reading: Reading, black: np.ndarray, places: np.ndarray, templates: TemplateBook) -> None:
    """Glyphs that are not quite sure once more, expected character and rivals alike, cut at every quarter pixel around
    their place: on paper that was fed unevenly a glyph lies off its word. Not on a page that is doubtful all over."""
    doubtful = np.flatnonzero((reading.expected < AGAIN_EXPECTED) | (reading.lead < AGAIN_LEAD))
    if len(doubtful) > AGAIN_MOST:
        return
    for at in doubtful:
        glyph = reading.glyphs[at]
        frame = frame_of(glyph.character, glyph.size)
        characters = relatives(glyph.character)
        unit = normalised(patches(black, places[at] - (0, frame.ascent) + QUARTERS, frame))
        family = templates.family(characters, glyph.size, frame)
        own = characters.index(glyph.character)
        scores = family.scores(unit).max(axis=0)
        likeness = family.likeness[own]
        ahead = (scores[own] - scores) / np.maximum(1 - likeness, 1 - TOO_ALIKE)
        ahead[(likeness > TOO_ALIKE) | (np.arange(len(scores)) == own)] = 2.0
        best = int(ahead.argmin())
        if scores[own] > reading.expected[at] and ahead[best] < 2.0:
            reading.expected[at], reading.lead[at] = scores[own], ahead[best]
            reading.rival[at], reading.seen[at] = scores[best], characters[best]


def _judge_from_afar(
    reading: Reading, black: np.ndarray, places: np.ndarray, known: tuple[TemplateBook, list[np.ndarray]]
) -> None:
    """Chinese glyphs also against what they look like from afar, as a forger may have chosen any character: among the
    nearest ones, and among all where the print is not so plainly the expected one that no other could print like it.

    `known`: the templates, and each glyph's normalised patch."""
    templates, units = known
    wide = [at for at, glyph in enumerate(reading.glyphs) if is_wide(glyph.character)]
    if not wide:
        return
    least = next((expected for sigma, expected in PLAIN if templates.sigma <= sigma), 1.1)
    far = (reading.expected[wide] < least) | (reading.lead[wide] < PLAIN_LEAD)
    coarse = coarse_cut(black, np.array([reading.glyphs[at].size for at in wide]), places[wide])
    found = lookalikes(coarse, "".join(reading.glyphs[at].character for at in wide), far)
    asked: dict[tuple[str, str, float], list[int]] = defaultdict(list)
    for at, other in ((at, other) for at, others in zip(wide, found, strict=True) for other in others):
        glyph = reading.glyphs[at]
        if other not in relatives(glyph.character) and glyph.character + other not in ONE_WORD:
            asked[glyph.character, other, glyph.size].append(at)
    for (character, other, size), members in asked.items():
        family = templates.family(character + other, size, frame_of(character, size))
        alike = family.likeness[0, 1]
        if alike > TOO_ALIKE:
            continue
        scores = family.scores(np.stack([units[at] for at in members]))
        ahead = (scores[:, 0] - scores[:, 1]) / max(1 - alike, 1 - TOO_ALIKE)
        for at, lead, score in zip(members, ahead, scores[:, 1], strict=True):
            if lead < reading.lead[at]:
                reading.lead[at], reading.rival[at], reading.seen[at] = lead, score, other
