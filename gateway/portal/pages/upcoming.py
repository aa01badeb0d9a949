"""Pages of the manual whose services are not open yet: they keep their place in the menu, greyed (GTW-05)."""

from gateway.portal.spec import Page

_TITLES = {
}

PAGES = tuple(Page(key, title) for key, title in _TITLES.items())
