"""portal-load: the first table of the portal in Chromium, cold and warm, against a static page with the same table.

The static page is the least that this stack could do: the same libraries, the same rows from a file, drawn by the same
table, from a server that reads files. Both are opened in turns in one browser. Cold: a new window that has nothing;
warm: the same page again. A page is there when the first card's number can be read: when the frame with it is drawn,
by the browser's own clock since the navigation began. (Playwright's looking takes longer the more a page holds.)
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks import dataset
from benchmarks.lines import Line
from benchmarks.stack import PASSWORD, BenchStack, System
from deploy.local import packages
from gateway.portal import assets

CARDS, ROUNDS = 30_000, 10
LIMIT = 1.5
MOST_REQUESTS = 20
ADDRESS = "#/cards"
COLUMNS = ("iccid", "state", "msisdn", "carrier", "card_spec", "application_month", "owner_unit", "stocked_in_at")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>static</title>{styles}{scripts}</head>
<body><div id="app"></div><script src="page.js"></script></body></html>"""
_SCRIPT = """
const { createApp, h } = window.Vue; const { ElTable, ElTableColumn } = window.ElementPlus;
fetch('rows.json').then((answer) => answer.json()).then((rows) => createApp({ render: () => h(ElTable, { data: rows },
  () => %s.map((name) => h(ElTableColumn, { prop: name, label: name }))) }).mount('#app'));
"""


_WATCH = """
new MutationObserver((_, watcher) => {
  const cell = [...document.querySelectorAll('td')].find((one) => one.textContent.includes('%s'));
  if (!cell?.getClientRects().length) return;
  watcher.disconnect();
  requestAnimationFrame(() => setTimeout(() => performance.mark('seen')));
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
_SEEN = "performance.getEntriesByName('seen')[0]?.startTime ?? 0"
_LOGGED_IN = """
if (location.protocol === 'http:' && !localStorage.getItem('simkeep.session')) {
  localStorage.setItem('simkeep.session', '1');
  localStorage.setItem('simkeep.until', String(Date.now() + 600000));
}
"""


def run(stack: BenchStack) -> Iterator[Line]:
    """p50 in ms of both pages, and how many requests the first table needs."""
    assets.install()
    url = stack.kept_database(f"cards_{CARDS}", lambda url: dataset.fill(url, CARDS), dataset.SOURCE)
    with stack.system(url, ("inventory", "workflow", "gateway")) as system, sync_playwright() as playwright:
        rows = system.client().get("cards", params={"size": 20}).raise_for_status().json()["items"]
        browser = playwright.chromium.launch(executable_path=packages.browser(), args=_FLAGS)
        with _static(rows) as static:
            yield from _measure(browser, system, static, rows[0]["iccid"])
        browser.close()


def _measure(browser: Browser, system: System, static: str, iccid: str) -> Iterator[Line]:
    times: dict[tuple[str, str], list[float]] = {}
    asked: list[int] = []
    for number in range(ROUNDS):
        for name, address in (("ours", f"{system.base_url}/{ADDRESS}"), ("static", static))[:: 1 if number % 2 else -1]:
            context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
            if name == "ours":
                _log_in(context, system)
            context.add_init_script(_WATCH % iccid)
            page = context.new_page()
            urls: list[str] = []
            page.on("request", lambda request, urls=urls: urls.append(request.url))
            times.setdefault((name, "cold"), []).append(_shown(page, address))
            if name == "ours":
                page.wait_for_load_state("networkidle")
                asked.append(len(urls))
            page.goto("about:blank")
            times.setdefault((name, "warm"), []).append(_shown(page, address))
            context.close()
    for state in ("cold", "warm"):
        ours, least = (sorted(times[name, state])[ROUNDS // 2] * 1000 for name in ("ours", "static"))
        yield Line(f"portal-load.{state}", ours, "ms", least, at_most=LIMIT)
    yield Line("portal-load.requests", max(asked), "requests", at_most=MOST_REQUESTS)


def _log_in(context: BrowserContext, system: System) -> None:
    """The window is one in which somebody has logged in before; logging in is not what is measured."""
    login = {"login": "province", "password": PASSWORD}
    answer = context.request.post(f"{system.base_url}/api/v1/auth/login", data=login)
    if not answer.ok:
        raise RuntimeError(answer.text())
    context.add_init_script(_LOGGED_IN)


def _shown(page: Page, address: str) -> float:
    """Seconds until the first card can be read."""
    page.goto(address, wait_until="commit")
    while not (seen := float(page.evaluate(_SEEN))):
        page.wait_for_timeout(50)
    return seen / 1000


@contextmanager
def _static(rows: list[dict[str, object]]) -> Iterator[str]:
    """Address of the static page, served by a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        place, names = Path(folder), [name for library in assets.FILES.values() for name in library]
        for library, files in assets.FILES.items():
            for name in files:
                source = assets.HERE / "static" / assets.vendor_path(library, name)
                (place / name.rpartition("/")[2]).write_bytes(source.read_bytes())
        short = [name.rpartition("/")[2] for name in names]
        styles = "".join(f'<link rel="stylesheet" href="{name}">' for name in short if name.endswith(".css"))
        scripts = "".join(
            f'<script src="{name}"></script>' for name in short if name.endswith(".js") and "echarts" not in name
        )
        (place / "index.html").write_text(_PAGE.format(styles=styles, scripts=scripts))
        (place / "page.js").write_text(_SCRIPT % json.dumps(COLUMNS))
        (place / "rows.json").write_text(json.dumps(rows))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        argv = [sys.executable, "-m", "benchmarks.static_files", folder, str(port)]
        with subprocess.Popen(argv) as server:
            try:
                yield _answering(f"http://127.0.0.1:{port}/")
            finally:
                server.terminate()


def _answering(address: str) -> str:
    for _ in range(100):
        try:
            with urlopen(address):  # noqa: S310  our own
                return address
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer")
