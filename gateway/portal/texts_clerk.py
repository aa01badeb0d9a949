"""English of what helps through an ordinary day: search, menus of rows, the first page, labels."""

CLERK: dict[str, str] = {
    "更多": "More",
}
