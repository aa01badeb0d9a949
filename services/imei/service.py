"""The Nameko service of imei: entrypoints only."""

from kernel.chassis.process.service import ChassisService


class ImeiService(ChassisService):
    """Serials, pools, organisations, redemptions, lists, violations."""

    name = "imei"
