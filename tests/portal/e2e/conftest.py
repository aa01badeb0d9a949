"""A Chromium for the tests, and windows of it for the clerks of the demo province."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from deploy.local import packages
from deploy.local.demo_paper import signed_scan
from gateway.portal import assets
from tests.portal.e2e.helpers import Portal

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    # No window lives long enough for its scripts to be worth optimising; that cost a sixth of the renderers' CPU.
    "--js-flags=--no-opt,--no-maglev",
]  # fmt: skip
# A busy machine is slow; a wrong page stays wrong for longer.
_TIMEOUT_MS = 20_000
expect.set_options(timeout=_TIMEOUT_MS)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Not for the whole session: Playwright keeps an event loop running in this thread, others start theirs."""
    executable = packages.browser() or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def profiles(browser: Browser) -> list[BrowserContext]:
    """Profiles that no test uses now. They have an empty window, the portal's files in their caches and nothing else
    (``_forget``): a profile that is new to the portal costs half as much CPU again."""
    return []


def _new_profile(browser: Browser) -> BrowserContext:
    profile = browser.new_context(
        locale="zh-CN", viewport={"width": 1440, "height": 900}, accept_downloads=True, reduced_motion="reduce"
    )
    profile.set_default_timeout(_TIMEOUT_MS)
    return profile


def _forget(profile: BrowserContext, base_url: str) -> None:
    """Leaves one empty window, and takes away what the others stored: cookies and storage. What is cached by address
    stays; and as one of the old windows opens the new one, the process that has read the portal's scripts stays too."""
    there = profile.pages
    if there and there[0].url.startswith(base_url):
        there[0].evaluate("() => sessionStorage.clear()")  # else the new window gets a copy
        with there[0].expect_popup() as opening:
            there[0].evaluate("() => { window.open('about:blank'); }")
        blank = opening.value
    else:
        blank = profile.new_page()
    for page in there:
        page.close()
    profile.clear_cookies()
    everything = {"origin": base_url, "storageTypes": "cookies,local_storage,indexeddb,service_workers,cache_storage"}
    profile.new_cdp_session(blank).send("Storage.clearDataForOrigin", everything)


@pytest.fixture
def window(
    browser: Browser, profiles: list[BrowserContext], running_stack: "RunningStack"
) -> Iterator[Callable[[], Portal]]:
    """Call it for a window without a login, as if nobody had been here before. Nothing may go wrong in any of them
    behind the test's back."""
    assets.install()
    opened: list[Portal] = []
    used: list[BrowserContext] = []

    def new() -> Portal:
        used.append(profiles.pop() if profiles else _new_profile(browser))
        page = used[-1].pages[0] if used[-1].pages else used[-1].new_page()
        opened.append(Portal(page, running_stack.base_url, running_stack.password))
        return opened[-1]

    yield new
    for profile in used:
        _forget(profile, running_stack.base_url)
    profiles += used
    assert [fault for portal in opened for fault in portal.faults] == []


@pytest.fixture
def clerk(window: Callable[[], Portal]) -> Callable[..., Portal]:
    """``clerk("county1", "cards?state=in_stock")``: a window in which he is logged in, at that page."""
    return lambda login, address="": window().enter(login, address)


@pytest.fixture
def scans(tmp_path: Path) -> Callable[..., Path]:
    """``scans(pdf)``: the file of its signed paper; ``sealed=False``: somebody forgot the seal."""
    made = 0

    def make(pdf: Path, *, sealed: bool = True) -> Path:
        nonlocal made
        made += 1
        path = tmp_path / f"扫描件{made}.pdf"
        path.write_bytes(signed_scan(pdf.read_bytes(), sealed=sealed))
        return path

    return make
