"""One trial: an impression of a genuine seal or of a copy of it, pressed, scanned and compared with the specimen."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from services.documents.impressions.comparing import Comparison, compare
from services.documents.impressions.cutting import cut
from services.documents.impressions.reuse import REUSED, likest, print_of
from services.documents.impressions.specimen import Specimen, enrol
from tests.seal_lab.faces import Face, any_face, copies
from tests.seal_lab.pressing import Press, any_press, die, on_paper, pressed, scanned

GENUINE, GOOD = "genuine", "genuine, 60 % ink and more"
NEVER_SAME = ("other_name", "mirrored", "other_font", "larger")
NEAR = ("redrawn", "one_character")


@dataclass(frozen=True, slots=True)
class Trial:
    kind: str
    seal: int
    dpi: int
    comparison: Comparison


@lru_cache(maxsize=8)
def specimen_of(seal: int) -> Specimen:
    """Enrolled from three clean impressions on bare paper, 300 dpi."""
    rubber = die(any_face(seal), seal)
    presses = [Press(seal * 10 + at, 0.95, 0.0, at * 9) for at in range(3)]
    sheets = [on_paper(pressed(rubber, press), press.seed, printed=False) for press in presses]
    first, second, third = (
        cut(*scanned(sheet, 300, press.seed), 300) for sheet, press in zip(sheets, presses, strict=True)
    )
    return enrol((first, second, third))


def pressing(kind: str, seal: int, seed: int) -> np.ndarray:
    """The sheet with the seal on it. Copies share the genuine seal's wear; they are pressed with 60 % ink and more,
    as a forger would."""
    face = any_face(seal)
    own: Face = face if kind in (GENUINE, GOOD) else copies(face, seed)[kind]
    press = any_press(seal * 100 + seed, 0.25 if kind == GENUINE else 0.6)
    return on_paper(pressed(die(own, seal), press), seal * 100 + seed)


def compared(kind: str, seal: int, seed: int, dpi: int) -> Trial:
    image, middle = scanned(pressing(kind, seal, seed), dpi, seal * 100 + seed)
    off = np.random.default_rng([seal, seed]).uniform(-0.4, 0.4, 2) * dpi / 25.4
    impression = cut(image, (middle[0] + off[0], middle[1] + off[1]), dpi)
    assert impression is not None
    return Trial(kind, seal, dpi, compare(specimen_of(seal), impression))


def likeness_of_prints(seal: int, seed: int, dpi: int, *, reused: bool) -> float:
    """How alike two prints are: of one impression scanned twice (then pasted over another paper), or of two."""
    specimen = specimen_of(seal)
    ink = pressed(die(any_face(seal), seal), any_press(seal * 100 + seed))
    later = ink if reused else pressed(die(any_face(seal), seal), any_press(seal * 100 + seed + 50))
    prints = []
    for at, (layer, resolution) in enumerate(((ink, 300), (later, dpi))):
        impression = cut(
            *scanned(on_paper(layer, seal * 100 + seed + at * 13), resolution, seal + 1000 * at), resolution
        )
        prints.append(print_of(specimen, compare(specimen, impression).laid))
    return likest(prints[0], [prints[1]])[1]


def told_as_reused(seal: int, seed: int, dpi: int) -> bool:
    return likeness_of_prints(seal, seed, dpi, reused=True) >= REUSED
