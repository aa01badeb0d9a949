"""Forms of both workflows in every state, made through REST as clerks make them (issue 4).

The application window is opened for the moment it takes and set back; the smallest number of cards of a termination
form likewise. Sealed paper comes from ``demo_paper``. Does nothing where forms are already.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from deploy.local.demo_client import Demo, DemoError, Someone
from deploy.local.demo_paper import signed_scan

Form = dict[str, Any]

PHONE = "13800001234"
_RULES = {"opens_day": 20, "closes_day": 22, "remind_hours": 24, "minimum_cards": 50}
_OPEN = _RULES | {"opens_day": 1, "closes_day": 32, "minimum_cards": 2}
_CLOSED = _OPEN | {"closes_day": 1}
"""No day at all, so what was applied for is handed over at once: on the 1st no day of the month is over yet."""
_SECONDS = 180.0
_CARDS = 3
_WISHES = (("china_mobile", "plug_in", 420), ("china_mobile", "smd", 160), ("china_unicom", "plug_in", 95))

# Who makes the form, and how far it goes: each state that a form of the kind can have, once.
CITY_OPENINGS = {
    "city1": "province_summarised",
    "city2": "province_summarised",
    "city3": "province_summarised",
    "city4": "city_summarised",
    "city5": "city_reviewing",
    "city6": "city_approved",
    "city7": "sent_back_by_province",
}
_ON_PAPER = "city1"
"""Its form comes back signed and sealed; the others are passed on without paper."""
PROVINCE_OPENINGS = {
    "city1": "submitted_to_internet_department",
    "city2": "province_reviewing",
    "city3": "province_summarised",
}
"""One form of the province for each city that it has summarised."""
COUNTY_TERMINATIONS = (
    ("county1", "drafted"),
    ("county2", "county_reviewing"),
    ("county3", "submitted_to_city"),
    ("county4", "submitted_to_province"),
    ("county5", "sent_back_by_city"),
    ("county6", "sent_back_by_province"),
    ("county7", "submitted_to_internet_department"),
    ("county8", "completed"),
    ("county9", "dissolved"),
)
CITY_TERMINATIONS = (
    ("city1", "drafted"),
    ("city2", "city_reviewing"),
    ("city3", "sent_back_by_province"),
    ("city1", "submitted_to_province"),
    ("city2", "submitted_to_internet_department"),
    ("city3", "completed"),
    ("city1", "dissolved"),
)
"""Only these three cities have cards in the demo."""
_UNSUBMITTED = frozenset({"drafted", "dissolved"})
_NO_PAPER = frozenset({*_UNSUBMITTED, "city_reviewing"})
_OPINIONS = {"pass": "同意销卡", "reject": "请核对卡片明细"}
_UNSEALED = frozenset({"county_reviewing"})
"""Of this one the paper comes back without its seal, so that a newcomer sees what is said then."""


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def work(demo: Demo) -> None:
    """All forms, unless there are some."""
    province = demo.login("province")
    if province.get("forms", size=1)["total"]:
        return
    # Rules that close a window hand it over at once, so it is opened before anything else.
    province.change("activation/window", **_OPEN)
    try:
        handed_over = _apply(demo)
        terminations = _Desk(demo)
        terminations.draft()
        openings = _Openings(demo) if handed_over else None
        if openings:
            openings.draft()
        terminations.submit()
        terminations.return_paper()
        if openings:
            openings.go_round()
        terminations.decide()
    finally:
        province.change("activation/window", **_RULES)
    total = province.get("forms", size=1)["total"]
    _say(f"{total} forms of activations and terminations{'' if handed_over else '; this month is handed over already'}")


def _until(what: str, ready: Callable[[], Any]) -> Any:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if found := ready():
            return found
        time.sleep(0.3)
    raise DemoError(f"{what}: not within {_SECONDS:.0f} s")


def _sealed(someone: Someone, number: str, *, sealed: bool = True) -> dict[str, Any]:
    """Prints, seals, scans and uploads a form that was submitted; the attempt, still being verified."""
    _until(f"the PDF of {number}", lambda: someone.get(f"forms/{number}")["pdf_ready"])
    scan = signed_scan(someone.file(f"forms/{number}/pdf"), sealed=sealed)
    return someone.upload(f"forms/{number}/signed-forms", {}, (f"{number}.pdf", scan))


def _judged(someone: Someone, number: str, attempt: dict[str, Any]) -> None:
    def verdict() -> bool:
        attempts = someone.get(f"forms/{number}/signed-forms")["items"]
        return any(it["attempt_id"] == attempt["attempt_id"] and it["state"] != "verifying" for it in attempts)

    _until(f"the verdict on {number}", verdict)


def _apply(demo: Demo) -> bool:
    """The counties apply for the coming month, and the window closes over them. False when it has done so before."""
    province = demo.login("province")
    if province.get("activation/window")["handed_over"]:
        return False
    counties = [f"county{number}" for number in range(1, 15)]
    for place, login in enumerate(counties):
        for carrier, card_spec, quantity in _WISHES[: 1 + place % 3]:
            wish = {"carrier": carrier, "card_spec": card_spec, "quantity": quantity + 10 * place, "phone": PHONE}
            demo.login(login).post("activation/applications", wish)
    return bool(province.change("activation/window", **_CLOSED)["handed_over"])


class _Openings:
    """The cities' forms and the province's."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._province = demo.login("province")
        self._month = self._province.get("activation/window")["month"]
        self._numbers: dict[str, str] = {}

    def draft(self) -> None:
        """生成申请单 of every city, a third of each line old cards; some go for review."""
        for login, state in CITY_OPENINGS.items():
            city = self._demo.login(login)
            lines = city.get("activation/city-lines", month=self._month, size=200)["items"]
            split = [
                {"line_id": line["id"], "replacement": line["quantity"] // 3,
                 "new_quantity": line["quantity"] - line["quantity"] // 3}
                for line in lines
            ]  # fmt: skip
            body = {"month": self._month, "phone": PHONE, "lines": split}
            self._numbers[login] = city.post("activation/city-forms", body)["form"]["number"]
            if login == _ON_PAPER or state == "city_reviewing":
                city.act("forms/{}/submit-for-review", self._numbers[login])

    def go_round(self) -> None:
        """Each city as far as it goes; what the province has summarised then goes round itself."""
        orders = [self._order(login, state) for login, state in PROVINCE_OPENINGS.items()]
        for login, state in CITY_OPENINGS.items():
            if state in {"city_approved", "sent_back_by_province"}:
                self._pass_on(login)
            if state == "sent_back_by_province":
                opinion = {"opinion": "数量与台账不符，请核对"}
                self._province.act("forms/{}/send-back", self._numbers[login], opinion)
        for number, state in orders:
            if state == "submitted_to_internet_department":
                _judged(self._province, number, _sealed(self._province, number))

    def _order(self, login: str, state: str) -> tuple[str, str]:
        """The province's form of one city's, submitted unless it stays as it is made; its number and ``state``."""
        if login == _ON_PAPER:
            city, form = self._demo.login(login), self._numbers[login]
            _judged(city, form, _sealed(city, form))
        else:
            self._pass_on(login)
        number = self._generate()
        if state != "province_summarised":
            self._province.act("forms/{}/submit-for-review", number)
        return number, state

    def _pass_on(self, login: str) -> None:
        self._demo.login(login).act("forms/{}/submit-to-province", self._numbers[login])

    def _generate(self) -> str:
        body = {"month": self._month, "phone": PHONE, "confirm_missing": True}
        return str(self._province.ask("activation/province-forms", body)["form"]["number"])


class _Desk:
    """Termination forms of counties and cities."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._province = demo.login("province")
        self._forms: list[tuple[Someone, str, str]] = []
        self._attempts: list[tuple[Someone, str, dict[str, Any]]] = []

    def draft(self) -> None:
        """Cards are set aside where there are too few, listed, and made into forms."""
        wanted = [*COUNTY_TERMINATIONS, *CITY_TERMINATIONS]
        for login in dict.fromkeys(login for login, _ in wanted):
            forms = sum(1 for it, _ in wanted if it == login)
            self._set_aside(self._demo.login(login), forms * _CARDS + 2)
        for login, state in wanted:
            someone = self._demo.login(login)
            iccids = [card["iccid"] for card in self._pending(someone)][:_CARDS]
            someone.ask("termination/list", {"iccids": iccids})
            form = someone.ask("termination/forms", {"phone": PHONE, "iccids": iccids})["form"]
            self._forms.append((someone, form["number"], state))

    def _pending(self, someone: Someone) -> list[dict[str, Any]]:
        found = someone.get("termination/pending-scrap", unit=someone.unit, unit_exact=True, size=100)
        return list(found["items"])

    def _set_aside(self, someone: Someone, count: int) -> None:
        """Marks cards of its own stock 待报废 until there are enough."""
        missing = count - len(self._pending(someone))
        if missing > 0:
            own = {"owner_unit": someone.unit, "unit_exact": True, "state": "in_stock", "size": missing}
            iccids = [card["iccid"] for card in someone.get("cards", **own)["items"]]
            someone.post("cards/mark-pending-scrap", {"iccids": iccids, "reason": "卡体老化"})
        _until(f"pending cards of {someone.name}", lambda: len(self._pending(someone)) >= count)

    def _those(self, states: Iterable[str], *, beside: bool = False) -> list[tuple[Someone, str, str]]:
        chosen = set(states)
        return [it for it in self._forms if (it[2] in chosen) != beside]

    def submit(self) -> None:
        """作废 of those that end here, 提交审核 of the others once their cards are 销卡中."""
        for someone, number, _ in self._those(["dissolved"]):
            someone.act("termination/forms/{}/dissolve", number)
        for someone, number, _ in self._those(_UNSUBMITTED, beside=True):
            _until(f"the cards of {number}", partial(_may, someone, number, "submit_for_review"))
            someone.act("forms/{}/submit-for-review", number)

    def return_paper(self) -> None:
        """All scans go in before the first verdict is waited for."""
        for someone, number, state in self._those(_NO_PAPER, beside=True):
            attempt = _sealed(someone, number, sealed=state not in _UNSEALED)
            self._attempts.append((someone, number, attempt))

    def decide(self) -> None:
        """The cities review the counties' forms, the province what reaches it, the carrier answers."""
        for someone, number, attempt in self._attempts:
            _judged(someone, number, attempt)
        for someone, number, state in self._those([*_NO_PAPER, *_UNSEALED, "submitted_to_city"], beside=True):
            if len(someone.unit) > len("9901"):
                verdict = "reject" if state == "sent_back_by_city" else "pass"
                judged = {"verdict": verdict, "opinion": _OPINIONS[verdict]}
                self._city_of(someone).act("termination/forms/{}/city-review", number, judged)
        self._review("pass", ["submitted_to_internet_department", "completed"])
        self._review("reject", ["sent_back_by_province"])
        for _, number, _ in self._those(["completed"]):
            self._province.ask(f"termination/forms/{number}/answers", {"others_done": True})

    def _city_of(self, county: Someone) -> Someone:
        return self._demo.login(f"city{int(county.unit[2:4])}")

    def _review(self, verdict: str, states: list[str]) -> None:
        forms = [
            {"number": number, "version": self._province.get(f"forms/{number}")["version"]}
            for _, number, _ in self._those(states)
        ]
        judged = {"forms": forms, "verdict": verdict, "opinion": _OPINIONS[verdict]}
        self._province.ask("termination/reviews", judged)


def _may(someone: Someone, number: str, action: str) -> bool:
    return action in someone.get(f"forms/{number}")["can"]
