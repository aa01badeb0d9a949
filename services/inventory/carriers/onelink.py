"""Deliveries of a platform with OneLink's manners (``kernel.carriers.onelink``).

Its documents name no operation for whole deliveries; ours (open-card-orders, order-cards) follow the same conventions.
"""

from kernel.carriers.asking import CarrierClient
from kernel.carriers.onelink import OneLinkSession
from kernel.carriers.pages import PageOf, page_in
from kernel.carriers.settings import Endpoint
from services.inventory.carriers.orders import PAGE, OrderPlatform, Words


class OneLink(OrderPlatform):
    """``endpoint.key`` is the password."""

    words = Words(
        orders=("open-card-orders", "orderList", "afterOrderId"),
        cards=("order-cards", "cardList", "orderId"),
        order_id="orderId",
        month="applyMonth",
        spec="cardType",
        count="cardCount",
    )

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        super().__init__(endpoint, client)
        self._session = OneLinkSession(endpoint, client)

    def _query(self, operation: str, number: int, items: str, **params: str) -> PageOf:
        found: list[PageOf] = []
        asked = {**params, "pageNum": number, "pageSize": PAGE}
        self._session.query(operation, asked, lambda result: found.append(page_in(result, items, number, PAGE)))
        return found[-1]

    def _month(self, said: str) -> str:
        return f"{said[:4]}-{said[4:6]}"
