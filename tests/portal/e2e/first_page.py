"""The tiles of 首页 and what their numbers open."""

import re

from playwright.sync_api import Locator, expect

from tests.portal.e2e.helpers import Portal


def tile(portal: Portal, name: str) -> Locator:
    found = portal.page.get_by_role("region", name=name, exact=True)
    expect(found).to_be_visible()
    return found


def digits(text: str) -> int:
    (number,) = re.findall(r"[\d,]+", text)
    return int(number.replace(",", ""))


def opens(portal: Portal, link: Locator, *, total: str = "count") -> None:
    """``total``: "count": as many lines as the number said; else the name of the column that sums up to it."""
    number = digits(link.inner_text())
    assert number > 0
    link.click()
    if total == "count":
        portal.expect_total(number)
    else:
        portal.total()
        foot = portal.listing.get_by_role("row").filter(has_text="合计").last
        assert digits(portal.number(foot, total).inner_text()) == number
    portal.page.go_back()
