"""What cards cost in a month (TRF-05, TRF-09, TRF-10). Pure: no database, no clock.

Amounts are exact fractions until the one rounding point: a line of the carrier's bill, to 分. A line's amount is then
dealt out to its cards in whole 分 by largest remainder, so that cards, cities and province add up to the bill whatever
the grouping. Who comes first among equals is decided by ICCID: the order of the cards changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from kernel.model.period import next_month

MB = 1 << 20
FEN = Decimal("0.01")


class RatingError(ValueError):
    """Tariffs or cards that cannot be rated; says which."""


@dataclass(frozen=True)
class Tariff:
    """Of a carrier's cards of one specification, valid on days ``[valid_from, valid_to)``. Yuan; bytes.

    ``per_mb``: price of a MB beyond ``included``. ``pool``: cards of the carrier with the same pool share what is
    included, whatever their specification. ``prorated``: a card pays for the days that it was in use, with its share of
    what is included; else each month whole. ``silent_fee``: takes the place of the fee in a month without use.
    ``number``: by which a charge names it.
    """

    carrier: str
    card_spec: str
    valid_from: date
    monthly_fee: Decimal
    included: int
    per_mb: Decimal
    valid_to: date | None = None
    pool: str | None = None
    prorated: bool = False
    silent_fee: Decimal | None = None
    number: int | None = None

    def fee(self, card: "CardMonth") -> Decimal:
        """Of the whole month."""
        return self.silent_fee if self.silent_fee is not None and card.usage == 0 else self.monthly_fee

    def holds(self, carrier: str, card_spec: str, day: date) -> bool:
        ends = self.valid_to is not None and day >= self.valid_to
        return (self.carrier, self.card_spec) == (carrier, card_spec) and self.valid_from <= day and not ends

    @property
    def line(self) -> "Line":
        """The line of the bill on which its cards stand."""
        return Line(self.carrier, self.pool or "", "" if self.pool else self.card_spec)


@dataclass(frozen=True, order=True)
class Line:
    """A line of a carrier's bill: a pool, or a specification's cards without one."""

    carrier: str
    pool: str
    card_spec: str


@dataclass(frozen=True)
class CardMonth:
    """``usage``: bytes of the month. ``days``: days of the month on which it was in use."""

    iccid: str
    unit: str
    carrier: str
    card_spec: str
    usage: int
    days: int


@dataclass(frozen=True)
class Why:
    """How a charge came about: exact amounts before rounding, in yuan; bytes.

    ``share``: of the month that is paid for. ``included``: the card's own part; ``beyond``: what is charged for, after
    the pool. ``exact``: fee and what is beyond.
    """

    tariff: Tariff
    share: Fraction
    fee: Fraction
    included: Fraction
    beyond: Fraction
    exact: Fraction


@dataclass(frozen=True)
class Charge:
    """What one card costs in a month, in 分."""

    iccid: str
    unit: str
    line: Line
    fen: int
    card: CardMonth | None = field(default=None, compare=False, repr=False)
    why: Why | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Entry:
    """A charge as it was posted. ``about``: the month that it is for; ``posted_in``: the month whose bill has it.

    ``number`` rises; ``corrects``: the entry of the same card and month before it, None for the first.
    """

    number: int
    iccid: str
    unit: str
    line: Line
    about: str
    posted_in: str
    fen: int
    corrects: int | None = None


def tariff_of(tariffs: Iterable[Tariff], card: CardMonth, month: str) -> Tariff:
    """The one tariff that holds on the month's first day. Raises RatingError for none or several."""
    first = date.fromisoformat(f"{month}-01")
    found = [tariff for tariff in tariffs if tariff.holds(card.carrier, card.card_spec, first)]
    if len(found) != 1:
        raise RatingError(f"{len(found)} tariffs for {card.carrier} {card.card_spec} on {first}")
    return found[0]


def rate(tariffs: Sequence[Tariff], cards: Iterable[CardMonth], month: str) -> list[Charge]:
    """Each card's charge, by ICCID.

    Raises RatingError for a card named twice, a missing tariff, a pool of two prices.
    """
    lines: dict[Line, list[tuple[CardMonth, Tariff]]] = defaultdict(list)
    kinds: dict[tuple[str, str], Tariff] = {}
    seen: set[str] = set()
    for card in cards:
        if card.iccid in seen:
            raise RatingError(f"{card.iccid} stands there twice")
        seen.add(card.iccid)
        kind = (card.carrier, card.card_spec)
        if kind not in kinds:
            kinds[kind] = tariff_of(tariffs, card, month)
        lines[kinds[kind].line].append((card, kinds[kind]))
    charges = [charge for line, members in lines.items() for charge in _line(line, members, month)]
    return sorted(charges, key=lambda charge: charge.iccid)


