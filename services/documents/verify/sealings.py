"""The impressions of a scan's good seals, cut out while its pages are at hand, to be compared with specimens later."""

from dataclasses import dataclass, field

import numpy as np

from services.documents.impressions.cutting import Impression, cut
from services.documents.verify.findings import Here
from services.documents.verify.grid import PX
from services.documents.verify.registration import Registered
from services.documents.verify.seals import FoundSeal

PRINTED_SCALE = (0.94, 1.06)
"""How much smaller or larger a printer may make a form; beyond it the file's resolution is not the paper's."""


@dataclass(frozen=True, slots=True)
class Sealing:
    """`sized`: the paper's resolution is known, so that a seal's size says something. `box`: mm on the form's page."""

    page: int
    scan_page: int
    impression: Impression
    sized: bool
    box: tuple[float, float, float, float]


@dataclass
class Sealings:
    """`resolutions`: by page of the scan from 1, what the file says; it is filled while the pages come."""

    resolutions: dict[int, float] = field(default_factory=dict)
    found: list[Sealing] = field(default_factory=list)

    def take(self, here: Here, image: np.ndarray, registered: Registered, seals: list[FoundSeal]) -> None:
        """Cuts the page's `seals` out of `image`, the scan as it came."""
        said = self.resolutions.get(here.scan_page)
        sized = said is not None and PRINTED_SCALE[0] < registered.dpi / said < PRINTED_SCALE[1]
        dpi = said if said is not None and sized else registered.dpi
        for seal in seals:
            x, y, w = registered.to_scan @ np.array([seal.x * PX, seal.y * PX, 1.0])
            impression = cut(image, (x / w, y / w), dpi)
            if impression is not None:
                side = round(2 * seal.radius, 2)
                box = (round(seal.x - seal.radius, 2), round(seal.y - seal.radius, 2), side, side)
                self.found.append(Sealing(here.page, here.scan_page, impression, sized, box))

    def apart(self) -> "Sealings":
        """For a page that may turn out to be another one."""
        return Sealings(self.resolutions)
