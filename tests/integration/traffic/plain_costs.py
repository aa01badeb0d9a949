"""What cards cost in a month, card by card in exact fractions: a plain account beside the service's sets."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

MB = 1 << 20


@dataclass(frozen=True)
class PlainTariff:
    fee: Decimal
    included: int
    per_mb: Decimal
    silent_fee: Decimal | None = None
    pool: str = ""
    prorated: bool = False


@dataclass(frozen=True)
class PlainPool:
    size: int | None
    joining_prorated: bool
    leaving_shrinks: bool
    overage: str


@dataclass(frozen=True)
class PlainCard:
    """``days``: in use; ``new``: joined within the month, else left when it has fewer days than the month."""

    iccid: str
    carrier: str
    spec: str
    used: int
    days: int
    new: bool = False


Tariffs = dict[tuple[str, str], PlainTariff]
Pools = dict[tuple[str, str], PlainPool]


def costs(cards: list[PlainCard], tariffs: Tariffs, pools: Pools, length: int) -> dict[str, int]:
    """ICCID > 分."""
    lines: dict[tuple[str, str, str], list[PlainCard]] = defaultdict(list)
    for card in sorted(cards, key=lambda card: card.iccid):
        pool = tariffs[card.carrier, card.spec].pool
        lines[card.carrier, pool, "" if pool else card.spec].append(card)
    dealt: dict[str, int] = {}
    for (carrier, pool, _), members in lines.items():
        exact = _exactly(members, tariffs, pools.get((carrier, pool)), length)
        dealt.update(zip([card.iccid for card in members], _in_fen(exact), strict=True))
    return dealt


def _exactly(members: list[PlainCard], tariffs: Tariffs, agreed: PlainPool | None, length: int) -> list[Fraction]:
    fees, own, weights = [], [], []
    for card in members:
        tariff = tariffs[card.carrier, card.spec]
        by_days = Fraction(card.days, length) if tariff.prorated else Fraction(1)
        silent = tariff.silent_fee is not None and card.used == 0
        fees.append(Fraction(tariff.silent_fee if silent else tariff.fee) * by_days)
        if agreed is not None:
            counted = agreed.joining_prorated if card.new else agreed.leaving_shrinks
            by_days = Fraction(card.days, length) if counted else Fraction(1)
        own.append(tariff.included * by_days)
        weights.append(by_days)
    if agreed is not None and agreed.size is not None:
        own = [agreed.size * weight / sum(weights) for weight in weights]
    beyond = [max(Fraction(0), card.used - part) for card, part in zip(members, own, strict=True)]
    if tariffs[members[0].carrier, members[0].spec].pool:
        shared = max(Fraction(0), sum(card.used for card in members) - sum(own))
        bearing = {"usage": [Fraction(card.used) for card in members], "equal": weights}.get(
            agreed.overage if agreed else "excess", beyond
        )
        beyond = [shared * each / sum(bearing) if shared else Fraction(0) for each in bearing]
    prices = [Fraction(tariffs[card.carrier, card.spec].per_mb) / MB for card in members]
    return [fee + each * price for fee, each, price in zip(fees, beyond, prices, strict=True)]


def _in_fen(amounts: list[Fraction]) -> list[int]:
    """The sum is rounded half up; each gets what is whole of it, the largest remainders what is left."""
    hundredfold = [amount * 100 for amount in amounts]
    whole = [int(amount) for amount in hundredfold]
    left = int(sum(hundredfold) + Fraction(1, 2)) - sum(whole)
    order = sorted(range(len(whole)), key=lambda place: (whole[place] - hundredfold[place], place))
    for place in order[:left]:
        whole[place] += 1
    return whole
