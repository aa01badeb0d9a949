"""An errand ends in time, wherever it waits."""

from typing import ClassVar

import eventlet
import pytest

from kernel.chassis.bus import events
from kernel.contracts.envelope import Event


class Told(Event):
    TYPE: ClassVar[str] = "told"


@pytest.mark.req("WFL-03")
def test_an_errand_that_takes_too_long_is_ended_and_any_other_handler_is_not(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(events, "ERRAND_SECONDS", 0.05)

    with pytest.raises(TimeoutError, match=r"not done within 0\.05 s"):
        events.EventHandler("probe", Told, errand=True).within_time(eventlet.sleep)(20)

    events.EventHandler("probe", Told).within_time(eventlet.sleep)(0.1)
    events.EventHandler("probe", Told, errand=True).within_time(eventlet.sleep)(0)
