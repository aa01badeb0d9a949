"""What one user sees: the pages and actions his permissions allow, in his language."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Protocol

from gateway.doors import permission_of
from gateway.portal.options import TONES, plain_options
from gateway.portal.pages import MENU, PAGES, TODO
from gateway.portal.pages.system import PASSWORD
from gateway.portal.spec import Action, Menu, Page, plain
from gateway.portal.texts import english


class User(Protocol):
    """The part of the logged-in person that the portal looks at."""

    @property
    def unit(self) -> str: ...
    @property
    def permissions(self) -> Collection[str]: ...


_LEVELS = {2: "province", 4: "city", 6: "county"}


def allowed(page: Page, permissions: Collection[str], level: str) -> Page | None:
    """The page without the actions that these permissions do not give; None if the page itself is not given."""
    if not _may(needed_for(page), permissions):
        return None
    if page.level and page.level != level:
        return None

    def kept(actions: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(action for action in actions if _may(needed(action), permissions))

    return replace(page, toolbar=kept(page.toolbar), batch=kept(page.batch), actions=kept(page.actions))


def needed_for(page: Page) -> str:
    """The permission of a page: its own, or that of its list's route; "": any."""
    return page.permission or (permission_of("GET", page.source) if page.source else "")


def needed(action: Action) -> str:
    """The permission of the route behind a button, or of the page that a link opens; "": any."""
    if action.permission:
        return action.permission
    if action.opens:
        return needed_for(PAGES[action.opens.partition("?")[0]])
    if action.url:
        return permission_of(action.method, action.url)
    return permission_of("GET", action.download or action.show)


def _may(permission: str, permissions: Collection[str]) -> bool:
    return not permission or permission in permissions


def _branch(menu: Menu, pages: dict[str, Page], say: Callable[[str], str]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for entry in menu.entries:
        if isinstance(entry, Menu):
            inner = _branch(entry, pages, say)
            if inner:
                entries.append({"title": say(entry.title), "icon": entry.icon, "entries": inner})
        elif entry in pages:
            entries.append({"key": entry, "title": say(pages[entry].title), "open": pages[entry].open})
    return entries


def level_of(user: User) -> str:
    """province, city or county; "": elsewhere."""
    return _LEVELS.get(len(user.unit), "")


def user_interface(permissions: Collection[str], level: str, lang: str) -> dict[str, Any]:
    """Menu, page specs, options and colours as the browser of such a user gets them."""
    say = english if lang == "en" else str
    candidates = ((key, allowed(page, permissions, level)) for key, page in PAGES.items())
    pages = {key: page for key, page in candidates if page is not None}
    return {
        "menu": _branch(MENU, pages, say),
        "pages": {key: plain(page, say) for key, page in pages.items() if page.open},
        "account": [plain(PASSWORD, say)],
        "options": plain_options(lang),
        "tones": TONES,
        "todo": {place: {kind: key for kind, key in keys.items() if key in pages} for place, keys in TODO.items()},
    }
