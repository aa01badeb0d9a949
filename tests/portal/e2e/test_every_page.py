"""Every page in English: no Chinese beside what people and carriers wrote, and nothing that axe calls serious (GTW-05).

Each is opened once, as the first of the people who have it so. Axe may look in one language: both are drawn by the same
code, English has the longer words, and no name is missing in Chinese only, for English is looked up by the Chinese.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Response, expect

from tests.portal.e2e import axe
from tests.portal.e2e.helpers import Portal
from tests.portal.e2e.test_tables import SCREEN

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]
PEOPLE = ("province", "admin", "city1", "county1")
SHOPS = ("/options/serial_organisations", "/options/serial_transfer_targets")
_CHINESE = re.compile("[\u3001-\u303f\u3400-\u9fff\uff01-\uff5e]")
DATA = re.compile(
    r"(?:^|_)(?:name|by_name|recipient|applicant|reviewer|inspector|operator|contact|remark|reason|opinion|document"
    r"|organisation|maker|model|kind|kind_name|filename|note|login|created_by|released_by|inspected_by|recorded_by|batch_no"
    r"|pool|inspection_remark|release_remark|iccid|place|expected|found|address)$"
)
"""Fields of answers that hold what somebody wrote or is called; all others are the system's own words."""
WHOLE = {path: {"size": 200} for path in ("people", "usage-rules", "serial-organisations")}
OF_PEOPLES_WORDS = ("notices", "jobs")
"""Pages that repeat in sentences what stands elsewhere by itself: opinions, rules, batch numbers. They come last."""
_SHOWN = """() => {
  const shown = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const place = walk.currentNode.parentElement;
    if (place?.getClientRects().length) shown.push(walk.currentNode.data);
  }
  for (const name of ['aria-label', 'title', 'placeholder']) {
    for (const place of document.querySelectorAll(`[${name}]`)) {
      if (place.getClientRects().length) shown.push(place.getAttribute(name));
    }
  }
  return [...new Set(shown.map((text) => text.trim()).filter(Boolean))];
}"""


def written(answer: Any, field: str = "") -> Iterator[str]:
    """What people wrote in an answer of the API, wherever it stands."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            yield from written(value, name)
    elif isinstance(answer, list):
        for value in answer:
            yield from written(value, field)
    elif isinstance(answer, str) and DATA.search(field) and _CHINESE.search(answer):
        yield answer


def people_and_units(stack: "RunningStack") -> set[str]:
    with closing(stack.login("admin")) as admin:
        sources = ("people", "options/units", "usage-rules", "serial-organisations")
        known = {word for path in sources for word in written(admin.get(path, params=WHOLE.get(path)).json())}
    with closing(stack.login("province")) as province:
        forms = province.get("forms", params={"size": 200}).json()["items"]
        opinions = (province.get(f"forms/{form['number']}/log").json() for form in forms)
        return known | {word for log in opinions for word in written(log)}


class Reader:
    """Reads an English window, and knows the words that answers of the API have brought for people's own."""

    def __init__(self, portal: Portal, known: set[str]) -> None:
        self._portal = portal
        self._known = {*known, "中文"}
        self._heard: list[Response] = []
        portal.page.on("response", lambda response: self._heard.append(response))  # noqa: PLW0108  Playwright's wish

    def chinese(self) -> list[str]:
        """Texts on the screen that hold Chinese of the system's own."""
        shown, self._heard[:] = list(self._heard), []
        for response in shown:
            if "/api/v1/" in response.url and "json" in response.headers.get("content-type", ""):
                self._known.update(written(response.json()))
                if response.url.endswith(SHOPS):  # they are called what they are called
                    self._known.update(choice["label"] for choice in response.json())
        names = sorted(self._known, key=len, reverse=True)
        left = []
        for text in self._portal.page.evaluate(_SHOWN):
            rest = text
            for name in names:
                rest = rest.replace(name, "")
            if _CHINESE.search(rest):
                left.append(text)
        return left


