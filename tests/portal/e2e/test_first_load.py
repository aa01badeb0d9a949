"""How much a browser has to ask for before the first table stands (GTW-05)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.portal.e2e.helpers import Portal

pytestmark = [pytest.mark.stack, pytest.mark.browser]
MOST_REQUESTS = 20
HELD_BACK = """
window.holdBack = true;
const later = window.setTimeout.bind(window);
const held = [];
const isHeld = (ms) => window.holdBack && (ms === 30 || ms === 500);
window.setTimeout = (act, ms, ...more) => (isHeld(ms) ? held.push(act) : later(act, ms, ...more));
window.goOn = () => { window.holdBack = false; held.forEach((act) => act()); };
"""
"""Keeps the portal from making the rest of its first page (stage.js waits so many milliseconds) until ``goOn()``."""
PLACES = """(sheet) => [...sheet.querySelectorAll('thead th, tbody tr:nth-child(-n+5) td')].map((cell) => {
  const { x, y, width, height } = cell.getBoundingClientRect();
  return [cell.innerText, ...[x, y, width, height].map(Math.round)];
})"""


@pytest.mark.req("GTW-05")
def test_the_first_table_needs_at_most_twenty_requests(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "cards")
    asked: list[str] = []
    portal.page.on("request", lambda request: asked.append(request.url))
    portal.page.reload()
    expect(portal.listing.get_by_role("row").nth(1)).to_be_visible()
    portal.page.wait_for_load_state("networkidle")
    assert len(asked) <= MOST_REQUESTS, asked


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("page", ["cards", "stock-in", "cards-by-state", "notices"])
def test_no_word_moves_when_the_table_replaces_the_first_rows(clerk: Callable[..., Portal], page: str) -> None:
    portal = clerk("province", page)
    portal.page.add_init_script(HELD_BACK)
    portal.page.reload()
    first = portal.page.locator(".first-table")
    expect(first).to_be_visible()
    expect(portal.page.locator(".starting-rows")).to_have_count(0)
    before = first.evaluate(PLACES)

    portal.page.evaluate("goOn()")

    expect(portal.page.locator(".list-table .el-table__body-wrapper").first).to_be_visible()
    expect(portal.listing).to_have_attribute("aria-busy", "false")
    assert portal.listing.evaluate(PLACES) == before