def _line(line: Line, members: Sequence[tuple[CardMonth, Tariff]], month: str) -> list[Charge]:
    prices = {tariff.per_mb for _, tariff in members}
    if len(prices) > 1:
        raise RatingError(f"pool {line.pool} of {line.carrier} has several prices beyond what is included")
    members = sorted(members, key=lambda member: member[0].iccid)
    shares = [_share(card, tariff, month) for card, tariff in members]
    included = [tariff.included * share for (_, tariff), share in zip(members, shares, strict=True)]
    beyond = [max(Fraction(0), card.usage - own) for (card, _), own in zip(members, included, strict=True)]
    if line.pool:
        shared = max(Fraction(0), sum(card.usage for card, _ in members) - sum(included, Fraction(0)))
        over = sum(beyond, Fraction(0))
        beyond = [each * shared / over if over else Fraction(0) for each in beyond]
    per_byte = Fraction(prices.pop()) / MB
    whys = []
    for (card, tariff), share, own, each in zip(members, shares, included, beyond, strict=True):
        fee = Fraction(tariff.fee(card)) * share
        whys.append(Why(tariff, share, fee, own, each, fee + each * per_byte))
    rounded = in_fen([why.exact for why in whys])
    return [
        Charge(card.iccid, card.unit, line, fen, card, why)
        for (card, _), fen, why in zip(members, rounded, whys, strict=True)
    ]


def _share(card: CardMonth, tariff: Tariff, month: str) -> Fraction:
    """Which part of the month the card pays for."""
    length = (date.fromisoformat(f"{next_month(month)}-01") - date.fromisoformat(f"{month}-01")).days
    if not 0 <= card.days <= length:
        raise RatingError(f"{card.iccid} has {card.days} days in {month}")
    return Fraction(card.days, length) if tariff.prorated else Fraction(1)


def in_fen(amounts: Sequence[Fraction]) -> list[int]:
    """Amounts in yuan as whole 分 that add up to their sum, which is rounded half up: the only rounding there is.

    Each gets what is whole of it; what is left goes to the largest remainders, the first of equals first.
    """
    exact = [amount * 100 for amount in amounts]
    total = sum(exact, Fraction(0))
    rounded = (total + Fraction(1, 2)).__floor__()
    whole = [amount.__floor__() for amount in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], place))
    for place in by_remainder[: rounded - sum(whole)]:
        whole[place] += 1
    return whole


def yuan(fen: int) -> Decimal:
    """For people."""
    return (Decimal(fen) / 100).quantize(FEN, ROUND_HALF_UP)


def by_unit(charges: Iterable[Charge | Entry], length: int) -> dict[str, int]:
    """分 per unit of the level whose codes have ``length`` digits; units above it stand for themselves."""
    sums: dict[str, int] = defaultdict(int)
    for charge in charges:
        sums[charge.unit[:length]] += charge.fen
    return dict(sums)


def post(ledger: Sequence[Entry], charges: Iterable[Charge], about: str, posted_in: str) -> list[Entry]:
    """The entries that make ``ledger`` say ``charges`` of the month ``about``; nothing where it says so already.

    ``posted_in`` is ``about`` for a month that is not closed, a later open month for one that is. A card that costs
    nothing any more, or stands on another line or in another unit, is taken back by an entry of its own.
    """
    if posted_in < about:
        raise RatingError(f"{about} cannot be corrected in {posted_in}")
    said: dict[tuple[str, str, Line], int] = defaultdict(int)
    last: dict[str, int] = {}
    number = max((entry.number for entry in ledger), default=0)
    for entry in sorted(ledger, key=lambda entry: entry.number):
        if entry.about == about:
            said[entry.iccid, entry.unit, entry.line] += entry.fen
            last[entry.iccid] = entry.number
    wanted = {(charge.iccid, charge.unit, charge.line): charge.fen for charge in charges}
    posted: list[Entry] = []
    for key in sorted({*said, *wanted}):
        difference = wanted.get(key, 0) - said.get(key, 0)
        if difference:
            number += 1
            iccid, unit, line = key
            posted.append(Entry(number, iccid, unit, line, about, posted_in, difference, last.get(iccid)))
            last[iccid] = number
    return posted


def as_billed(ledger: Iterable[Entry], month: str) -> list[Entry]:
    """What stands on the bill of ``month``: its own charges, and corrections of earlier months."""
    return [entry for entry in ledger if entry.posted_in == month]


def as_known(ledger: Iterable[Entry], month: str) -> list[Entry]:
    """What is known today of the cost of ``month``, whichever bill has it."""
    return [entry for entry in ledger if entry.about == month]
