"""A list's column of serials, judged at once with the answers of ``kernel.model.serial.parse``.

Apart from it because NumPy takes a process 0.2 s to load. The plain ones, 15 digits with the right check digit and a
known reporting body, are judged together; only the others one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kernel.model.serial import FORMER_BODIES, KEY_NIBBLES, REPORTING_BODIES, Refused, Serial, parse

_PLAIN = 15
_ZERO = np.uint8(ord("0"))
_KNOWN_BODY = np.array([f"{body:02d}" in REPORTING_BODIES | FORMER_BODIES for body in range(100)])
_DOUBLED = np.array([2 * digit - 9 * (digit > 4) for digit in range(10)], dtype=np.uint8)


@dataclass(frozen=True)
class Judged:
    """``keys``: int64 of 56 bits, right where ``plain``. ``others``: place > what ``parse`` says of the rest."""

    keys: np.ndarray
    plain: np.ndarray
    others: dict[int, Serial | Refused]


def judge_many(values: Sequence[str]) -> Judged:
    """Each value of a column. A value of 15 digits that is fine is an IMEI without warnings."""
    keys = np.zeros(len(values), dtype=np.int64)
    plain = np.zeros(len(values), dtype=bool)
    places = _of_plain_length(values)
    if len(places):
        chosen = values if len(places) == len(values) else [values[place] for place in places]
        joined = "".join(chosen).encode("ascii")
        digits = np.frombuffer(joined, dtype=np.uint8).reshape(len(places), _PLAIN) - _ZERO
        fine = np.all(digits < 10, axis=1)  # what is below zero has become large
        if not fine.all():
            digits = np.where(fine[:, None], digits, np.uint8(0))
        total = digits[:, 0::2].sum(axis=1, dtype=np.uint8) + _DOUBLED[digits[:, 1::2]].sum(axis=1, dtype=np.uint8)
        fine &= (total % 10 == 0) & _KNOWN_BODY[digits[:, 0] * 10 + digits[:, 1]]
        at = np.asarray(places)
        plain[at] = fine
        keys[at] = _packed(digits[:, :KEY_NIBBLES])
    others = {place: parse(values[place]) for place in np.nonzero(~plain)[0].tolist()}
    return Judged(keys, plain, others)


def _of_plain_length(values: Sequence[str]) -> Sequence[int]:
    """The places of 15 ASCII characters; most columns have nothing else."""
    if set(map(len, values)) == {_PLAIN} and "".join(values).isascii():
        return range(len(values))
    return [place for place, value in enumerate(values) if len(value) == _PLAIN and value.isascii()]


def _packed(digits: np.ndarray) -> np.ndarray:
    """Each row's 14 digits as the nibbles of one number."""
    octets = np.zeros((len(digits), 8), dtype=np.uint8)
    octets[:, 1:] = digits[:, 0::2] << 4 | digits[:, 1::2]
    return octets.view(">i8").ravel().astype(np.int64)