def pages_to_open(stack: "RunningStack", login: str, *, seen_by: Sequence[str] = ()) -> list[str]:
    """Every page that this person has, and that nobody of ``seen_by`` has with just the same columns and actions.

    Those that show one thing with one that exists.
    """

    def described(login: str) -> dict[str, Any]:
        with closing(stack.login(login)) as client:
            return client.get(f"{stack.base_url}/api/ui").raise_for_status().json()["pages"]

    others = [described(other) for other in seen_by]
    pages = [key for key, page in described(login).items() if all(other.get(key) != page for other in others)]
    with closing(stack.login(login)) as client:

        def first(path: str, name: str) -> Any:
            answer = client.get(path, params={"size": 1})
            items = answer.json()["items"] if answer.status_code == 200 else []
            return items[0][name] if items else None

        examples = {
            page: value and f"{page}?{name}={value}"
            for name, path, field, wanted in (
                ("number", "forms", "number", ("form", "form-cards")),
                ("iccid", "cards", "iccid", ("card", "bindings")),
                ("id", "deliveries", "id", ("refused-rows", "discrepancies")),
                ("id", "scans", "id", ("scan",)),
            )
            for value in [first(path, field)]
            for page in wanted
        }
    return [address for key in pages if (address := examples.get(key, key))]


def scans_with_findings(stack: "RunningStack", login: str) -> list[str]:
    """A page of each outcome but a pass, as far as there are such."""
    with closing(stack.login(login)) as client:
        answers = [
            client.get("scans", params={"size": 1, "outcome": it}).json() for it in ("differs", "unclear", "refused")
        ]
    return [f"scan?id={scan['id']}" for answer in answers for scan in answer["items"]]


def dialogs_of(stack: "RunningStack", login: str) -> dict[str, list[str]]:
    """Page > labels of the buttons above its table that open a dialog to fill in."""
    with closing(stack.login(login)) as client:
        pages = client.get(f"{stack.base_url}/api/ui", params={"lang": "en"}).raise_for_status().json()["pages"]
    return {
        key: [action["label"] for action in page.get("toolbar", ()) if action.get("fields")]
        for key, page in pages.items()
    }


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("login", PEOPLE)
def test_no_page_in_english_says_chinese_of_its_own_or_shows_anything_serious_to_axe(
    clerk: Callable[..., Portal], running_stack: "RunningStack", login: str
) -> None:
    axe.install()
    portal = clerk(login)
    portal.page.set_viewport_size(SCREEN)
    reader = Reader(portal, people_and_units(running_stack))
    portal.in_english()
    dialogs = dialogs_of(running_stack, login)
    opened = 0
    said: dict[str, list[str]] = {}
    found: dict[str, list[str]] = {}
    seen_by = PEOPLE[: PEOPLE.index(login)]
    addresses = pages_to_open(running_stack, login, seen_by=seen_by) + scans_with_findings(running_stack, login)
    for address in sorted(addresses, key=lambda address: address.startswith(OF_PEOPLES_WORDS)):
        portal.open(address).answered()
        if left := reader.chinese():
            said[address] = left
        if violations := axe.violations(portal.page):
            found[address] = violations
        for label in dialogs.get(address, ()):
            button = portal.page.get_by_role("main").get_by_role("button", name=label, exact=True)
            if not button.count() or not button.first.is_enabled():
                continue
            button.first.click()
            expect(portal.dialog).to_be_visible()
            opened += 1
            if left := reader.chinese():
                said[f"{address}: {label}"] = left
            portal.page.keyboard.press("Escape")
            expect(portal.page.get_by_role("dialog").locator("visible=true")).to_have_count(0)
        portal.page.mouse.move(0, 0)  # off the next page's buttons: axe looks at them as they are without a pointer

    assert said == {}
    assert found == {}
    assert opened >= 1
