"""Carriers' interfaces behind one protocol: which deliveries are new, and the cards of one, page by page (INV-01)."""

from kernel.carriers.asking import CarrierClient
from kernel.carriers.settings import Endpoint
from services.inventory.carriers.generic_http import GenericHttp
from services.inventory.carriers.onelink import OneLink
from services.inventory.carriers.protocol import CarrierAdapter, Offer
from services.inventory.carriers.unicom import UnicomGateway

__all__ = ["DIALECTS", "CarrierAdapter", "Offer", "adapter_for"]

DIALECTS: dict[str, type[CarrierAdapter]] = {
    "generic": GenericHttp,
    "onelink": OneLink,
    "unicom": UnicomGateway,
}


def adapter_for(endpoint: Endpoint) -> CarrierAdapter:
    """The adapter that speaks ``endpoint``'s dialect; close it when done."""
    return DIALECTS[endpoint.dialect](endpoint, CarrierClient(endpoint))
