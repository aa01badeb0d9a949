"""What probe and mirror say to each other."""

from datetime import datetime
from typing import ClassVar

from kernel.contracts.envelope import Event
from kernel.contracts.method import Method, Reply, Request


class AddEntries(Request):
    """Adds ``count`` entries with keys ``prefix-0`` ..., each with an event of its own; sleeps before it commits."""

    prefix: str
    count: int = 1
    sleep_seconds: float = 0
    fail: str | None = None


class Added(Reply):
    count: int
    first_at: datetime
    run: int


class Ask(Request):
    word: str = ""


class Answer(Reply):
    word: str
    unit: str


class StartWork(Request):
    """``kind``: work, errand (urgent) or bounded (one second, 128 MiB)."""

    steps: int
    kind: str = "work"
    sleep_seconds: float = 0
    use_memory_mib: int = 0
    refuse: tuple[int, ...] = ()


class WorkStarted(Reply):
    job_id: str


class EntryAdded(Event):
    TYPE: ClassVar[str] = "entry_added"
    key: str
    version: int


class EntryPoisoned(Event):
    TYPE: ClassVar[str] = "entry_poisoned"
    key: str


class EntryTold(Event):
    """Probe's own errand: takes ``seconds``; ``fails``: every time, or hopelessly."""

    TYPE: ClassVar[str] = "entry_told"
    key: str
    seconds: float = 0
    fails: str | None = None


ADD_ENTRIES = Method("add_entries", AddEntries, Added, "probe.add", writes=True)
ASK = Method("ask", Ask, Answer, None)
WRITE_IN_A_QUERY = Method("write_in_a_query", Ask, Answer, None)
BREAK = Method("break_down", Ask, Answer, None)
TELL = Method("tell", AddEntries, Added, "probe.add", writes=True)
ADD_POISON = Method("add_poison", AddEntries, Added, "probe.add", writes=True)
START_WORK = Method("start_work", StartWork, WorkStarted, "probe.add", writes=True)
