"""Every page asks the gateway only what it answers: sources, filters, columns, actions, drill-downs (GTW-05)."""

import importlib
from urllib.parse import parse_qsl

import pytest
from fastapi import FastAPI

from gateway.portal.menu import level_of, user_interface
from gateway.portal.options import TONES
from gateway.portal.pages import MENU, PAGES, TODO
from gateway.portal.spec import Action, Column, Field, Page, SpecError, holes
from gateway.roles import ROLES, permissions_of
from gateway.routers.exports import keeper_of
from kernel.chassis.lists.spec import Statistic
from kernel.contracts import topology
from kernel.contracts.words import VOCABULARIES
from kernel.contracts.words_workflow import FORM_STATES
from services.binding.exports import EXPORTS as OF_BINDING
from services.documents.exports import EXPORTS as OF_DOCUMENTS
from services.imei.exports import EXPORTS as OF_IMEI
from services.inventory.exports import EXPORTS as OF_INVENTORY
from services.traffic.exports import EXPORTS as OF_TRAFFIC
from services.workflow.exports import EXPORTS as OF_WORKFLOW
from services.workflow.lifecycles import LIFECYCLES
from tests.portal.openapi import Promises

EXPORTS = {**OF_BINDING, **OF_DOCUMENTS, **OF_IMEI, **OF_INVENTORY, **OF_TRAFFIC, **OF_WORKFLOW}
COMPONENT_PARAMETERS = {
    "card": {"iccid"}, "form": {"number"}, "scan": {"id"}, "reads": {"read_id"}, "seal": {"id"},
}  # fmt: skip
"""What pages that draw themselves read from the address."""
LISTS = [page for page in PAGES.values() if page.source]
OPENED = [page for page in LISTS if page.tab or page.key in set(MENU.keys())]
ACTIONS = [
    (page, action) for page in LISTS for action in (*page.toolbar, *page.batch, *page.actions) if not action.opens
]
DRILLS = [(page, column) for page in LISTS for column in page.columns if column.drill]
MANUAL = [
    "入库",
    "分卡",
    "领用",
    "查询",
    "开卡申请-区县",
    "开卡申请-市",
    "开卡申请-省",
    "销卡申请-区县",
    "销卡申请-市",
    "销卡申请-省",
    "终端SIM卡召测查询",
    "自动绑定记录",
    "绑定异常查看",
    "开卡销卡数量统计",
    "卡流量分布",
    "各市SIM卡费用统计",
    "各状态终端数量统计",
    "终端流量分布",
    "长期异常状态卡",
    "卡数与终端数比对",
    "终端与卡单位不一致",
    "各状态SIM统计",
    "待装卡分流",
    "非运行流量异常卡",
]


def _name(pair: tuple[Page, Action | Column]) -> str:
    page, part = pair
    return f"{page.key}:{part.label if isinstance(part, Action) else part.name}"


@pytest.fixture(scope="module")
def promises(gateway_app: FastAPI) -> Promises:
    return Promises(gateway_app.openapi())


UPLOADS = [
    (page, action)
    for page, action in ACTIONS
    if any(item.kind == "file" and ".csv" in item.accept for item in action.fields)
]


@pytest.mark.req("GTW-05", "INV-01")
@pytest.mark.parametrize("pair", UPLOADS, ids=_name)
def test_a_file_of_rows_has_a_template_to_download(pair: tuple[Page, Action], promises: Promises) -> None:
    _, action = pair
    assert action.template
    assert promises.operation("GET", action.template)


@pytest.mark.req("GTW-05")
def test_the_menu_has_every_page_of_the_manual_in_its_order() -> None:
    titles = [PAGES[key].title for key in MENU.keys()]  # noqa: SIM118 - a Menu is no dict
    assert [title for title in titles if title in MANUAL] == MANUAL


@pytest.mark.parametrize("page", LISTS, ids=lambda page: page.key)
def test_a_list_exists_and_takes_every_filter_of_its_page(page: Page, promises: Promises) -> None:
    operation = promises.operation("get", page.source)
    assert operation, f"no GET {page.source}"
    asked = {name for item in page.filters for name in item.parameters} | set(page.fixed)
    if page.paged:
        asked |= {"cursor", "size"}
    if page.sort or any(column.sort for column in page.columns):
        asked |= {"sort", "order"}
    assert asked <= promises.parameters(operation)


