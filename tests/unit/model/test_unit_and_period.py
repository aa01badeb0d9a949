from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date, check_month, days, month_of, month_period, next_month, start_of_day
from kernel.model.unit import Level, ancestor_at, check_unit, is_within, level, parent, prefix_end

codes = st.sampled_from([2, 4, 6, 8]).flatmap(lambda n: st.text(alphabet="0123456789", min_size=n, max_size=n))


@given(codes, codes)
def test_within_is_a_prefix_and_a_range_at_once(code: str, ancestor: str):
    assert is_within(code, ancestor) == (ancestor <= code < prefix_end(ancestor))


@given(codes)
def test_every_unit_lies_within_its_ancestors(code: str):
    above = parent(code)
    while above is not None:
        assert is_within(code, above)
        assert ancestor_at(code, level(above)) == above
        above = parent(above)


@pytest.mark.parametrize("code", ["", "9", "990", "99a1", "９９", "9901010101"])
def test_a_code_that_is_none_is_refused(code: str):
    with pytest.raises(DomainError, match="unit_malformed"):
        check_unit(code)


def test_the_empty_prefix_holds_every_unit():
    assert is_within("99", "")
    assert prefix_end("") > "99999999"
    assert level("9901") is Level.CITY


@pytest.mark.req("GTW-02")
def test_an_actor_acts_only_within_his_units_and_permissions():
    clerk = Actor("u1", "王芳", "9901", frozenset({"card.view"}))

    clerk.require("card.view")
    clerk.require_within("990101")
    with pytest.raises(DomainError, match="permission_denied"):
        clerk.require("card.issue")
    with pytest.raises(DomainError, match="unit_out_of_scope"):
        clerk.require_within("9902")
    with pytest.raises(DomainError, match="unit_out_of_scope"):
        clerk.require_within("99")


def test_a_day_begins_at_midnight_in_shanghai():
    assert start_of_day(date(2026, 11, 22)) == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert business_date(datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert business_date(datetime(2026, 11, 21, 16, tzinfo=UTC)) == date(2026, 11, 22)
    assert month_of(datetime(2026, 11, 30, 16, tzinfo=UTC)) == "2026-12"


def test_a_month_ends_where_the_next_begins():
    december = month_period("2026-12")

    assert next_month("2026-12") == "2027-01"
    assert december.end == month_period("2027-01").start
    assert december.start in december
    assert december.end not in december


def test_days_as_people_write_them_include_both_ends():
    week = days(date(2026, 11, 1), date(2026, 11, 7))

    assert datetime(2026, 11, 7, 15, 59, tzinfo=UTC) in week
    assert datetime(2026, 11, 7, 16, 0, tzinfo=UTC) not in week
    assert datetime(1999, 1, 1, tzinfo=UTC) in days(None, date(2026, 1, 1))


@pytest.mark.parametrize("text", ["20２６-11", "2026-1１", "2026-11\n", "202\u0666-11"])
def test_a_month_has_one_form(text: str):
    with pytest.raises(DomainError) as refused:
        check_month(text)

    assert refused.value.code == "month_malformed"
