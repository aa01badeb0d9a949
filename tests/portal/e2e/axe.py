"""axe-core in a window: what a page makes hard for people who do not see or point as others do."""

from pathlib import Path

from playwright.sync_api import Page

from gateway.portal import assets

LIBRARY = Path(__file__).resolve().parent / "vendor"
FILES = {"axe-core": ("axe.min.js",)}
SERIOUS = ("serious", "critical")
_RUN = """async () => (await axe.run(document, {
  resultTypes: ['violations'],
  rules: Object.fromEntries(axe._audit.rules
    .filter((rule) => ['minor', 'moderate'].includes(rule.impact)).map((rule) => [rule.id, {enabled: false}])),
})).violations
.map((found) => ({id: found.id, impact: found.impact, places: found.nodes.map((node) =>
  `${node.target.join(' ')} ${(node.any[0] || {}).message || ''}`)}))"""


def violations(page: Page) -> list[str]:
    """Everything serious or worse on the page as it stands now, contrast included."""
    script = LIBRARY / Path(assets.vendor_path("axe-core", "axe.min.js")).relative_to("vendor")
    if not page.evaluate("'axe' in window"):
        # Through the debugger: the page's own policy lets no script in that is not its own.
        page.evaluate(script.read_text("utf-8"))
    found = page.evaluate(_RUN)
    return [f"{one['id']}: {place}" for one in found if one["impact"] in SERIOUS for place in one["places"]]


def install() -> None:
    """Unpacks axe-core beside the tests, once; production never has it."""
    assets.install(LIBRARY, FILES, for_tests=True)