@pytest.mark.parametrize("page", LISTS, ids=lambda page: page.key)
def test_a_list_answers_every_column_of_its_page(page: Page, promises: Promises) -> None:
    operation = promises.operation("get", page.source)
    assert operation
    wanted = {column.name for column in page.columns} | {page.row_key}
    assert wanted <= promises.row_fields(operation)
    if page.sums:
        assert "totals" in promises.answer_fields(operation)
    said = promises.row_fields(operation) | promises.answer_fields(operation)
    assert {item.name for item in page.filters if item.newest} <= said


@pytest.mark.parametrize("page", OPENED, ids=lambda page: page.key)
def test_a_page_of_menu_or_tabs_can_be_opened_without_filters(page: Page, promises: Promises) -> None:
    """What its list needs is fixed or filled in beforehand."""
    operation = promises.operation("get", page.source)
    assert operation
    filled = {item.name for item in page.filters if item.default} | set(page.fixed)
    assert promises.needed(operation) <= filled
    assert {item.name for item in page.filters if item.required} <= filled


@pytest.mark.parametrize("pair", ACTIONS, ids=_name)
def test_an_action_exists_and_takes_what_its_dialog_sends(pair: tuple[Page, Action], promises: Promises) -> None:
    _, action = pair
    if action.download or action.show:
        assert promises.operation("get", action.download or action.show)
        return
    operation = promises.operation(action.method, action.url)
    assert operation, f"no {action.method} {action.url}"
    given = {name for item in action.fields if item.kind != "now" for name in item.parameters} | set(action.data)
    given |= {*action.carry, *action.insist[1:]}
    given |= {action.ids} if action.ids else set()
    taken = promises.sent(operation)
    assert taken is None or given <= taken
    assert promises.required(operation) <= given
    if action.preview:
        preview = promises.operation("post", action.preview)
        assert preview
        assert given - set(action.preview_without) == promises.sent(preview)
    if action.load:
        loaded = promises.operation("get", action.load.partition("?")[0])
        assert loaded
        if action.method in {"PUT", "PATCH"}:
            shown = {item.name for item in action.fields if item.kind != "password"}
            assert shown <= promises.answer_fields(loaded)


@pytest.mark.parametrize("pair", ACTIONS, ids=_name)
def test_an_action_on_a_row_uses_fields_that_the_row_has(pair: tuple[Page, Action], promises: Promises) -> None:
    page, action = pair
    texts = (action.url, action.confirm, action.note, action.download, action.load, action.show)
    needed = {name for text in texts for name in holes(text)}
    operation = promises.operation("get", page.source)
    assert operation
    fields = promises.row_fields(operation)
    known = {name for item in page.filters for name in item.parameters} | set(holes(page.source))
    about = promises.operation("get", page.about.source) if page.about else None
    known |= promises.answer_fields(about) if about else set()
    known |= promises.answer_fields(operation)
    assert needed <= (fields if action.needs == "row" else known)
    assert set(action.carry) <= known
    whole = promises.answer_fields(operation) | (promises.answer_fields(about) if about else set())
    if action.can:
        assert "can" in (whole if action.needs == "nothing" else fields)
    assert not action.page_can or "can" in whole
    assert not action.versions or "version" in fields


@pytest.mark.parametrize("pair", DRILLS, ids=_name)
def test_a_drill_down_fills_parameters_that_its_target_has(pair: tuple[Page, Column], promises: Promises) -> None:
    page, column = pair
    key, _, query = column.drill.partition("?")
    target = PAGES[key]
    parameters = {name for name, _ in parse_qsl(query)}
    offered = {name for item in target.filters for name in item.parameters} | set(holes(target.source))
    assert parameters <= (offered if target.source else COMPONENT_PARAMETERS[key])
    operation = promises.operation("get", page.source)
    assert operation
    known = promises.row_fields(operation) | {name for item in page.filters for name in item.parameters}
    assert set(holes(column.drill)) <= known


