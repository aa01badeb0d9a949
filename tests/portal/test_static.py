"""What the browser is given: no CDN, no markup from data, small modules, caching and compression (GTW-05)."""

import asyncio
import gzip
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway.portal import assets, files
from gateway.portal.pages import PAGES

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
            assert (STATIC / name).is_file(), f"{script.name} imports {name}"


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
        addresses = re.findall(r'(?:src|href|data-charts)="([^"]+)"', page.text)
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
    assert asyncio.run(browser.get("/api/ui/texts?lang=en")).json()["登录"] == "Log in"
