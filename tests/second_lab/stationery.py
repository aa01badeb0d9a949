"""Forms of all six kinds with an invented province's words, issued by the service's own code with a key of ours."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.documents.forms.content import TITLES, FormContent, parse_content
from services.documents.forms.drawing import draw
from services.documents.forms.fonts import POINT_MM, width_mm
from services.documents.forms.issuing import IssuedForm, issue
from services.documents.forms.sheet import Cell, Sheet
from tests.second_lab.papers import Random

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(7, 39)))
UNITS = (
    "溪口县供电局",
    "东未区供电分公司",
    "青石市供电局",
    "北干山县供电有限公司",
    "白土镇供电所",
    "己水县供电局",
    "天门岭市供电公司",
)
CARRIERS = ("中国移动", "中国电信", "中国联通")
SPECS = ("贴片卡", "插拔卡", "MS0-宽温卡", "工业级贴片", "NB卡", "普通卡（大）")
REASONS = ("终端损坏", "用户销户", "线路迁移", "未使用", "信号弱", "换运营商", "重复办理")
PEOPLE = ("申大伟", "于小末", "田玉", "林士元", "方明", "白王华")
SIGNED = ("city_opening", "province_opening", "county_termination", "city_termination", "swap_list")
Box = tuple[float, float, float, float]


def _pick(rng: Random, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(0, len(words)))]


def _digits(rng: Random, count: int) -> str:
    return "".join(str(d) for d in rng.integers(0, 10, count))


def _demands(rng: Random, count: int) -> list[dict[str, object]]:
    return [
        {"carrier": _pick(rng, CARRIERS), "card_spec": _pick(rng, SPECS), "replacement": int(rng.integers(0, 900)),
         "new": int(rng.integers(1, 9000))}
        for _ in range(count)
    ]  # fmt: skip


def _city_opening(rng: Random) -> dict[str, object]:
    counties = [
        {"unit": _pick(rng, UNITS), "carrier": _pick(rng, CARRIERS), "card_spec": _pick(rng, SPECS),
         "quantity": int(rng.integers(1, 3000)), "applicant": _pick(rng, PEOPLE), "phone": "1" + _digits(rng, 10)}
        for _ in range(int(rng.integers(0, 12)))
    ]  # fmt: skip
    return {
        "month": f"2026-{rng.integers(1, 13):02}",
        "demands": _demands(rng, int(rng.integers(2, 7))),
        "counties": counties,
    }


def _province_opening(rng: Random) -> dict[str, object]:
    cities = [
        {"unit": f"{_pick(rng, UNITS)[:3]}{chr(0x4E00 + int(rng.integers(1, 9)))}市供电局",
         "devices": int(rng.integers(1e4, 9e5)),
         "cards_now": int(rng.integers(1e4, 9e5)), "not_activated": int(rng.integers(0, 9000)),
         "demands": _demands(rng, int(rng.integers(1, 4)))}
        for _ in range(int(rng.integers(2, 4)))
    ]  # fmt: skip
    return {"month": f"2026-{rng.integers(1, 13):02}", "cities": cities}


def _termination(rng: Random) -> dict[str, object]:
    cards = [
        {"iccid": "8986" + _digits(rng, 16), "msisdn": "1440" + _digits(rng, 9), "carrier": _pick(rng, CARRIERS),
         "card_spec": _pick(rng, SPECS[:5]), "reason": _pick(rng, REASONS)}
        for _ in range(int(rng.integers(4, 36)))
    ]  # fmt: skip
    return {"cards": cards}


def _swap_list(rng: Random) -> dict[str, object]:
    swaps = [
        {"returned": _digits(rng, 15), "replacement": _digits(rng, 15), "model": f"TDZ-{_digits(rng, 4)}",
         "sold_on": f"2025-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}",
         "swapped_on": f"2026-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}"}
        for _ in range(int(rng.integers(4, 24)))
    ]  # fmt: skip
    return {"organisation": "省计量中心一号库", "swaps": swaps}


def _box_labels(rng: Random) -> dict[str, object]:
    boxes = []
    for at in range(int(rng.integers(2, 8))):
        first = int("8986" + _digits(rng, 12))
        count = int(rng.choice([200, 500, 1000]))
        boxes.append({"number": f"BX-{_digits(rng, 6)}-{at:02}", "carrier": _pick(rng, CARRIERS),
                      "card_spec": _pick(rng, SPECS), "month": "2026-05", "first": f"{first}0000",
                      "last": f"{first}{count - 1:04}", "quantity": count})  # fmt: skip
    return {"boxes": boxes}


_MAKERS: dict[str, Callable[[Random], dict[str, object]]] = {
    "city_opening": _city_opening,
    "province_opening": _province_opening,
    "county_termination": _termination,
    "city_termination": _termination,
    "swap_list": _swap_list,
    "box_labels": _box_labels,
}


@lru_cache(maxsize=16)
def form_of(kind: str, seed: int, revision: int = 1) -> IssuedForm:
    """The form of this kind and seed; another revision has the same number and its last rows changed."""
    rng = np.random.default_rng([77, sorted(_MAKERS).index(kind), seed])
    common = {
        "kind": kind, "number": f"{'XK' if 'open' in kind else 'TK'}-2026{_digits(rng, 4)}-{seed:03}",
        "revision": revision,
        "unit": _pick(rng, UNITS), "issued_on": f"2026-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}",
        "applicant": _pick(rng, PEOPLE), "phone": "1" + _digits(rng, 10),
    }  # fmt: skip
    if revision > 1:
        common["applicant"] = "白王华" if common["applicant"] != "白王华" else "方明"
    return issue(_content({**common, **_MAKERS[kind](rng)}), KEY)


def _content(record: dict[str, object]) -> FormContent:
    import orjson  # noqa: PLC0415

    return parse_content(orjson.dumps(record))


def redrawn(
    form: IssuedForm, edit: Callable[[int, Cell], Cell | None], *, more: dict[int, list[Cell]] | None = None
) -> bytes:
    """The form's PDF as a forger's editor writes it: codes kept, cells changed (None: gone), `more` cells by page."""
    sheets = []
    for page, sheet in enumerate(form.layout.sheets, start=1):
        cells = [changed for cell in sheet.cells if (changed := edit(page, cell)) is not None]
        sheets.append(Sheet([*cells, *(more or {}).get(page, [])], sheet.rules, sheet.areas, sheet.codes))
    layout = form.layout
    return draw(replace(layout, sheets=sheets), TITLES[layout.kind])


def box_of(cell: Cell) -> Box:
    """Where a cell's line of type lies, mm."""
    tall = cell.size * POINT_MM
    return cell.x, cell.y - tall * 0.88, width_mm(cell.text, cell.size), tall * 1.1


def glyph_box(cell: Cell, at: int) -> Box:
    """Where one character of a cell lies, mm."""
    start = cell.x + width_mm(cell.text[:at], cell.size)
    tall = cell.size * POINT_MM
    return start, cell.y - tall * 0.78, width_mm(cell.text[at], cell.size), tall * 0.82


def with_text(cell: Cell, text: str) -> Cell:
    return replace(cell, text=text)
