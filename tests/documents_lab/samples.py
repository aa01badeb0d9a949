"""Invented contents of all six kinds of form, deterministic from a seed."""

import random
from datetime import date, timedelta
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.documents.forms.content import (
    Box,
    BoxLabels,
    CityDemand,
    CityOpeningForm,
    CitySituation,
    CityTerminationForm,
    CountyDemand,
    CountyTerminationForm,
    FormContent,
    ProvinceOpeningForm,
    Swap,
    SwapListForm,
    TerminatedCard,
)
from services.documents.forms.issuing import IssuedForm, issue

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CARRIERS = {"中国移动": "898600", "中国联通": "898601", "中国电信": "898603"}
SPECS = ("插拔卡", "贴片卡", "Nano卡", "eSIM卡", "M2M贴片")
CITIES = ("东江市供电公司", "西岭市供电公司", "南湖市供电公司", "北川市供电公司", "临海市供电公司")
COUNTIES = (
    "东江城区供电公司", "青石县供电公司", "白沙县供电公司", "云溪区供电公司", "长桥县供电公司", "龙泉县供电公司"
)  # fmt: skip
PEOPLE = ("王建国", "李晓燕", "张志强", "刘芳", "陈思远", "赵敏", "孙立平", "周海涛")
REASONS = ("终端拆除", "长期停用", "损坏更换", "欠费停机", "设备改造", "用户销户")
KINDS = (
    "city_opening", "province_opening", "county_termination", "city_termination", "swap_list", "box_labels",
)  # fmt: skip


def _common(rng: random.Random, kind: str, unit: str) -> dict:
    letters = {"city_opening": "KS", "province_opening": "KP", "county_termination": "XC"}
    month, serial = f"2026{rng.randrange(1, 13):02d}", f"{rng.randrange(1000):03d}"
    number = f"{letters.get(kind, 'XS')}-99{rng.randrange(1, 13):02d}-{month}-{serial}"
    return {
        "number": number,
        "revision": rng.choice((1, 1, 1, 2)),
        "unit": unit,
        "issued_on": date(2026, 1, 1) + timedelta(days=rng.randrange(340)),
        "applicant": rng.choice(PEOPLE),
        "phone": _phone(rng),
    }


def _phone(rng: random.Random) -> str:
    return rng.choice(("138", "159", "186", "177")) + f"{rng.randrange(10**8):08d}"


def _month(rng: random.Random) -> str:
    return f"2026-{rng.randrange(1, 13):02d}"


def _demands(rng: random.Random, lines: int) -> tuple[CityDemand, ...]:
    return tuple(
        CityDemand(
            carrier=rng.choice(tuple(CARRIERS)),
            card_spec=rng.choice(SPECS),
            replacement=rng.randrange(400),
            new=rng.randrange(9000),
        )
        for _ in range(lines)
    )


def _cards(rng: random.Random, count: int) -> tuple[TerminatedCard, ...]:
    start = rng.randrange(10**11)
    cards = []
    for at in range(count):
        carrier = rng.choice(tuple(CARRIERS))
        cards.append(
            TerminatedCard(
                iccid=CARRIERS[carrier] + f"{start + at * rng.randrange(1, 9) * 1000 + at:014d}"[-14:],
                msisdn=f"1064{rng.randrange(10**9):09d}",
                carrier=carrier,
                card_spec=rng.choice(SPECS),
                reason=rng.choice(REASONS),
            )
        )
    return tuple({card.iccid: card for card in cards}.values())


def sample_content(kind: str, seed: int, size: int = 0) -> FormContent:
    """An invented form. `size` sets the number of cards, swaps or boxes; 0 chooses one of one to three pages."""
    rng = random.Random(f"{kind}/{seed}")
    if kind == "city_opening":
        counties = tuple(
            CountyDemand(
                unit=rng.choice(COUNTIES), carrier=d.carrier, card_spec=d.card_spec, quantity=rng.randrange(1, 3000),
                applicant=rng.choice(PEOPLE), phone=_phone(rng),
            )
            for d in _demands(rng, size or rng.randrange(5, 30))
        )  # fmt: skip
        common = _common(rng, kind, rng.choice(CITIES))
        demands = _demands(rng, rng.randrange(2, 8))
        return CityOpeningForm(**common, month=_month(rng), demands=demands, counties=counties)
    if kind == "province_opening":
        cities = tuple(
            CitySituation(
                unit=unit, devices=rng.randrange(10**6), cards_now=rng.randrange(10**6),
                not_activated=rng.randrange(10**4), demands=_demands(rng, rng.randrange(2, 6)),
            )
            for unit in CITIES[: size or 5]
        )  # fmt: skip
        return ProvinceOpeningForm(**_common(rng, kind, "示范省电力公司"), month=_month(rng), cities=cities)
    if kind == "swap_list":
        return _swap_list(rng, size or rng.randrange(5, 50))
    if kind == "box_labels":
        return _labels(rng, size or rng.randrange(3, 14))
    model = CountyTerminationForm if kind == "county_termination" else CityTerminationForm
    unit = rng.choice(COUNTIES if kind == "county_termination" else CITIES)
    return model(**_common(rng, kind, unit), cards=_cards(rng, size or rng.randrange(51, 85)))


def _swap_list(rng: random.Random, count: int) -> SwapListForm:
    sold = date(2026, 3, 1) + timedelta(days=rng.randrange(200))
    swaps = tuple(
        Swap(
            returned=f"86{rng.randrange(10**13):013d}", replacement=f"86{rng.randrange(10**13):013d}",
            model=rng.choice(("M2-4G", "C20 Pro", "K7-NB", "T300")), sold_on=sold,
            swapped_on=sold + timedelta(days=rng.randrange(1, 15)),
        )
        for _ in range(count)
    )  # fmt: skip
    return SwapListForm(**_common(rng, "swap_list", rng.choice(CITIES)), organisation="城东一级库存组织", swaps=swaps)


def _labels(rng: random.Random, count: int) -> BoxLabels:
    boxes = []
    for at in range(count):
        carrier = rng.choice(tuple(CARRIERS))
        first = rng.randrange(10**13)
        boxes.append(
            Box(
                number=f"B2026{rng.randrange(10**4):04d}-{at + 1:02d}", carrier=carrier, card_spec=rng.choice(SPECS),
                month=_month(rng), first=CARRIERS[carrier] + f"{first:014d}",
                last=CARRIERS[carrier] + f"{first + 499:014d}", quantity=500,
            )
        )  # fmt: skip
    return BoxLabels(**_common(rng, "box_labels", "示范省电力公司"), boxes=tuple(boxes))


@lru_cache(maxsize=256)
def sample_form(kind: str, seed: int, size: int = 0) -> IssuedForm:
    """The issued form of `sample_content`, signed with the laboratory's key."""
    return issue(sample_content(kind, seed, size), KEY)
