"""The windows of two tests may share a browser's profile: the second finds nothing of the first in it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.portal.e2e.helpers import Portal

pytestmark = [pytest.mark.stack, pytest.mark.browser]
_used: list[BrowserContext] = []
_KEEP = "() => { localStorage.setItem('of the first', '1'); sessionStorage.setItem('of the first', '1'); }"
_KEPT = "() => [localStorage, sessionStorage].flatMap((store) => Object.keys(store))"


@pytest.mark.parametrize("test", ["first", "second"])
def test_a_window_begins_without_login_storage_or_second_page(window: Callable[[], Portal], test: str) -> None:
    portal = window().open("cards")
    profile = portal.page.context
    expect(portal.page.get_by_role("form", name="登录")).to_be_visible()
    assert not {"of the first", "simkeep.session", "simkeep.until"} & set(portal.page.evaluate(_KEPT))
    assert profile.cookies() == []
    assert len(profile.pages) == 1
    assert test == "first" or profile in _used

    portal.log_in("county1")
    expect(portal.menu).to_be_visible()
    assert profile.cookies()
    portal.page.evaluate(_KEEP)
    portal.beside("cards")
    _used.append(profile)
