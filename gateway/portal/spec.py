"""The vocabulary in which portal pages are written (GTW-05).

A page is data: which list it shows, what it can be asked, what may be done there. The browser draws it with one generic
renderer. Nothing here is an expression, HTML or a script; whether a row allows an action is the server's answer
(``row["can"]``). Every value checks itself when it is made, so a misspelt page stops the gateway at import and not a
clerk in front of a grey screen.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

FieldKind = Literal[
    "text", "textarea", "number", "select", "tree", "month", "date", "dates", "days", "iccids", "serials", "file",
    "password", "checks", "check", "now", "split", "given", "volumes",
]
ColumnKind = Literal["text", "number", "tag", "choice", "time", "date", "month", "days", "list", "kinds",
    "volume", "yuan",
]
ActionKind = Literal["default", "primary", "danger"]
Needs = Literal["nothing", "row", "rows"]
Answer = Literal["done", "bulk", "job", "close", "issued", "scan", "secret", "reads", "file"]
Level = Literal["", "county", "city", "province"]

_FIELD_KINDS = frozenset(FieldKind.__args__)  # type: ignore[attr-defined]
_COLUMN_KINDS = frozenset(ColumnKind.__args__)  # type: ignore[attr-defined]
_DEFAULTS = frozenset({"", "$name", "$unit", "$phone", "$today", "$this_month", "$next_month"})
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_KEY = re.compile(r"[a-z][a-z0-9-]*\Z")
_HOLE = re.compile(r"\{([a-z0-9_]+)\}")


class SpecError(ValueError):
    """A page is written wrongly; the message names the place."""


def _require(truth: object, message: str) -> None:
    if not truth:
        raise SpecError(message)


def holes(template: str) -> tuple[str, ...]:
    """The names in braces of a path or drill template, e.g. ``/deliveries/{id}/file`` gives ``("id",)``."""
    return tuple(_HOLE.findall(template))


@dataclass(frozen=True, slots=True)
class Field:
    """One thing the user can enter, in a query form or in a dialog.

    ``name`` is the API's parameter, the URL parameter and the export's filter alike. ``until`` names the second
    parameter of a span (``dates``, ``days``, ``volumes``). ``default`` starting with ``$`` is filled in by the browser:
    who is logged in, his unit, today, this month. ``check`` is one box that says yes. ``now`` shows the moment and
    sends nothing. ``split`` divides the quantity of each line that ``load`` brings into old and new cards (ACT-03).
    ``volumes``: bytes, which people write as MB of 2^20.
    ``needed_if``: another field and its value, with which this one must be filled in. ``given`` came with a link and is
    nobody's to type: it is shown only while it applies, by what the columns ``shown_by`` of the list say of it.
    ``allowed``: of the options only those that the row's ``can`` names.
    ``newest``: left empty, the server takes the newest there is; the empty field shows which one its rows are of.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    options: str = ""
    until: str = ""
    multiple: bool = False
    required: bool = False
    default: str = ""
    hint: str = ""
    accept: str = ""
    max_length: int = 0
    needed_if: tuple[str, str] | tuple[()] = ()
    shown_by: tuple[str, ...] = ()
    newest: bool = False
    allowed: bool = False

    def __post_init__(self) -> None:
        where = f"field {self.name!r}"
        _require(_NAME.match(self.name), f"{where}: not a parameter name")
        _require(self.kind in _FIELD_KINDS, f"{where}: unknown kind {self.kind!r}")
        _require(self.label, f"{where}: no label")
        _require((self.kind in {"select", "tree", "checks"}) == bool(self.options), f"{where}: options and kind differ")
        spans = self.kind in {"dates", "days", "volumes"}
        _require(spans == bool(self.until), f"{where}: a span needs its second parameter")
        _require(not self.default.startswith("$") or self.default in _DEFAULTS, f"{where}: unknown default")
        _require((self.kind == "given") == bool(self.shown_by), f"{where}: what is given is shown by columns")
        _require(not self.accept or self.kind == "file", f"{where}: only files have a type")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The API parameters which this field fills."""
        return (self.name, self.until) if self.until else (self.name,)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``sort`` is the API's word for sorting by it.

    ``volume``: bytes, shown as MB of 2^20.

    ``drill`` is ``page?parameter={field}``, where the fields are the row's and else the page's filters; ``unless``
    names the filter under which a number is history and has no list to open any more (``as_of``).
    """

    name: str
    label: str
    kind: ColumnKind = "text"
    width: int = 0
    fixed: bool = False
    sort: str = ""
    options: str = ""
    drill: str = ""
    unless: str = ""
    hidden: bool = False
    copy: bool = False

    def __post_init__(self) -> None:
        where = f"column {self.name!r}"
        _require(_NAME.match(self.name), f"{where}: not a field name")
        _require(self.kind in _COLUMN_KINDS, f"{where}: unknown kind {self.kind!r}")
        _require(self.options or self.kind not in {"tag", "choice"}, f"{where}: needs the options that name its values")
        _require(not self.options or self.kind in {"tag", "choice", "list"}, f"{where}: options without use")
        _require(self.label, f"{where}: no label")


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done: a button above the table, over the ticked rows, or in a row.

    ``can`` is the word the server puts into a row's ``can`` list when this row allows the act (or one of several,
    parted by ``|``); for a button above the table, into the list's own. ``page_can`` is a word of the list's own
    ``can`` for acts on rows. ``ids`` is the body field that carries the keys of the ticked rows, with ``versions`` as
    ``{key, version}``; ``useless`` is said when none of them allows the act. ``preview`` is the dry run that must have
    said yes to the same values before the act itself is offered (INV-03); ``preview_without`` names fields that it
    does not ask for. ``load`` is the resource whose present values the dialog starts with; ``carry`` names filters of
    the page that go into the body. A refusal with the code ``insist[0]`` is put as a question, whose yes sends
    ``insist[1]`` as true. ``title`` is the dialog's, where the label does not say what it makes.
    ``yes_no``: the question has 是 and 否 for answers.
    ``ask``: field, value, and the question that is put before that value is sent.
    ``opens`` makes the action a link, ``download`` a file, ``show`` a PDF on the screen.
    ``look`` shows what the chosen file holds before it is sent, and again when one of the fields ``look_with`` changes;
    ``template`` is the file to fill in.
    Whether a user sees it follows from the route or page behind it; ``permission`` is for what asks for more.
    """

    label: str
    url: str = ""
    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    fields: tuple[Field, ...] = ()
    needs: Needs = "nothing"
    kind: ActionKind = "default"
    permission: str = ""
    can: str = ""
    ids: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    confirm: str = ""
    note: str = ""
    preview: str = ""
    preview_without: tuple[str, ...] = ()
    answer: Answer = "done"
    success: str = "操作成功"
    opens: str = ""
    download: str = ""
    show: str = ""
    load: str = ""
    etag: bool = False
    page_can: str = ""
    versions: bool = False
    useless: str = ""
    carry: tuple[str, ...] = ()
    insist: tuple[str, str] | tuple[()] = ()
    ask: tuple[str, str, str] | tuple[()] = ()
    title: str = ""
    yes_no: bool = False
    look: str = ""
    look_with: tuple[str, ...] = ()
    template: str = ""

    def __post_init__(self) -> None:
        where = f"action {self.label!r}"
        targets = bool(self.url) + bool(self.opens) + bool(self.download) + bool(self.show)
        _require(targets == 1, f"{where}: url, opens, download or show")
        _require(bool(self.ids) == (self.needs == "rows"), f"{where}: ticked rows need a body field, and only they")
        _require(self.kind != "danger" or self.confirm or self.fields, f"{where}: danger must ask first")
        _require(not self.etag or self.load, f"{where}: If-Match needs the resource that was loaded")
        files = any(field.kind == "file" for field in self.fields)
        _require(files or not (self.look or self.template), f"{where}: nothing to look at without a file")
        names = [field.name for field in self.fields]
        _require(len(set(names)) == len(names), f"{where}: the same field twice")
        needs = [item.needed_if[0] for item in self.fields if item.needed_if] + list(self.ask[:1])
        _require(set(self.look_with) <= set(names), f"{where}: a look goes by a field that is not there")
        _require(set(needs) <= set(names), f"{where}: a field follows one that is not there")


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars over the same rows as the table below it; a click on a bar opens what the table's number opens.

    ``lines``: a field; then each of its values is a line of the one series, over the values of ``x`` in their order.
    """

    title: str
    x: str
    series: tuple[str, ...]
    stacked: bool = True
    unit: str = "张"
    lines: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What a page says of itself above its list: ``facts`` of the answer of ``source``; buttons follow its ``can``.

    ``warning``: a text with the answer's fields in braces, shown when they have values.
    """

    source: str
    facts: tuple[Column, ...] = ()
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the portal. ``key`` is the menu key and the URL (``#/stock-in``): users bookmark it.

    ``source`` is a path below ``/api/v1``; braces in it are URL parameters of the page. ``fixed`` filters always apply
    and are not offered. ``paged`` lists have keyset cursors, and ``last`` if they can be read from the end; the others
    answer all rows. With ``sums`` they answer ``totals``. ``warning`` is a text with fields of the list's answer.
    ``second`` names pages whose lists stand below this one's and share its query form; ``list_title`` is then the head
    of its own. ``level``: only for people of a unit of that level. ``permission``: where it has no list, whose
    route says who may see it.
    A page with ``tab_of`` is a tab of another page. ``component`` names a module of ``static/`` that draws the page
    itself. A page without source and component is a page of the manual that is not open yet.
    """

    key: str
    title: str
    permission: str = ""
    source: str = ""
    row_key: str = ""
    filters: tuple[Field, ...] = ()
    columns: tuple[Column, ...] = ()
    toolbar: tuple[Action, ...] = ()
    batch: tuple[Action, ...] = ()
    actions: tuple[Action, ...] = ()
    fixed: dict[str, str] = field(default_factory=dict)
    sort: str = ""
    paged: bool = True
    last: bool = True
    sums: bool = False
    chart: Chart | None = None
    export: str = ""
    tab: str = ""
    tab_of: str = ""
    hint: str = ""
    component: str = ""
    level: Level = ""
    about: About | None = None
    warning: str = ""
    second: tuple[str, ...] = ()
    list_title: str = ""

    def __post_init__(self) -> None:
        where = f"page {self.key!r}"
        _require(_KEY.match(self.key), f"{where}: not a key")
        _require(not (self.source and self.component), f"{where}: a list or a component")
        if self.source:
            _require(self.columns and self.row_key, f"{where}: a list needs columns and a row key")
        names = [column.name for column in self.columns]
        _require(len(set(names)) == len(names), f"{where}: the same column twice")
        parameters = [name for item in self.filters for name in item.parameters]
        _require(len(set(parameters)) == len(parameters), f"{where}: the same filter twice")
        _require(not set(parameters) & set(self.fixed), f"{where}: a fixed filter is offered too")
        shown = {name for item in self.filters for name in item.shown_by}
        _require(shown <= set(names), f"{where}: a given filter is shown by columns that are not there")
        for action in self.batch:
            _require(action.needs == "rows", f"{where}: {action.label} is not for ticked rows")
        for action in self.actions:
            _require(action.needs == "row", f"{where}: {action.label} is not for one row")
        if self.chart:
            _require(set(self.chart.series) <= set(names), f"{where}: the chart shows what the table does not")

    @property
    def open(self) -> bool:
        """Whether the page can be used already."""
        return bool(self.source or self.component)


