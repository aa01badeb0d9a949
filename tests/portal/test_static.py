"""What the browser is given: no CDN, no markup from data, small modules, caching and compression (GTW-05)."""

import asyncio
import gzip
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway.portal import assets, files, opening
from gateway.portal.pages import PAGES
from gateway.portal.pages.binding import READINGS

STATIC = Path(files.STATIC)
SCRIPTS = sorted(STATIC.glob("*.js"))


@pytest.fixture
def browser(gateway_app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(gateway_app), base_url="http://portal")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_short_and_never_builds_markup(script: Path) -> None:
    text = script.read_text("utf-8")
    assert len(text.splitlines()) < 400
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert forbidden not in text, forbidden


def test_nothing_that_we_wrote_names_another_host() -> None:
    for path in (*SCRIPTS, STATIC / "index.html", STATIC / "portal.css"):
        assert re.findall(r"https?://", path.read_text("utf-8")) == [], path.name


def test_every_import_of_a_script_exists() -> None:
    for script in SCRIPTS:
        for name in re.findall(r"from '\./([\w.-]+)'", script.read_text("utf-8")):
            made = script.name == "early.js" and name == f"{opening.NAME}.js"
            assert made or (STATIC / name).is_file(), f"{script.name} imports {name}"


def test_every_component_named_by_a_page_is_a_module() -> None:
    for page in PAGES.values():
        if page.component:
            assert "export default" in (STATIC / f"{page.component}.js").read_text("utf-8")


@pytest.mark.skipif(not assets.installed(), reason="python -m gateway.portal.assets has not run")
def test_the_page_and_all_it_loads_come_from_here_compressed_and_for_ever(browser: httpx.AsyncClient) -> None:
    async def visit() -> None:
        page = await browser.get("/")
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-cache"
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        assert "unsafe-eval" not in page.headers["Content-Security-Policy"]
        addresses = re.findall(r'(?:src|href|data-charts|data-english)="([^"]+)"', page.text)
        assert len(addresses) >= 8
        for address in addresses:
            async with browser.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
                assert answer.status_code == 200, address
                assert "immutable" in answer.headers["Cache-Control"]
                assert answer.headers["Content-Encoding"] == "gzip"
                raw = b"".join([piece async for piece in answer.aiter_raw()])
                assert gzip.decompress(raw)

    asyncio.run(visit())


@pytest.mark.parametrize("path", ["..%2f__init__.py", "vendor/../../spec.py", "%2e%2e/web.py", "nothing.js"])
def test_a_path_that_climbs_out_finds_nothing(browser: httpx.AsyncClient, path: str) -> None:
    answer = asyncio.run(browser.get(f"/portal/vendor/{path}"))
    assert answer.status_code == 404


def test_the_interface_is_only_for_who_is_logged_in(browser: httpx.AsyncClient) -> None:
    assert asyncio.run(browser.get("/api/ui")).status_code == 401
    words = f"/portal/{files.version()}/english.json"
    assert asyncio.run(browser.get(words)).json()["登录"] == "Log in"


@pytest.mark.req("BND-04", "GTW-05")
def test_readings_that_failed_are_red_and_those_that_succeeded_green_in_the_chart() -> None:
    """A series without a colour of its own gets one by its place; failed, the third, was green then."""
    css = (STATIC / "portal.css").read_text(encoding="utf-8")
    assert READINGS.chart is not None

    def colour(series: str) -> tuple[int, ...]:
        found = re.search(rf"--state-{series}: #([0-9a-f]{{6}});", css)
        assert found, f"{series} has no colour of its own"
        return tuple(bytes.fromhex(found[1]))

    by_name = {series: colour(series) for series in READINGS.chart.series}
    assert by_name["succeeded"][1] > by_name["succeeded"][0]
    assert by_name["failed"][0] > 2 * by_name["failed"][1]
