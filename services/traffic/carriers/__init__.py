"""Carriers' interfaces for usage behind one protocol: by cards and day, as changes, as dropped files (TRF-01)."""

from kernel.carriers.asking import CarrierClient
from kernel.carriers.settings import Endpoint
from services.traffic.carriers.dropped import DroppedFiles
from services.traffic.carriers.onelink import OneLinkUsage
from services.traffic.carriers.protocol import CarrierCall, Dropped, Told, UsageAdapter
from services.traffic.carriers.unicom import UnicomUsage

__all__ = ["DIALECTS", "CarrierCall", "Dropped", "Told", "UsageAdapter", "adapter_for"]

DIALECTS: dict[str, type[UsageAdapter]] = {
    "generic": DroppedFiles,
    "onelink": OneLinkUsage,
    "unicom": UnicomUsage,
}


def adapter_for(endpoint: Endpoint) -> UsageAdapter:
    """The adapter that speaks ``endpoint``'s dialect; close it when done."""
    return DIALECTS[endpoint.dialect](endpoint, CarrierClient(endpoint))
