"""Every list of every service: its pages, its count, its sums and its file are one statement (GTW-01, GTW-03).

The lists are found by walking over the services. A list method without a declaration fails, and so does a list for
which ``houses`` has no rows.
"""

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs.lists import lists_of
from kernel.chassis.lists.columns import Column, texts
from kernel.chassis.lists.files import Sums
from kernel.chassis.lists.spec import Asked, ListSpec, SelectList, Statistic, picked
from kernel.contracts import operations as chassis_contract
from kernel.contracts import topology
from kernel.contracts.method import Method
from kernel.contracts.paging import PageRequest
from kernel.model.errors import DomainError
from services.inventory.card_lists.card_list import SORTS
from tests.integration.lists.houses import UNITS, House, actor

pytestmark = pytest.mark.req("GTW-01", "GTW-03")
Spec = ListSpec[Any, Any]
PAGING = set(PageRequest.model_fields)
MOST_PAGES = 8
"""Into how many pages a long list is cut; a short one has pages of one row too."""


def _module(name: str) -> Any:
    parent = name.rpartition(".")[0]
    if importlib.util.find_spec(parent) is None or importlib.util.find_spec(name) is None:
        return None
    return importlib.import_module(name)


def _declared() -> Iterator[tuple[str, Spec]]:
    yield from (("chassis", spec) for spec in lists_of("imei"))
    for service in topology.SERVICES:
        module = _module(f"services.{service}.exports")
        yield from ((service, spec) for spec in (module.LISTS if module else ()))


def _promised() -> Iterator[tuple[str, Method[Any, Any]]]:
    yield from (("chassis", method) for method in chassis_contract.METHODS)
    for service in topology.SERVICES:
        contract = _module(f"kernel.contracts.{service}")
        yield from ((service, method) for method in getattr(contract, "METHODS", ()))


EVERY = list(_declared())
SELECTED = [pytest.param(*it, id=f"{it[0]}-{it[1].method.name}") for it in EVERY if not isinstance(it[1], Statistic)]
EXPORTED = [pytest.param(*it, id=f"{it[0]}-{it[1].method.name}") for it in EVERY if it[1].columns]


@contextmanager
def _asking(house: House, spec: Spec, unit: str, filters: dict[str, Any]) -> Iterator[Asked[Any]]:
    with house.engine.connect() as connection:
        by = actor(unit)
        tx = Tx(connection, by, None, writable=False)
        yield Asked(tx, spec.check(filters), by, house.now)


def _page(asked: Asked[Any], spec: Spec, **paging: Any) -> Any:
    request = asked.request.model_copy(update=paging)
    return spec.answer(asked.tx, request, by=asked.by, now=asked.now)


def _walk(asked: Asked[Any], spec: Spec, size: int) -> list[Any]:
    """All items of a list, page by page."""
    page = _page(asked, spec, size=size)
    items = list(page.items)
    while page.next_cursor is not None:
        page = _page(asked, spec, size=size, cursor=page.next_cursor)
        items += page.items
    return items


def _walk_back(asked: Asked[Any], spec: Spec, size: int) -> list[Any]:
    page = _page(asked, spec, size=size, cursor="last")
    pages = [page.items]
    while page.previous_cursor is not None:
        page = _page(asked, spec, size=size, cursor=page.previous_cursor)
        pages.append(page.items)
    # The first page is full from both sides, and so may repeat what the second has.
    whole: list[Any] = []
    for items in reversed(pages):
        whole += [item for item in items if item not in whole]
    return whole


def _cells(spec: Spec, lines: Any) -> list[list[str]]:
    """Values of the columns, as texts but not yet by their names."""
    table = [line for part in lines for line in part]
    if not table:
        return []
    by_column = [
        map(str, texts(Column(column.name, column.title, kind=column.kind), values))
        for column, values in zip(spec.columns, zip(*table, strict=True), strict=True)
    ]
    return [list(line) for line in zip(*by_column, strict=True)]


# -- conditions at random ----------------------------------------------------------------------------------------------


