"""All pages, and the menu in the manual's order (GTW-05)."""

from gateway.portal.pages import (
    activation,
    anomalies,
    binding,
    binding_modules,
    binding_terminals,
    boxes,
    card_comparison,
    cards,
    costs,
    deliveries,
    distribution,
    documents,
    notices,
    redirect,
    serial_audits,
    serial_contacts,
    serial_owners,
    serial_reports,
    serial_stocktakes,
    serial_swaps,
    serials,
    statistics,
    system,
    termination,
    usage,
    usage_rules,
)
from gateway.portal.spec import Menu, Page, SpecError

MODULES = (
    system, notices, deliveries, cards, boxes, activation, termination, documents, redirect, statistics, binding,
    binding_modules, binding_terminals, card_comparison, serials, serial_audits, serial_contacts, serial_owners,
    serial_reports, serial_stocktakes, serial_swaps,
    usage, distribution, costs, anomalies, usage_rules,
)  # fmt: skip

MENU = Menu(
    "",
    entries=(
        "home",
        "notices",
        Menu(
            "基础采集",
            "collect",
            (
                Menu(
                    "SIM卡管理",
                    "card",
                    (
                        "stock-in", "allocations", "issue", "box-scan", "cards",
                        "activation-county", "activation-city", "activation-province", "activation-orders",
                        "termination-county", "termination-city", "termination-province", "scans",
                        "readings", "binding-changes", "binding-exceptions",
                        "activations-terminations", "card-usage", "city-costs", "terminals-by-state", "terminal-usage",
                        "usage-days", "usage-loads",
                        "abnormal-cards", "cards-terminals", "unit-mismatches", "cards-by-state", "redirect",
                        "idle-usage", "ledger",
                    ),
                ),
            ),
        ),
        Menu(
            "串码管理",
            "serial",
            (
                "serial-pool", "serial-claims", "serial-reports", "serial-scan", "serial-redemptions", "serial-freezes",
                "serial-stocktakes", "serial-counts",
            ),
        ),
        Menu("系统管理", "system", ("people", "audit", "parking", "jobs")),
    ),
)


def _register() -> dict[str, Page]:
    """Every page by its key. Raises SpecError when a link points nowhere or the menu and the pages differ."""
    pages: dict[str, Page] = {}
    for module in MODULES:
        for page in module.PAGES:
            if page.key in pages:
                raise SpecError(f"page {page.key!r} is written twice")
            pages[page.key] = page
    for page in pages.values():
        links = [column.drill for column in page.columns] + [action.opens for action in page.actions]
        for target in {link.partition("?")[0] for link in links if link}:
            if target not in pages:
                raise SpecError(f"page {page.key!r} opens {target!r}, which is no page")
        for below in page.second:
            if below not in pages:
                raise SpecError(f"page {page.key!r} shows {below!r}, which is no page")
        if page.tab_of and page.tab_of not in pages:
            raise SpecError(f"page {page.key!r} is a tab of {page.tab_of!r}, which is no page")
        if page.tab_of and page.tab and not pages[page.tab_of].tab:
            raise SpecError(f"page {page.key!r} is a tab, and {page.tab_of!r} has none of its own: nobody gets there")
    listed = set(MENU.keys())
    expected = {key for key, page in pages.items() if not page.tab_of}
    if listed != expected:
        raise SpecError(f"menu and pages differ: {sorted(listed ^ expected)}")
    return pages


PAGES: dict[str, Page] = _register()

TODO: dict[str, dict[str, str]] = {
    "activation_county": {"": "activation-county"},
    "activation_city": {"": "activation-city", "city_opening": "activation-city-forms"},
    "activation_province": {
        "": "activation-province",
        "city_opening": "activation-province-cities",
        "province_opening": "activation-province-forms",
    },
    "termination_county": {"": "termination-county", "county_termination": "termination-county-forms"},
    "termination_city": {
        "": "termination-city-own",
        "county_termination": "termination-city",
        "city_termination": "termination-city-forms",
    },
    "termination_province": {"": "termination-province"},
}
"""Where a to-do opens (WFL-03): the place that workflow names > kind of form > page; "" for what is no form."""
