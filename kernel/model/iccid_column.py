"""A delivery's column of ICCIDs, judged at some millions a second with the answers of ``kernel.model.iccid.check``.

Apart from it because NumPy takes a process 0.2 s to load, and only inventory reads deliveries.
"""

from collections.abc import Sequence
from itertools import compress

import numpy as np

from kernel.model.iccid import KEY, IccidRule, IccidVerdict, Severity, check, normalise

_ZERO = ord("0")


def _digits(numbers: Sequence[str]) -> np.ndarray | None:
    """uint8, shape (n, width): the characters of numbers of one width less "0"; None when one is not ASCII."""
    joined = "".join(numbers)
    if not joined.isascii():
        return None
    return np.frombuffer(joined.encode("ascii"), dtype=np.uint8).reshape(len(numbers), -1) - _ZERO


def _luhn(digits: np.ndarray) -> np.ndarray:
    width = digits.shape[1]
    doubled = digits[:, width - 2 :: -2] * 2
    doubled = doubled - 9 * (doubled > 9)
    total = doubled.sum(axis=1, dtype=np.int64) + digits[:, width - 1 :: -2].sum(axis=1, dtype=np.int64)
    return np.asarray(total % 10 == 0)


def luhn_valid_many(numbers: Sequence[str]) -> np.ndarray:
    """bool, shape (n,): ``luhn_valid`` of each. All must have the same length and hold ASCII digits only."""
    digits = _digits(numbers) if numbers else None
    return np.zeros(0, dtype=bool) if digits is None else _luhn(digits)


def _plain(numbers: Sequence[str], rule: IccidRule) -> tuple[np.ndarray, np.ndarray] | None:
    """Of numbers of one width: their digits, and which are digits only behind a prefix of the carrier."""
    digits = _digits(numbers)
    if digits is None:
        return None
    good = (digits <= 9).all(axis=1)
    begins = np.zeros(len(numbers), dtype=bool)
    for prefix in rule.prefixes:
        wanted = np.frombuffer(prefix.encode(), dtype=np.uint8) - _ZERO
        begins |= (digits[:, : len(wanted)] == wanted).all(axis=1)
    return digits, good & begins


def _of_length(raw: Sequence[str], length: int) -> tuple[Sequence[int], Sequence[str]]:
    """Places and values of that length."""
    lengths = list(map(len, raw))
    if lengths.count(length) == len(raw):
        return range(len(raw)), raw
    fits = [own == length for own in lengths]
    return list(compress(range(len(raw)), fits)), list(compress(raw, fits))


def lacks_check_digits(raw: Sequence[str], rule: IccidRule) -> bool | None:
    """Whether the numbers of 19 digits in a column lack their check digit: told by all of them together, for one in ten
    passes by luck. None: there is none, or the carrier's numbers have no check digit."""
    odd = [value for value in raw if len(value) == KEY or not value.isdigit()]
    short = [number for number in map(normalise, odd) if len(number) == KEY]
    found = _plain(short, rule) if short else None
    if found is None or rule.luhn is Severity.OFF or not found[1].any():
        return None
    digits, plain = found
    return bool(_luhn(digits[plain]).mean() <= 0.5)


def check_many(raw: Sequence[str], rule: IccidRule, *, lacking: bool = False) -> dict[int, IccidVerdict]:
    """Place > what ``check`` says, of the values that are not fine as they stand.

    The plain ones (right prefix, right length, digits, Luhn holds) are judged together; only the others one by one.
    """
    fine = np.zeros(len(raw), dtype=bool)
    for length in rule.lengths:
        if lacking and length == KEY:
            continue
        places, numbers = _of_length(raw, length)
        found = _plain(numbers, rule) if numbers else None
        if found is None:
            continue
        digits, plain = found
        if rule.luhn is not Severity.OFF:
            plain &= _luhn(digits)
        fine[np.asarray(places)] = plain
    return {place: check(raw[place], rule, lacking=lacking) for place in np.nonzero(~fine)[0].tolist()}
