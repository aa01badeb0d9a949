"""The Nameko service of traffic: entrypoints only."""

from kernel.chassis.process.service import ChassisService


class TrafficService(ChassisService):
    """Daily and monthly usage, tariffs, costs, anomalies and their rules."""

    name = "traffic"
