"""How often one address may ask without login (DOC-05)."""

import pytest

from gateway import allowance
from gateway.allowance import Allowance


@pytest.mark.req("DOC-05")
def test_askings_come_back_evenly_and_one_address_does_not_use_up_anothers(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(allowance.time, "monotonic", lambda: now[0])
    checks = Allowance(3, 60)

    first = [checks.take("a") for _ in range(4)]
    other = checks.take("b")
    now[0] += 20
    later = [checks.take("a"), checks.take("a")]
    now[0] += 3600
    rested = [checks.take("a") for _ in range(4)]

    assert first == [0, 0, 0, 20]
    assert other == 0
    assert later == [0, 20]
    assert rested == [0, 0, 0, 20]