@dataclass(frozen=True, slots=True)
class Menu:
    """A branch of the menu: page keys and further branches, in the order of the manual."""

    title: str
    icon: str = ""
    entries: tuple["Menu | str", ...] = ()

    def keys(self) -> Iterator[str]:
        """Every page key below, in order."""
        for entry in self.entries:
            if isinstance(entry, Menu):
                yield from entry.keys()
            else:
                yield entry


_WORDS = frozenset({
    "title", "label", "hint", "confirm", "note", "success", "tab", "unit", "warning", "useless",
    "list_title",
})  # fmt: skip


def plain(value: Any, say: Callable[[str], str] = str) -> Any:
    """The value as JSON data, its words passed through ``say``, without what is empty: a page is 2 KB and not 12."""
    if is_dataclass(value) and not isinstance(value, type):
        content = {}
        for item in fields(value):
            part = plain(getattr(value, item.name), say)
            if part not in ("", None, False, 0, [], {}):
                content[item.name] = say(part) if item.name in _WORDS and isinstance(part, str) else part
                if item.name == "ask":
                    content["ask"] = [*part[:2], say(part[2])]
        return content
    if isinstance(value, tuple | list):
        return [plain(item, say) for item in value]
    if isinstance(value, dict):
        return {name: plain(content, say) for name, content in value.items()}
    return value


def words(value: Any) -> Iterator[str]:
    """Every text of a spec that a user reads; what ``texts.py`` must know."""
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    plain(value, note)
    yield from found
