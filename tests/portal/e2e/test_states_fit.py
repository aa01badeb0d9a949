"""A state is read whole in every list, whatever it is, in Chinese and in English (GTW-05).

Which states stand in a list depends on what has happened. Here each list is given one row for every word of its states:
only the answer of the list is made by the test, the page is drawn as ever.
"""

import json
import re
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Route, expect

from tests.portal.e2e.helpers import Portal
from tests.portal.e2e.test_tables import SCREEN

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]
PEOPLE = ("admin", "city1", "county1")
_CUT = """() => [...document.querySelectorAll('main td .el-tag')].flatMap((tag) => {
  const room = tag.closest('.cell').getBoundingClientRect(), word = tag.getBoundingClientRect();
  const inner = tag.firstElementChild || tag;
  const whole = word.right <= room.right && word.left >= room.left && inner.scrollWidth <= inner.clientWidth + 1;
  return whole && word.height < 30 ? [] : [tag.textContent];
})"""


def _rows(page: dict[str, Any], options: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for every word of the page's states."""
    tags = [column for column in page["columns"] if column.get("kind") == "tag" and column.get("options") in options]
    count = max((len(options[column["options"]]) for column in tags), default=0)
    return [
        {page["row_key"]: f"{at}"} | {
            column["name"]: options[column["options"]][at % len(options[column["options"]])]["value"]
            for column in tags
        }
        for at in range(count)
    ]  # fmt: skip


def _pages(stack: "RunningStack", login: str) -> tuple[dict[str, Any], dict[str, Any]]:
    with closing(stack.login(login)) as client:
        ui = client.get(f"{stack.base_url}/api/ui").raise_for_status().json()
    return ui["pages"], ui["options"]


def _answering(content: dict[str, Any]) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=200, content_type="application/json", body=json.dumps(content))


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("language", ["中文", "English"])
def test_no_state_is_cut_in_any_list(
    clerk: Callable[..., Portal], running_stack: "RunningStack", language: str
) -> None:
    cut: dict[str, list[str]] = {}
    seen: set[str] = set()
    for login in PEOPLE:
        portal = clerk(login, "home")
        portal.page.set_viewport_size(SCREEN)
        if language == "English":
            portal.in_english()
        cut |= _cut_words(portal, running_stack, login, seen)

    assert len(seen) >= 20
    assert cut == {}


def _cut_words(portal: Portal, stack: "RunningStack", login: str, seen: set[str]) -> dict[str, list[str]]:
    """Page > its states that are not read whole; of the pages that nobody has ``seen`` yet."""
    pages, options = _pages(stack, login)
    cut = {}
    for key, page in pages.items():
        rows = _rows(page, options) if page.get("source") and key not in seen else []
        if not rows:
            continue
        address = re.compile(r"/api/v1" + re.sub(r"\{\w+\}", "[^/?]*", page["source"]) + r"(\?|$)")
        portal.page.route(address, _answering({"items": rows, "total": len(rows), "total_is": "exact"}))
        portal.open(key)
        expect(portal.page.get_by_role("main").get_by_role("row").nth(len(rows))).to_be_attached()
        expect(portal.page.get_by_role("main").locator("[aria-busy=true]")).to_have_count(0)
        seen.add(key)
        if words := _cut_for_long(portal):
            cut[key] = words
        portal.page.unroute(address)
    return cut


def _cut_for_long(portal: Portal) -> list[str]:
    """What is still cut when the columns have had time to take the widths of what came."""
    for _ in range(20):
        words: list[str] = portal.page.evaluate(_CUT)
        if not words:
            break
        portal.page.wait_for_timeout(100)
    return words
