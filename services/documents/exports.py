"""导出: the lists of scans and of issued forms as files, with the lists' own filters and order."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.exports import Column, ExportSpec, unit_columns
from kernel.contracts.documents.forms import ListForms
from kernel.contracts.documents.scans import ListScans
from kernel.contracts.paging import MAX_PAGE_SIZE, PageRequest
from kernel.model.actor import Actor
from services.documents import form_list, scan_list
from services.documents.forms.content import TITLES

OUTCOMES = {"waiting": "等待核验", "passed": "通过", "differs": "不一致", "unclear": "看不清", "refused": "无法处理"}
STATES = {"issuing": "签发中", "current": "有效", "superseded": "已被替代", "failed": "签发失败"}


def _column(name: str, title: str, **more: Any) -> Column:
    return Column(name, f"{title} {name}", **more)


def _person(name: str, title: str) -> tuple[Column, Column]:
    """Who it was, and his login beside it: names are not unique."""
    return _column(f"{name}_name", title, width=12), _column(name, f"{title}账号", width=12)


_FORM = (
    _column("number", "申请单号"),
    _column("revision", "版次", number=True, width=10),
    _column("kind", "单据种类", labels=TITLES),
    *unit_columns("unit", "单位"),
)
_SCANS = (
    *_FORM,
    _column("outcome", "核验结果", labels=OUTCOMES, width=12),
    _column("findings_count", "问题数", number=True, width=10),
    *_person("uploaded_by", "上传人"),
    _column("uploaded_at", "上传时间"),
    _column("judged_at", "核验时间"),
    *_person("decided_by", "判定人"),
    _column("remark", "判定依据", width=40),
)
_FORMS = (
    *_FORM,
    _column("state", "状态", labels=STATES, width=12),
    _column("pages", "页数", number=True, width=10),
    _column("check_code", "校验码"),
    *_person("issued_by", "签发人"),
    _column("issued_at", "签发时间"),
    _column("superseded_at", "被替代时间"),
)


def _every(listing: Callable[..., Any], tx: Tx, filters: PageRequest, by: Actor, now: datetime) -> Iterator[Any]:
    """The page that the filters point at, or every page of all that matches, a thousand rows in memory at a time."""
    only = bool(filters.model_fields_set & {"cursor", "size"})
    request = filters if only else filters.model_copy(update={"size": MAX_PAGE_SIZE})
    while True:
        page = listing(tx, request, by=by)
        yield from page.items
        if only or page.next_cursor is None:
            return
        request = request.model_copy(update={"cursor": page.next_cursor})


EXPORTS = {
    "scans": ExportSpec("审批单核验", "card.view", _SCANS, ListScans, rows=partial(_every, scan_list.list_scans)),
    "issued-forms": ExportSpec(
        "已签发单据", "card.view", _FORMS, ListForms, rows=partial(_every, form_list.list_forms)
    ),
}
