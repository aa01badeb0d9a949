"""Reports a collection master station's terminals and readings to SimKeep.

``StationClient`` is all that a station needs; ``decode`` turns what terminals answer into card numbers.
"""

from simkeep_bus import NotAllowedError, NotAnsweredError, RefusedError
from simkeep_station.client import StationClient
from simkeep_station.reports import Reading, ReadRequest, Terminal

__all__ = ["NotAllowedError", "NotAnsweredError", "ReadRequest", "Reading", "RefusedError", "StationClient", "Terminal"]