def test_options_named_by_pages_are_known_to_the_portal_or_the_api(gateway_app: FastAPI) -> None:
    known = {*VOCABULARIES, "units", "carriers", "card_specs", "months"}
    known |= {"serial_organisations", "serial_transfer_targets"}
    fields = [
        *(item for page in PAGES.values() for item in page.filters),
        *(item for _, action in ACTIONS for item in action.fields),
        *(column for page in PAGES.values() for column in page.columns),
    ]
    assert {item.options for item in fields if item.options} <= known


@pytest.mark.parametrize("service", topology.SERVICES)
def test_a_file_is_asked_of_the_service_that_keeps_its_list(service: str) -> None:
    exports = importlib.import_module(f"services.{service}.exports").EXPORTS

    assert {resource: keeper_of(resource) for resource in exports} == dict.fromkeys(exports, service)


BESIDE = {"form-cards": {"last_use", "month_bytes", "month_cost"}}
"""What the gateway adds to a list from another service; the file, which one service writes, does not have it."""


@pytest.mark.parametrize("page", [page for page in LISTS if page.export], ids=lambda page: page.key)
def test_every_column_and_filter_of_a_page_can_be_exported(page: Page) -> None:
    spec = EXPORTS[page.export]
    known = {column.name for column in spec.columns}
    assert {column.name for column in page.columns} - BESIDE.get(page.key, set()) <= known
    asked = {name for item in page.filters for name in item.parameters} | set(page.fixed)
    paging = set() if isinstance(spec, Statistic) else {"sort", "order", "cursor", "size"}
    assert asked | paging <= set(spec.filters.model_fields)


@pytest.mark.parametrize("page", [page for page in LISTS if page.about or page.warning], ids=lambda page: page.key)
def test_what_a_page_says_above_its_list_is_answered(page: Page, promises: Promises) -> None:
    listed = promises.operation("get", page.source)
    assert listed
    assert set(holes(page.warning)) <= promises.answer_fields(listed)
    if page.about:
        about = promises.operation("get", page.about.source)
        assert about, f"no GET {page.about.source}"
        wanted = {column.name for column in page.about.facts} | set(holes(page.about.warning))
        assert wanted <= promises.answer_fields(about)


@pytest.mark.parametrize("page", [page for page in LISTS if page.second], ids=lambda page: page.key)
def test_lists_below_a_list_share_its_query_form(page: Page) -> None:
    offered = {name for item in page.filters for name in item.parameters}
    for key in page.second:
        below = PAGES[key]
        assert below.source
        assert not below.tab
        assert {name for item in below.filters for name in item.parameters} & offered
        assert (below.level, below.permission) == (page.level, page.permission)


@pytest.mark.req("WFL-02")
@pytest.mark.parametrize("kind", sorted(LIFECYCLES))
def test_the_states_to_choose_from_are_those_of_the_workflow(kind: str) -> None:
    offered = VOCABULARIES[f"{kind}_states"]
    assert offered == {state: FORM_STATES[state] for state in map(str, LIFECYCLES[kind].states)}


@pytest.mark.req("WFL-03")
def test_a_to_do_opens_a_page_that_takes_its_filters() -> None:
    for place, kinds in TODO.items():
        level = place.partition("_")[2]
        for kind, key in kinds.items():
            page = PAGES[key]
            assert page.level == level
            offered = {name for item in page.filters for name in item.parameters}
            if kind:
                assert {"state", "mine"} <= offered
                assert page.fixed.get("kind", kind) == kind
                assert "kind" in offered | set(page.fixed)


class _Person:
    def __init__(self, role: str) -> None:
        self.permissions = permissions_of([role], "99")
        self.unit = {"city_clerk": "9901", "county_clerk": "990101"}.get(role, "99")


def _interface(role: str) -> dict:
    person = _Person(role)
    return user_interface(person.permissions, level_of(person), "zh")


def _labels(interface: dict, page: str, place: str) -> list[str]:
    return [action["label"] for action in interface["pages"][page].get(place, [])]


