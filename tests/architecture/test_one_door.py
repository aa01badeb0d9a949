"""Card states change in one module only: services/inventory/movement.py."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOOR = ROOT / "services" / "inventory" / "movement.py"
WRITES = re.compile(
    r"(?:UPDATE\s+(?:ONLY\s+)?(?:inventory\.)?cards\b)"
    r"|(?:INSERT\s+INTO\s+(?:inventory\.)?(?:cards|run_log|changes)\b)"
    r"|(?:DELETE\s+FROM\s+(?:inventory\.)?(?:cards|run_log|changes)\b)"
    r"|(?:COPY\s+(?:inventory\.)?(?:cards|run_log|changes)\b)"
    r"|(?:\b(?:cards|run_log|changes)\.(?:update|insert|delete)\()"
    r"|(?:\b(?:update|insert|delete)\((?:cards|run_log|changes)\))",
    re.IGNORECASE,
)


def sources() -> list[Path]:
    """Inventory and whatever runs beside the services; other services keep read models of their own."""
    return [
        path
        for folder in ("services/inventory", "kernel", "deploy")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
    ]


def test_nothing_but_the_door_writes_cards_and_their_log():
    others = [
        (path.relative_to(ROOT).as_posix(), match.group(0))
        for path in sources()
        if path != DOOR
        for match in WRITES.finditer(path.read_text(encoding="utf-8"))
    ]

    assert not others


def test_the_door_is_where_it_is_looked_for():
    assert WRITES.search(DOOR.read_text(encoding="utf-8"))


def test_the_search_knows_the_ways_to_write():
    for statement in (
        "UPDATE cards SET state = 'running'",
        "insert into cards (iccid) values ('x')",
        "tx.execute(cards.update().values(state='x'))",
        "tx.execute(update(cards).values(state='x'))",
        "DELETE FROM run_log",
    ):
        assert WRITES.search(statement)
