"""How much a browser has to ask for before the first table stands (GTW-05)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.portal.e2e.helpers import Portal

pytestmark = [pytest.mark.stack, pytest.mark.browser]
MOST_REQUESTS = 20


@pytest.mark.req("GTW-05")
def test_the_first_table_needs_at_most_twenty_requests(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "cards")
    asked: list[str] = []
    portal.page.on("request", lambda request: asked.append(request.url))
    portal.page.reload()
    expect(portal.listing.get_by_role("row").nth(1)).to_be_visible()
    portal.page.wait_for_load_state("networkidle")
    assert len(asked) <= MOST_REQUESTS, asked
