"""Every page in English: no Chinese beside what people and carriers wrote (GTW-05)."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Response, expect

from tests.portal.e2e.helpers import Portal
from tests.portal.e2e.test_tables import pages_to_open

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]
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
@pytest.mark.parametrize(("login", "seen_by"), [("admin", ()), ("city1", ("admin",)), ("county1", ("admin", "city1"))])
def test_no_page_in_english_says_anything_in_chinese_but_what_people_wrote(
    clerk: Callable[..., Portal], running_stack: "RunningStack", login: str, seen_by: tuple[str, ...]
) -> None:
    portal = clerk(login)
    reader = Reader(portal, people_and_units(running_stack))
    portal.in_english()
    dialogs = dialogs_of(running_stack, login)
    opened = 0
    said: dict[str, list[str]] = {}
    addresses = pages_to_open(running_stack, login, seen_by=seen_by) + scans_with_findings(running_stack, login)
    for address in sorted(addresses, key=lambda address: address.startswith(OF_PEOPLES_WORDS)):
        portal.open(address).answered()
        if left := reader.chinese():
            said[address] = left
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

    assert said == {}
    assert opened >= 1
