"""售后换机串码清单: drafted, printed, sealed and verified by documents, then its swaps are made (IME-08, DOC-01)."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.imei.acts import RefusedSerial, SerialAnswer
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text

SwapListState = Literal["issuing", "not_issued", "issued", "passed", "settled"]
MOST_PAIRS = 200


class DraftSwapList(Request):
    """``serials``: pairs, one after the other: the returned device, then its replacement."""

    organisation: str = Field(min_length=1, max_length=32)
    serials: list[str] = Field(min_length=1, max_length=2 * MOST_PAIRS)
    applicant: str = Field(min_length=1, max_length=60)
    phone: str = Field(min_length=1, max_length=60)


class DraftedSwapList(Reply):
    """The good pairs stand on the list; ``row`` of a refused one counts pairs."""

    number: str
    done: int
    refused_count: int
    refused: list[RefusedSerial]


class ListSwapLists(PageRequest):
    """``sort``: drafted_at, newest first."""

    state: SwapListState | None = None
    number: str | None = None
    organisation: str | None = None
    unit: Unit | None = None


class SwapList(Reply):
    """``problem``: why it was not issued, or what the last scan's verdict was. ``can``: settle."""

    number: str
    organisation: str
    unit: str
    state: SwapListState
    pairs: int
    drafted_at: datetime
    drafted_by_name: str
    problem: str | None
    judged_at: datetime | None
    can: list[str]


class SwapListPage(Page[SwapList]):
    """Lists of swaps."""


class ListSwapPairs(PageRequest):
    """The pairs of one list, in its order."""

    number: str


class SwapPair(Reply):
    """``message``: why it was refused."""

    row: int
    returned: str
    replacement: str
    done: bool
    message: Text | None


class SwapPairPage(Page[SwapPair]):
    """What is swapped for what."""


class SettleSwapList(Request):
    """Makes the swaps of a list whose sealed paper has passed; a refused pair may be tried again."""

    number: str


DRAFT_SWAP_LIST = IMEI.command("draft_swap_list", DraftSwapList, DraftedSwapList, "serial.swap")
LIST_SWAP_LISTS = IMEI.query("list_swap_lists", ListSwapLists, SwapListPage, "serial.view", consistent=True)
LIST_SWAP_PAIRS = IMEI.query("list_swap_pairs", ListSwapPairs, SwapPairPage, "serial.view", consistent=True)
SETTLE_SWAP_LIST = IMEI.command("settle_swap_list", SettleSwapList, SerialAnswer, "serial.swap")