@pytest.mark.req("GTW-02", "GTW-05")
def test_a_county_clerk_is_not_shown_what_only_the_province_may_do() -> None:
    county, province = _interface("county_clerk"), _interface("province_clerk")
    assert "上传到货清单" in _labels(province, "stock-in", "toolbar")
    assert _labels(county, "stock-in", "toolbar") == []
    assert _labels(county, "allocations", "toolbar") == []
    assert "批量领用" in _labels(county, "issue", "batch")
    assert "people" not in county["pages"]
    assert "audit" in province["pages"]


@pytest.mark.req("GTW-05", "TER-05")
def test_a_page_of_one_level_is_shown_to_people_of_that_level() -> None:
    own = {"county_clerk": "county", "city_clerk": "city", "province_clerk": "province", "viewer": "province"}
    for role, level in own.items():
        pages = _interface(role)["pages"]
        for other in ("county", "city", "province"):
            assert (f"termination-{other}" in pages) == (other == level)
            assert (f"activation-{other}" in pages) == (other == level)


@pytest.mark.req("GTW-05")
def test_every_entry_of_the_menu_can_be_opened() -> None:
    def entries(branch: list) -> list:
        return [leaf for entry in branch for leaf in (entries(entry["entries"]) if "entries" in entry else [entry])]

    shown = entries(_interface("admin")["menu"])

    assert shown
    assert all(entry["open"] for entry in shown)


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("role", ROLES)
def test_every_tab_stands_beside_the_tab_of_the_page_that_the_menu_opens(role: str) -> None:
    """Tabs are drawn on a page that is one itself: else its family is found by nobody."""
    pages = _interface(role)["pages"]

    tabs = {key: page["tab_of"] for key, page in pages.items() if page.get("tab") and page.get("tab_of")}
    assert {key for key, root in tabs.items() if not pages.get(root, {}).get("tab")} == set()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Field("Unit", "单位"), "not a parameter name"),
        (lambda: Field("unit", "单位", "tree"), "options and kind differ"),
        (lambda: Field("from_day", "时间", "dates"), "second parameter"),
        (lambda: Field("name", "姓名", default="$nobody"), "unknown default"),
        (lambda: Column("state", "状态", "tag"), "needs the options"),
        (lambda: Action("删除", "/x", kind="danger"), "danger must ask first"),
        (lambda: Action("领用", "/x", needs="rows"), "ticked rows need a body field"),
        (lambda: Action("空"), "url, opens, download or show"),
        (lambda: Page("Bad Key", "页"), "not a key"),
        (lambda: Page("x", "页", source="/x"), "needs columns"),
    ],
)
def test_a_misspelt_page_is_refused_when_it_is_made(make, complaint: str) -> None:
    with pytest.raises(SpecError, match=complaint):
        make()


def _head_room(column: Column) -> int:
    """Pixels that a Chinese head takes: its letters, the paddings and border of its cell, the arrows of a sort."""
    letters = sum(14 if ord(letter) > 0x2E80 else 9 for letter in column.label)
    return letters + 26 + (24 if column.sort else 0)


@pytest.mark.req("GTW-05")
def test_no_head_of_a_column_is_cut() -> None:
    cut = {
        f"{page.key}.{column.name}": f"{column.label}: {column.width or 120} < {_head_room(column)}"
        for page in PAGES.values()
        for column in page.columns
        if (column.width or 120) < _head_room(column)
    }

    assert cut == {}


@pytest.mark.req("GTW-05")
def test_every_state_in_a_table_has_a_colour_of_its_own_choice() -> None:
    shown = {column.options for page in PAGES.values() for column in page.columns if column.kind == "tag"}
    grey = {
        f"{name}.{code}": word.zh
        for name in shown & set(VOCABULARIES)
        for code, word in VOCABULARIES[name].items()
        if code not in TONES
    }

    assert grey == {}


def test_a_field_that_offers_what_the_row_allows_has_the_words_of_what_its_action_can() -> None:
    offered = [(action, item) for _, action in ACTIONS for item in action.fields if item.allowed]
    assert offered
    for action, item in offered:
        assert set(VOCABULARIES[item.options]) == set(action.can.split("|"))
