"""Deliveries of a platform with the manners of China Unicom's gateway (``kernel.carriers.unicom``).

Two operations on whole deliveries (wsGetOrders, wsGetOrderTerminals) follow its conventions; the public ones know
single cards.
"""

from kernel.carriers.asking import CarrierClient
from kernel.carriers.pages import PageOf, page_in
from kernel.carriers.settings import Endpoint
from kernel.carriers.unicom import UnicomSession
from services.inventory.carriers.orders import PAGE, OrderPlatform, Words


class UnicomGateway(OrderPlatform):
    """``endpoint.key`` is the app_secret."""

    words = Words(
        orders=("wsGetOrders", "orders", "afterOrder"),
        cards=("wsGetOrderTerminals", "terminals", "orderNo"),
        order_id="orderNo",
        month="month",
        spec="cardSpec",
        count="quantity",
    )

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        super().__init__(endpoint, client)
        self._session = UnicomSession(endpoint, client)

    def _query(self, operation: str, number: int, items: str, **params: str) -> PageOf:
        found: list[PageOf] = []
        asked = {**params, "pageNumber": number, "pageSize": PAGE}
        self._session.query(operation, asked, lambda data: found.append(page_in(data, items, number, PAGE)))
        return found[-1]
