"""The same question built the way Nameko's own documentation does: the measure of ``benchmarks.rpc``.

An HTTP entrypoint calls an RPC proxy; the service asks the same query over SQLAlchemy and answers a dict. No
login, no validation, no permissions, no correlation: everything that ours does besides is ours to make up for.

``python -m benchmarks.stock_nameko edge|inventory PORT``
"""

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402  after the patching, as everything below
import os  # noqa: E402
import sys  # noqa: E402
from functools import cached_property  # noqa: E402
from typing import Any  # noqa: E402

os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_selector")  # without it psycopg would block the hub

from nameko.rpc import RpcProxy, rpc  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402
from nameko.web.handlers import http  # noqa: E402
from sqlalchemy import create_engine, text  # noqa: E402
from sqlalchemy.pool import QueuePool  # noqa: E402
from werkzeug.wrappers import Request, Response  # noqa: E402

from services.inventory.card_lists.scan import COLUMNS  # noqa: E402

_QUERY = text(
    f"""
    SELECT {COLUMNS}, (SELECT batch_no FROM deliveries WHERE id = cards.delivery_id) AS batch_no
    FROM cards WHERE iccid = :iccid
    """
)


class Edge:
    """HTTP in, RPC out."""

    name = "edge"
    inventory = RpcProxy("stock_inventory")

    @http("GET", "/cards/<string:iccid>")
    def get_card(self, request: Request, iccid: str) -> Response:
        return Response(json.dumps(self.inventory.get_card(iccid)), mimetype="application/json")

    @http("GET", "/health")
    def health(self, request: Request) -> str:
        return "ok"


class StockInventory:
    """RPC in, query, dict out."""

    name = "stock_inventory"

    @cached_property
    def engine(self) -> Any:
        return _engine()

    @rpc
    def get_card(self, iccid: str) -> dict[str, Any]:
        with self.engine.connect() as connection:
            row = connection.execute(_QUERY, {"iccid": iccid}).one()
        return {name: str(value) if value is not None else None for name, value in row._mapping.items()}


_engines: list[Any] = []


def _engine() -> Any:
    """One engine per process: Nameko makes a new service object for every call."""
    if not _engines:
        url = os.environ["SIMKEEP_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
        options = {"options": "-c search_path=inventory"}
        _engines.append(create_engine(url, connect_args=options, poolclass=QueuePool, pool_size=16))
    return _engines[0]


def main(part: str, port: str) -> None:
    config = {"AMQP_URI": os.environ["SIMKEEP_AMQP_URL"], "WEB_SERVER_ADDRESS": f"127.0.0.1:{port}", "max_workers": 32}
    runner = ServiceRunner(config=config)
    runner.add_service(Edge if part == "edge" else StockInventory)
    runner.start()
    runner.wait()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
