"""Words for what traffic's codes mean."""

from kernel.contracts.words import vocabulary

USAGE_SOURCES = vocabulary("usage_sources", {"carrier": ("运营商", "Carrier"), "terminal": ("主站", "Master station")})
VOLUME_UNITS = vocabulary("volume_units", {unit: (unit, unit) for unit in ("B", "KB", "MB", "GB")})
LOAD_STATES = vocabulary(
    "load_states",
    {
        "waiting": ("处理中", "In progress"),
        "held": ("待确认", "Waits for a person"),
        "taken": ("已入库", "Taken"),
        "dropped": ("已放弃", "Dropped"),
    },
)
