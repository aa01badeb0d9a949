"""Files of rows that inventory reads: what they hold before they are taken.

The service process parses nothing itself: a limited child does (``kernel.chassis.files.in_child``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from kernel.chassis.data.blobs import BlobNotFoundError, BlobStore
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Layout, in_child
from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileLook, LookAtFile
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.inventory.deliveries.columns import CARD_LIST, DELIVERY


@contextmanager
def opened(blobs: BlobStore, file: BlobRef) -> Iterator[BinaryIO]:
    """The content of a file in the store. Raises file_not_readable when it is no longer there."""
    try:
        stream = blobs.open(file)
    except BlobNotFoundError as error:
        raise DomainError("file_not_readable", reason="gone") from error
    with stream:
        yield stream


def _look(blobs: BlobStore, request: LookAtFile, layout: Layout) -> FileLook:
    with opened(blobs, request.file) as stream:
        return in_child.look(stream, layout, name=request.file.name, choice=request.choice)


def look_at_delivery(tx: Tx, request: LookAtFile, *, by: Actor, now: datetime, blobs: BlobStore) -> FileLook:
    """What a delivery's file holds. Raises file_kind_refused, file_not_readable, file_too_large, file_too_slow."""
    return _look(blobs, request, DELIVERY)


def look_at_card_list(tx: Tx, request: LookAtFile, *, by: Actor, now: datetime, blobs: BlobStore) -> FileLook:
    """What a list of cards holds. Raises as look_at_delivery does."""
    return _look(blobs, request, CARD_LIST)
