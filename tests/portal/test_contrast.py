"""Words on buttons have a contrast of 4.5:1 at least, at rest, under the pointer and pressed (GTW-05)."""

import re
from pathlib import Path

import pytest

from gateway.portal import assets, files

STATIC = Path(files.STATIC)
ENOUGH = 4.5
WHITE, TINTED = "#ffffff", "#e8f0f8"
"""What links stand on; rows under the pointer are no darker than the second."""


@pytest.fixture(scope="module")
def sheets() -> tuple[str, str]:
    """Element Plus' stylesheet and ours, which comes after it."""
    if not assets.installed():
        pytest.skip("python -m gateway.portal.assets has not run")
    theirs = STATIC / "vendor" / Path(assets.vendor_path("element-plus", "index.css")).relative_to("vendor")
    return theirs.read_text("utf-8"), (STATIC / "portal.css").read_text("utf-8")


def _declared(sheet: str, selector: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for block in re.findall(r"(?:^|[}/])\s*" + re.escape(selector) + r"\s*\{([^}]*)\}", sheet):
        found |= dict(re.findall(r"(--[\w-]+):\s*([^;}]+)", block))
    return found


def _luminance(colour: str) -> float:
    full = colour if len(colour) == 7 else "#" + "".join(digit * 2 for digit in colour[1:])
    parts = [int(full[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """As WCAG 2 counts it, of two colours as #rrggbb."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("kind", ["primary", "danger"])
def test_words_on_a_button_are_read_at_rest_under_the_pointer_and_pressed(sheets: tuple[str, str], kind: str) -> None:
    known: dict[str, str] = {}
    for selector in (":root", ".el-button", f".el-button--{kind}"):
        for sheet in sheets:
            known |= _declared(sheet, selector)

    def colour(name: str) -> str:
        value = known[name]
        while inner := re.fullmatch(r"var\((--[\w-]+)\)", value):
            value = known[inner[1]]
        return value

    pairs = {
        "at rest": ("--el-button-text-color", "--el-button-bg-color"),
        "under the pointer": ("--el-button-hover-text-color", "--el-button-hover-bg-color"),
        "pressed": ("--el-button-hover-text-color", "--el-button-active-bg-color"),
    }
    found = {state: contrast(colour(text), colour(ground)) for state, (text, ground) in pairs.items()}
    for ground in (WHITE, TINTED):
        found[f"as a link on {ground}"] = contrast(colour(f"--el-color-{kind}"), ground)
        found[f"as a link under the pointer on {ground}"] = contrast(
            colour("--el-button-hover-link-text-color"), ground
        )

    assert {state: round(seen, 2) for state, seen in found.items() if seen < ENOUGH} == {}
