"""Requests share their reads, and nobody gets an answer older than his question (GTW-02)."""

import asyncio

import pytest

from gateway.shared_reads import Shared

pytestmark = pytest.mark.req("GTW-02")


class Table:
    """Reads that end when the test lets them."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {"a": 1, "b": 2}
        self.reads: list[list[str]] = []
        self.gate = asyncio.Event()

    async def read(self, wanted: list[str]) -> dict[str, int]:
        self.reads.append(wanted)
        found = {key: self.rows[key] for key in wanted if key in self.rows}
        await self.gate.wait()
        return found


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_who_asks_while_a_read_is_under_way_is_answered_by_the_next() -> None:
    async def story() -> None:
        table = Table()
        shared = Shared(table.read)
        first = asyncio.create_task(shared.ask("a"))
        await settle()
        table.rows["a"] = 100
        later = [asyncio.create_task(shared.ask(key)) for key in ("a", "a", "b", "nobody")]
        await settle()
        table.gate.set()

        assert await first == 1
        assert [await it for it in later] == [100, 100, 2, None]
        assert table.reads == [["a"], ["a", "b", "nobody"]]

    asyncio.run(story())


def test_who_gives_up_takes_the_answer_from_nobody_else() -> None:
    async def story() -> None:
        table = Table()
        shared = Shared(table.read)
        hasty, patient = asyncio.create_task(shared.ask("a")), asyncio.create_task(shared.ask("a"))
        await settle()
        hasty.cancel()
        await settle()
        table.gate.set()

        assert await patient == 1

    asyncio.run(story())


def test_an_error_reaches_those_who_waited_and_nobody_later() -> None:
    async def story() -> None:
        broken = True

        async def read(wanted: list[str]) -> dict[str, int]:
            if broken:
                raise OSError("the database is away")
            return dict.fromkeys(wanted, 1)

        shared: Shared[str, int] = Shared(read)
        both = await asyncio.gather(shared.ask("a"), shared.ask("b"), return_exceptions=True)
        assert [type(it) for it in both] == [OSError, OSError]
        broken = False

        assert await shared.ask("a") == 1

    asyncio.run(story())
