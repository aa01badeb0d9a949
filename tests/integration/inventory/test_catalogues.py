"""The carriers that requests may name are those of the catalogue (INV-01)."""

import pytest
from sqlalchemy import Engine, text

from kernel.contracts.words_people import CARRIER_NAMES


@pytest.mark.req("INV-01", "GTW-01")
def test_the_carriers_that_requests_may_name_are_those_of_the_catalogue(engine: Engine) -> None:
    with engine.connect() as connection:
        known = connection.execute(text("SELECT code, name_zh, name_en FROM carriers ORDER BY code")).all()

    assert [tuple(row) for row in known] == sorted((code, word.zh, word.en) for code, word in CARRIER_NAMES.items())
