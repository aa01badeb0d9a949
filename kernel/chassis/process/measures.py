"""Figures of a service's own trade for Prometheus, read from its tables every now and then.

A service has them in its module ``measures`` as ``MEASURES``. Every replica reads the same tables and shows the same
figures, so whoever adds up takes the maximum. A statement must be cheap at any size of its tables.
"""

import importlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client import Gauge

from kernel.chassis.data.unit_of_work import Tx


@dataclass(frozen=True)
class Measure:
    """``statement`` answers rows of the gauge's labels, in their order, and then the figure."""

    gauge: Gauge
    statement: str


def measures_of(package: str) -> tuple[Measure, ...]:
    """Those of a service; none when it has no such module."""
    if importlib.util.find_spec(f"{package}.measures") is None:
        return ()
    found: tuple[Measure, ...] = importlib.import_module(f"{package}.measures").MEASURES
    return found


def take(tx: Tx, measures: Iterable[Measure]) -> None:
    """What no row names any more is shown no longer."""
    for measure in measures:
        rows = tx.execute(measure.statement).all()
        labelled = len(rows[0]) > 1 if rows else True
        if labelled:
            measure.gauge.clear()
        for row in rows:
            (measure.gauge.labels(*row[:-1]) if labelled else measure.gauge).set(row[-1])
