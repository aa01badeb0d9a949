"""销卡申请: cards for termination, their list, the reviews, the carrier's answers (TER-01 to TER-08)."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Response
from pydantic import ConfigDict, Field

from gateway.calls import Call, calling
from gateway.rest import named, parse
from gateway.routers.forms import FormReply, Said, flat_answer, form_act
from gateway.routes import Route, serve
from kernel.contracts.errors import text
from kernel.contracts.inventory.acts import RefusedCard
from kernel.contracts.plain import Plain
from kernel.contracts.workflow import termination
from kernel.contracts.workflow.fields import MAX_ROWS, FormNumber, Person, Phone, Remark

router = APIRouter(prefix="/termination", tags=["销卡申请"])

_ICCIDS = ["89860012345678901237", "89860012345678901245"]


class ListAnswer(Plain):
    """``message``: the manual's own when anything was done."""

    done: int
    refused_count: int
    refused: list[RefusedCard]
    message: str


class ListedCardPage(named(termination.ListedCardPage)):  # type: ignore[misc]
    """``too_few``: why no new form can be generated of what stands on the open list now, in Chinese; None: it can."""

    too_few: str | None


class GenerateAgain(Said):
    """What is left out stays as it is."""

    applicant: Person | None = None
    phone: Phone | None = None


class CityReview(Said):
    """``reviewer``: who is logged in unless another is named."""

    verdict: termination.Verdict
    reviewer: Person | None = None


class Answers(Plain):
    """``answers`` per card, or one ``answer`` and ``reason`` for ``iccids``; ``others_done``: all others are done."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    answers: list[termination.CarrierAnswer] = Field(default_factory=list, max_length=MAX_ROWS)
    iccids: list[str] = Field(default_factory=list, max_length=MAX_ROWS)
    answer: Literal["done", "refused"] = "done"
    reason: Remark | None = None
    others_done: bool = False

    def each(self) -> list[dict[str, Any]]:
        """All cards that are named, one answer each."""
        same = [{"iccid": iccid, "answer": self.answer, "reason": self.reason} for iccid in self.iccids]
        return [*(it.model_dump() for it in self.answers), *same]


class TrafficReport(Plain):
    """``cards`` per card, or the same month, traffic, cost and remark for ``iccids``. ``number``: only of that form."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    number: FormNumber | None = None
    cards: list[termination.TrafficFound] = Field(default_factory=list, max_length=MAX_ROWS)
    iccids: list[str] = Field(default_factory=list, max_length=MAX_ROWS)
    month: str = ""
    traffic_mb: Decimal | None = None
    cost: Decimal | None = None
    remark: Remark | None = None

    def each(self) -> list[dict[str, Any]]:
        """All cards that are named, with their evidence."""
        same = self.model_dump(include={"month", "traffic_mb", "cost", "remark"})
        return [*(it.model_dump() for it in self.cards), *({"iccid": iccid, **same} for iccid in self.iccids)]


def _count(asked: termination.AddToList) -> str:
    return f"{len(asked.iccids)} cards"


def _reviewed(asked: termination.ReviewByProvince) -> str:
    return " ".join(it.number for it in asked.forms[:5])


def _listed(reply: dict[str, Any]) -> dict[str, Any]:
    count, minimum = reply.get("open_cards", 0), reply.get("minimum", 0)
    few = 0 < count <= minimum
    return {**reply, "too_few": text("termination_too_few", {"minimum": minimum, "count": count}) if few else None}


serve(
    router,
    Route(
        "GET", "/pending-scrap", termination.LIST_PENDING_SCRAP, "待报废卡",
        "待报废 cards that stand on no open list (TER-01, TER-06).",
    ),
    Route(
        "GET", "/list", termination.LIST_TERMINATION_LIST, "销卡明细",
        "Cards in state 新建 and those of forms that may still be changed.", reply=ListedCardPage, shape=_listed,
    ),
    Route(
        "POST", "/list", termination.ADD_TO_LIST, "添加至销卡明细",
        "Per card: good ones go in, the others are named with their reason.",
        {"iccids": _ICCIDS}, reply=ListAnswer, target=_count,
    ),
    Route(
        "POST", "/list/remove", termination.REMOVE_FROM_LIST, "删除销卡明细",
        "Off the open list, or off a form that was sent back (TER-04).",
        {"iccids": _ICCIDS}, reply=ListAnswer, target=_count,
    ),
    Route(
        "POST", "/forms", termination.GENERATE_TERMINATION_FORM, "生成销卡申请单",
        "Of the open list. 409 termination_too_few when it has too few cards (TER-02).",
        {"applicant": "李晓燕", "phone": "13800000000"},
        reply=FormReply, shape=flat_answer, target="termination form",
    ),
    form_act(
        "/forms/{number}/generate-again", termination.GENERATE_TERMINATION_FORM_AGAIN, "重新生成销卡申请单",
        "After a send-back: same batch number, no minimum (TER-04). Needs If-Match.",
        GenerateAgain, {"phone": "13800000000"},
    ),
    form_act(
        "/forms/{number}/dissolve", termination.DISSOLVE_FORM, "作废",
        "The form is given up, its cards are 待报废 again. Needs If-Match.",
    ),
    form_act(
        "/forms/{number}/city-review", termination.REVIEW_BY_CITY, "市级审核",
        "通过 > 提交省级, 不通过 > 市级退回 (TER-05). Needs If-Match.",
        CityReview, {"verdict": "pass", "opinion": "同意"},
    ),
    form_act(
        "/forms/{number}/pass-on-send-back", termination.PASS_ON_SEND_BACK, "退回区县",
        "省级退回 > 市级退回, of a county's form, by its city (TER-05). Needs If-Match.",
    ),
    Route(
        "POST", "/reviews", termination.REVIEW_BY_PROVINCE, "省级审核",
        "One or more forms, each with the version that was read. Per form: those that cannot be are named (TER-07).",
        {"forms": [{"number": "XQ-20261122-0001", "version": 5}], "verdict": "pass"}, target=_reviewed,
    ),
)  # fmt: skip


@router.post("/forms/{number}/answers", response_model=termination.AnswersRecorded, summary="登记销卡结果")
async def record_answers(
    number: FormNumber,
    body: Annotated[Answers, Body(examples=[{"iccids": _ICCIDS[:1], "answer": "refused", "reason": "卡在协议期内"}])],
    call: Annotated[Call, Depends(calling(termination.RECORD_ANSWERS))],
) -> Response:
    """The internet department's answers per card (TER-08); a refusal needs its reason."""
    values = {"number": number, "answers": body.each(), "others_done": body.others_done}
    asked = parse(termination.RecordAnswers, values)
    return await call.command(asked, target=number)


_FOUND = {"iccid": _ICCIDS[0], "month": "2026-11", "traffic_mb": "12.5", "cost": "3.20", "remark": "运营商账单"}


@router.post("/reopenings", response_model=termination.CasesReopened, summary="销卡后仍有流量/费用")
async def reopen_cases(
    body: Annotated[TrafficReport, Body(examples=[{"cards": [_FOUND]}])],
    call: Annotated[Call, Depends(calling(termination.REOPEN_CASES))],
) -> Response:
    """Terminated cards that still have traffic or cost go back to the carrier, and their forms too (TER-08)."""
    asked = parse(termination.ReopenCases, {"number": body.number, "cards": body.each()})
    return await call.command(asked, target=body.number or f"{len(asked.cards)} cards")