def _kind(annotation: Any) -> Any:
    """The type of a field without None and without its constraints."""
    kinds = set(get_args(annotation)) if get_origin(annotation) in (Union, UnionType) else {annotation}
    kind = next(iter(kinds - {type(None)}))
    return kind.__origin__ if hasattr(kind, "__metadata__") else kind


def _values(name: str, annotation: Any, house: House, items: list[Any]) -> st.SearchStrategy[Any] | None:
    """What may be asked for in a field: values that rows have, beginnings of them, and some that none has."""
    kind = _kind(annotation)
    had = [value for item in items if (value := getattr(item, name, None)) is not None]
    fixed: dict[Any, list[Any]] = {bool: [True, False], int: [*had, 0, 5, 40], UUID: had, date: _days(house)}
    if name in house.needs:
        choice = house.needs[name]
    elif "unit" in name and kind is str:
        choice = list(UNITS)
    elif get_origin(kind) is Literal:
        choice = list(get_args(kind))
    elif kind is str:
        words = [*map(str, had)] or ["8986"]
        choice = [*words, "2026-08"] if "month" in name else [*words, *(it[: max(1, len(it) // 2)] for it in words)]
    else:
        choice = fixed.get(kind, [])
    if get_origin(kind) is list:
        inner = _values(name.removesuffix("s"), get_args(kind)[0], house, items)
        return None if inner is None else st.lists(inner, min_size=1, max_size=5)
    return st.sampled_from(choice) if choice else None


def _days(house: House) -> list[date]:
    return [house.now.date() + timedelta(days=days) for days in range(-200, 4)]


def _filters(draw: Any, spec: Spec, house: House, items: list[Any], *, most: int = 3) -> dict[str, Any]:
    fields: dict[str, FieldInfo] = {n: f for n, f in spec.filters.model_fields.items() if n not in PAGING}
    required = [name for name, field in fields.items() if field.is_required()]
    optional = [name for name in fields if name not in required]
    chosen = draw(st.lists(st.sampled_from(optional), unique=True, max_size=most)) if optional else []
    found = {}
    for name in [*required, *chosen]:
        values = _values(name, fields[name].annotation, house, items)
        if values is not None:
            found[name] = draw(values)
    if not isinstance(spec, Statistic):
        sorts = _sorts(spec)
        found["sort"] = draw(st.sampled_from([None, *sorts]))
        found["order"] = draw(st.sampled_from(["asc", "desc"]))
    return found


def _sorts(spec: Spec) -> list[str]:
    return (list(spec.sorts) or ["id"]) if isinstance(spec, SelectList) else list(SORTS)


def _needed(spec: Spec, house: House) -> dict[str, Any]:
    return {name: house.needs[name][0] for name, field in spec.filters.model_fields.items() if field.is_required()}


_read: dict[tuple[House, str], list[Any]] = {}
"""What each list has, read once: no test of this folder changes rows for good."""


def _some_items(spec: Spec, house: House) -> list[Any]:
    if (house, spec.method.name) not in _read:
        _read[house, spec.method.name] = _first_items(spec, house)
    return _read[house, spec.method.name]


def _first_items(spec: Spec, house: House) -> list[Any]:
    with _asking(house, spec, "99", _needed(spec, house)) as asked:
        paging = {} if isinstance(spec, Statistic) else {"size": 200}
        return list(_page(asked, spec, **paging).items)


at_random = partial(
    settings,
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


# -- the tests ---------------------------------------------------------------------------------------------------------


def test_every_list_method_of_every_service_is_declared_as_a_list() -> None:
    declared = {(service, spec.method.name) for service, spec in EVERY}
    promised = {(service, it.name) for service, it in _promised() if issubclass(it.request, PageRequest)}

    assert promised - declared == set()
    assert {spec.method for _, spec in EVERY} <= {method for _, method in _promised()}


@pytest.mark.parametrize(("service", "spec"), [pytest.param(*it, id=f"{it[0]}-{it[1].method.name}") for it in EVERY])
def test_every_list_has_rows_to_be_tested_with(houses: Any, service: str, spec: Spec) -> None:
    assert len(_some_items(spec, houses(service))) > 1


@pytest.mark.parametrize(("service", "spec"), SELECTED)
@at_random()
@given(data=st.data())
def test_the_pages_of_a_list_are_its_rows_from_both_sides(houses: Any, service: str, spec: Spec, data: Any) -> None:
    house = houses(service)
    filters = _filters(data.draw, spec, house, _some_items(spec, house))
    unit, size = data.draw(st.sampled_from(UNITS)), data.draw(st.integers(1, 60))
    with _asking(house, spec, unit, filters) as asked:
        try:
            page = _page(asked, spec, size=1000)
        except DomainError:
            return
        whole = list(page.items)
        assert page.total == len(whole)
        size = max(size, len(whole) // MOST_PAGES)
        assert _walk(asked, spec, size) == whole
        assert _walk_back(asked, spec, size) == whole


@pytest.mark.parametrize(("service", "spec"), EXPORTED)
@at_random()
@given(data=st.data())
def test_the_file_of_a_list_is_the_list_and_the_file_of_a_page_the_page(
    houses: Any, service: str, spec: Spec, data: Any
) -> None:
    house = houses(service)
    filters = _filters(data.draw, spec, house, _some_items(spec, house))
    unit, size = data.draw(st.sampled_from(UNITS)), data.draw(st.integers(1, 60))
    with _asking(house, spec, unit, filters) as asked:
        try:
            page = _page(asked, spec) if isinstance(spec, Statistic) else _page(asked, spec, size=1000)
        except DomainError as refused:
            with pytest.raises(DomainError, match=refused.code):
                list(spec.lines(asked, spec.columns))
            return
        whole = _cells(spec, [picked(page.items, spec.columns)])
        lines = list(spec.lines(asked, spec.columns))
        assert _cells(spec, lines) == whole
        _sums_agree(spec, page, lines)
        if isinstance(spec, Statistic):
            return
        assert spec.total(asked) == len(whole)
        second = _page(asked, spec, size=size).next_cursor
        if second is not None:
            paged = Asked(asked.tx, spec.check({**filters, "size": size, "cursor": second}), asked.by, asked.now)
            assert _cells(spec, spec.lines(paged, spec.columns)) == whole[size : 2 * size]


def _sums_agree(spec: Spec, page: Any, lines: Any) -> None:
    """The last line of the file says what the list says above itself."""
    sums = Sums(spec.columns)
    for part in lines:
        if part:
            sums.add([list(values) for values in zip(*part, strict=True)])
    for name in getattr(spec, "sums", ()):
        at = next((at for at, column in enumerate(spec.columns) if column.name == name and column.total), None)
        said = getattr(page, name, None)
        if at is not None and said is not None and sums.line is not None:
            assert sums.line[at] == said


@pytest.mark.parametrize(("service", "spec"), SELECTED)
def test_a_cursor_of_other_conditions_of_another_person_or_made_up_is_refused(
    houses: Any, service: str, spec: Spec
) -> None:
    house = houses(service)
    with _asking(house, spec, "99", _needed(spec, house)) as asked:
        cursor = _page(asked, spec, size=1).next_cursor
        with pytest.raises(DomainError, match="cursor_invalid"):
            _page(asked, spec, size=1, cursor=cursor, order="desc")
        with pytest.raises(DomainError, match="cursor_invalid"):
            _page(asked, spec, size=1, cursor="bm9uc2Vuc2U")
        request = asked.request.model_copy(update={"cursor": cursor})
        with pytest.raises(DomainError, match="cursor_invalid"):
            spec.answer(asked.tx, request, by=actor("99", "somebody"), now=asked.now)


@pytest.mark.parametrize(("service", "spec"), SELECTED)
def test_a_sort_that_the_list_does_not_have_is_refused(houses: Any, service: str, spec: Spec) -> None:
    house = houses(service)
    wrong = {**_needed(spec, house), "sort": "colour"}
    with _asking(house, spec, "99", wrong) as asked, pytest.raises(DomainError, match="sort_unknown"):
        _page(asked, spec)
