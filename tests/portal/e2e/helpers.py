"""The portal as a clerk meets it: by labels, roles and texts. No test below knows how a page is built."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response, expect
from playwright.sync_api import TimeoutError as NotInTime

_TOTAL = re.compile(r"^(共|超过) ([\d,]+) 条$")


def act(place: Locator, label: str) -> None:
    """Something to do with a row: a button or link in it, or an entry of its menu 更多, whose title names them."""
    there = place.get_by_role("button", name=label, exact=True).or_(place.get_by_role("link", name=label, exact=True))
    listed = place.page.get_by_title(re.compile(f"(^|、){re.escape(label)}(、|$)"))
    menu = place.get_by_role("button", name="更多", exact=True).and_(listed)
    entry = place.page.get_by_role("menuitem", name=label, exact=True).locator("visible=true")
    dialogs = place.page.get_by_role("dialog").locator("visible=true")
    before = dialogs.count()
    for patience_ms in (2_000, 4_000, 20_000):
        expect(there.or_(menu).first).to_be_visible()
        steps = (there,) if there.count() else (menu, entry)
        try:
            for step in steps:
                step.click(timeout=patience_ms)
            return
        except NotInTime:  # the row has got other acts meanwhile, and what stood in it stands in its menu now
            if dialogs.count() > before:  # or it was clicked, and a busy machine said so too late
                return
            if patience_ms == 20_000:
                raise


class Portal:
    """One browser window. ``faults`` collects what must not happen; the fixture fails the test on any."""

    def __init__(self, page: Page, base_url: str, password: str) -> None:
        self.page = page
        self.faults: list[str] = []
        self._base_url = base_url
        self._password = password
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("console", self._on_console)
        page.on("response", self._on_response)
        page.on("request", self._on_request)
        self._asking: set[Request] = set()
        for ended in ("requestfinished", "requestfailed"):
            page.on(ended, lambda request: self._asking.discard(request))  # noqa: PLW0108  Playwright wants a function

    # -- watching
    def _on_console(self, message: ConsoleMessage) -> None:
        # The browser reports every refused request as an error of its own; the answers are judged below.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} {response.url}")

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.netloc != urlsplit(self._base_url).netloc:
            self.faults.append(f"another host: {request.url}")
        if not address.path.endswith("/events"):  # a stream of events stays open
            self._asking.add(request)

    # -- getting in and around
    def open(self, address: str = "") -> "Portal":
        """``address``: what stands behind ``#/``. Typed over another address of the portal it loads nothing anew."""
        if self.page.url.startswith(self._base_url) and self.address != f"#/{address}":
            self.page.evaluate("address => { location.hash = address }", f"#/{address}")
        elif self.page.url.startswith(self._base_url):
            self.page.reload()
        else:
            self.page.goto(f"{self._base_url}/#/{address}")
        return self

    def answered(self) -> "Portal":
        """When the page has asked for everything it shows, and has its answers."""
        # Not by role: for that Playwright looks at every element of the page, and here it is asked all the time.
        busy, calm = self.page.locator("main [aria-busy=true]"), 0
        while calm < 2:
            expect(busy).to_have_count(0)
            self.page.wait_for_timeout(50)
            calm = 0 if self._asking else calm + 1
        return self

    def log_in(self, login: str, password: str | None = None) -> "Portal":
        form = self.page.get_by_role("form", name="登录")
        form.get_by_label("登录名").fill(login)
        form.get_by_label("密码", exact=True).fill(password or self._password)
        form.get_by_role("button", name="登录").click()
        return self

    def enter(self, login: str, address: str = "") -> "Portal":
        """Logs in, starting from a page that is asked for by its address."""
        self.open(address).log_in(login)
        expect(self.menu).to_be_visible()
        return self

    def in_english(self) -> "Portal":
        self.page.get_by_role("button", name="English").click()
        expect(self.page.get_by_role("navigation", name="Main menu")).to_be_visible()
        return self

    def beside(self, address: str) -> "Portal":
        """A second window of the same person: he is logged in there too."""
        other = Portal(self.page.context.new_page(), self._base_url, self._password)
        other.faults = self.faults
        return other.open(address)

    def go(self, title: str) -> "Portal":
        """By the menu."""
        self.menu.get_by_role("link", name=title, exact=True).click()
        expect(self.page.get_by_role("navigation", name="当前位置")).to_contain_text(title)
        return self

    def tab(self, title: str) -> "Portal":
        self.page.get_by_role("navigation", name="页签").get_by_role("link", name=title, exact=True).click()
        return self

    @property
    def menu(self) -> Locator:
        return self.page.get_by_role("navigation", name="主菜单")

    @property
    def address(self) -> str:
        return self.page.evaluate("location.hash")

    # -- forms
    @property
    def filters(self) -> Locator:
        return self.page.get_by_role("search")

    @property
    def dialog(self) -> Locator:
        """The dialog on top."""
        return self.page.get_by_role("dialog").last

    def fill(self, place: Locator, label: str, value: str) -> "Portal":
        place.get_by_label(label, exact=True).fill(value)
        return self

    def pick(self, place: Locator, label: str, *names: str) -> "Portal":
        """Options of a select, by what they say."""
        box = place.get_by_role("combobox", name=label, exact=True)
        box.click()
        for name in names:
            self.page.get_by_role("option", name=name, exact=True).locator("visible=true").click()
        if len(names) > 1:
            box.press("Escape")
        return self

    def pick_unit(self, place: Locator, label: str, name: str) -> "Portal":
        """A unit of the tree, found by typing its name as one would among some hundred."""
        box = place.get_by_role("combobox", name=label, exact=True)
        box.click()
        box.fill(name)
        self.page.get_by_role("treeitem", name=name, exact=True).locator("visible=true").last.click()
        return self

    def attach(self, label: str, file: Path) -> "Portal":
        """A file for the dialog on top. The field and the group around it have the same label."""
        self.dialog.get_by_label(label, exact=True).last.set_input_files(file)
        return self

    def query(self) -> "Portal":
        self.filters.get_by_role("button", name="查询").click()
        return self

    def press(self, name: str) -> "Portal":
        """A button of the list's bar."""
        self.listing.get_by_role("button", name=name, exact=True).click()
        return self

    def confirm(self) -> "Portal":
        """确定 in the dialog on top."""
        self.dialog.get_by_role("button", name="确定", exact=True).click()
        return self

    # -- lists
    @property
    def listing(self) -> Locator:
        return self.page.get_by_role("main").get_by_role("region").last

    def row(self, key: str) -> Locator:
        return self.page.get_by_role("row").filter(has_text=key).first

    def tick(self, key: str) -> "Portal":
        self.page.get_by_role("checkbox", name=f"选择 {key}", exact=True).check()
        return self

    def total(self) -> int:
        """N of 共 N 条, once the list has arrived."""
        found = _TOTAL.match(self.settled().get_by_role("status").filter(has_text=_TOTAL).first.inner_text())
        assert found
        return int(found[2].replace(",", ""))

    def settled(self) -> Locator:
        """The list as the answer to the present address: what was there before is never read for it."""
        expect(self.listing.and_(self.page.locator("[aria-busy=false]"))).to_have_attribute(
            "data-answers", self.address
        )
        return self.listing

    def expect_total(self, number: int) -> "Portal":
        """The number clicked is the number listed: 共 N 条."""
        expect(self.listing.get_by_role("status").filter(has_text=f"共 {number:,} 条")).to_be_visible()
        return self

    def number(self, row: Locator, column: str) -> Locator:
        """The cell of ``row`` under the head ``column``."""
        heads = [head.strip() for head in self.settled().get_by_role("columnheader").all_inner_texts()]
        return row.get_by_role("cell").nth(heads.index(column))

    # -- answers
    def expect_toast(self, text: str) -> "Portal":
        expect(self.page.get_by_role("alert").filter(has_text=text).first).to_be_visible()
        return self

    @property
    def job(self) -> Locator:
        """The drawer of the job that is followed."""
        return self.page.get_by_role("dialog").filter(has=self.page.get_by_text("已处理"))

    def expect_job(self, state: str = "已完成") -> Locator:
        expect(self.job.get_by_text(state, exact=True)).to_be_visible(timeout=60_000)
        return self.job

    def close_job(self) -> "Portal":
        self.job.get_by_role("button", name=re.compile("关闭|Close")).click()
        return self

    @contextmanager
    def download(self) -> Iterator[list[Path]]:
        """The file that the block makes the browser save."""
        found: list[Path] = []
        with self.page.expect_download(timeout=60_000) as waiting:
            yield found
        found.append(Path(waiting.value.path()))
