"""The Nameko service of documents: entrypoints only."""

from kernel.chassis.service import ChassisService


class DocumentsService(ChassisService):
    """Issued forms, scans, verdicts and the blobs behind them."""

    name = "documents"
