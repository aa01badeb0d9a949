"""The one form in which every benchmark says what it saw: ``name value unit baseline ratio``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """``ratio`` = value / baseline. ``at_most``/``at_least``: what the ratio (else the value) must keep."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if not self.baseline else self.value / self.baseline

    @property
    def kept(self) -> bool:
        """False when a limit is broken; True without one."""
        judged = self.value if self.ratio is None else self.ratio
        return (self.at_most is None or judged <= self.at_most) and (self.at_least is None or judged >= self.at_least)

    def __str__(self) -> str:
        limit = ""
        if self.at_most is not None:
            limit = f"  (at most {self.at_most:g}{'' if self.kept else ': BROKEN'})"
        if self.at_least is not None:
            limit = f"  (at least {self.at_least:g}{'' if self.kept else ': BROKEN'})"
        baseline = "-" if self.baseline is None else f"{self.baseline:.4g}"
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        return f"{self.name} {self.value:.4g} {self.unit} {baseline} {ratio}{limit}"
