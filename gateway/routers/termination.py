"""销卡申请: cards for termination, their list, the reviews, the carrier's answers (TER-01 to TER-08)."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.calls import Call, calling
from gateway.rest import named, parse
from gateway.routers.forms import FormReply, Said, act, flat_answer
from kernel.contracts.errors import text
from kernel.contracts.inventory.acts import RefusedCard
from kernel.contracts.workflow import termination
from kernel.contracts.workflow.fields import MAX_ROWS, FormNumber, Person, Phone, Remark

router = APIRouter(prefix="/termination", tags=["销卡申请"])

_ICCIDS = ["89860012345678901237", "89860012345678901245"]


class ListAnswer(BaseModel):
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


class Answers(BaseModel):
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


class TrafficReport(BaseModel):
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


def _listed(reply: dict[str, Any]) -> dict[str, Any]:
    count, minimum = reply.get("open_cards", 0), reply.get("minimum", 0)
    few = 0 < count <= minimum
    return {**reply, "too_few": text("termination_too_few", {"minimum": minimum, "count": count}) if few else None}


@router.get("/pending-scrap", response_model=named(termination.PendingScrapPage), summary="待报废卡")
async def list_pending_scrap(
    query: Annotated[termination.ListPendingScrap, Query()],
    call: Annotated[Call, Depends(calling(termination.LIST_PENDING_SCRAP))],
) -> Response:
    """待报废 cards that stand on no open list (TER-01, TER-06)."""
    return await call.answer(query)


@router.get("/list", response_model=ListedCardPage, summary="销卡明细")
async def list_termination_list(
    query: Annotated[termination.ListTerminationList, Query()],
    call: Annotated[Call, Depends(calling(termination.LIST_TERMINATION_LIST))],
) -> Response:
    """Cards in state 新建 and those of forms that may still be changed."""
    return await call.answer(query, _listed)


@router.post("/list", response_model=ListAnswer, summary="添加至销卡明细")
async def add_to_list(
    body: Annotated[termination.AddToList, Body(examples=[{"iccids": _ICCIDS}])],
    call: Annotated[Call, Depends(calling(termination.ADD_TO_LIST))],
) -> Response:
    """Per card: good ones go in, the others are named with their reason."""
    return await call.command(body, target=f"{len(body.iccids)} cards")


@router.post("/list/remove", response_model=ListAnswer, summary="删除销卡明细")
async def remove_from_list(
    body: Annotated[termination.RemoveFromList, Body(examples=[{"iccids": _ICCIDS}])],
    call: Annotated[Call, Depends(calling(termination.REMOVE_FROM_LIST))],
) -> Response:
    """Off the open list, or off a form that was sent back (TER-04)."""
    return await call.command(body, target=f"{len(body.iccids)} cards")


@router.post("/forms", response_model=FormReply, summary="生成销卡申请单")
async def generate(
    body: Annotated[
        termination.GenerateTerminationForm, Body(examples=[{"applicant": "李晓燕", "phone": "13800000000"}])
    ],
    call: Annotated[Call, Depends(calling(termination.GENERATE_TERMINATION_FORM))],
) -> Response:
    """Of the open list. 409 termination_too_few when it has too few cards (TER-02)."""
    return await call.command(body, target="termination form", shape=flat_answer)


@router.post("/forms/{number}/generate-again", response_model=FormReply, summary="重新生成销卡申请单")
async def generate_again(
    number: FormNumber,
    request: Request,
    body: Annotated[GenerateAgain, Body(examples=[{"phone": "13800000000"}])],
    call: Annotated[Call, Depends(calling(termination.GENERATE_TERMINATION_FORM_AGAIN))],
) -> Response:
    """After a send-back: same batch number, no minimum (TER-04). Needs If-Match."""
    return await act(call, termination.GenerateTerminationFormAgain, number, request, body)


@router.post("/forms/{number}/dissolve", response_model=FormReply, summary="作废")
async def dissolve(
    number: FormNumber,
    request: Request,
    call: Annotated[Call, Depends(calling(termination.DISSOLVE_FORM))],
    body: Said | None = None,
) -> Response:
    """The form is given up, its cards are 待报废 again. Needs If-Match."""
    return await act(call, termination.DissolveForm, number, request, body)


@router.post("/forms/{number}/city-review", response_model=FormReply, summary="市级审核")
async def review_by_city(
    number: FormNumber,
    request: Request,
    body: Annotated[CityReview, Body(examples=[{"verdict": "pass", "opinion": "同意"}])],
    call: Annotated[Call, Depends(calling(termination.REVIEW_BY_CITY))],
) -> Response:
    """通过 > 提交省级, 不通过 > 市级退回 (TER-05). Needs If-Match."""
    return await act(call, termination.ReviewByCity, number, request, body)


@router.post("/forms/{number}/pass-on-send-back", response_model=FormReply, summary="退回区县")
async def pass_on_send_back(
    number: FormNumber,
    request: Request,
    call: Annotated[Call, Depends(calling(termination.PASS_ON_SEND_BACK))],
    body: Said | None = None,
) -> Response:
    """省级退回 > 市级退回, of a county's form, by its city (TER-05). Needs If-Match."""
    return await act(call, termination.PassOnSendBack, number, request, body)


@router.post("/reviews", response_model=termination.ReviewAnswer, summary="省级审核")
async def review_by_province(
    body: Annotated[
        termination.ReviewByProvince,
        Body(examples=[{"forms": [{"number": "XQ-20261122-0001", "version": 5}], "verdict": "pass"}]),
    ],
    call: Annotated[Call, Depends(calling(termination.REVIEW_BY_PROVINCE))],
) -> Response:
    """One or more forms, each with the version that was read. Per form: those that cannot be are named (TER-07)."""
    return await call.command(body, target=" ".join(it.number for it in body.forms[:5]))


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
