"""What the operating manual puts in quotation marks is said by the system, word for word."""

from pathlib import Path

import pytest

from gateway.portal.pages import PAGES
from gateway.portal.spec import words
from kernel.contracts import errors
from kernel.contracts.words_workflow import REVIEW_VERDICTS
from services.workflow.lifecycles import MESSAGES
from tests.portal.test_texts import _SAID, SCRIPTS

QUOTED = (
    "操作成功", "新增成功", "修改成功", "删除成功", "请提交审核单", "是否确认退回？", "生成申请单成功",
    "市级退回的卡已成功生成申请单", "省级退回的卡已成功生成申请单",
    "新生成的销卡申请明细数量必须大于{minimum}才能生成申请单", "只能对状态为“提交省级”的记录进行审核",
    "通过", "不通过", "入库", "检测", "不合格", "批量领用", "运行日志", "返库", "待报废", "新建", "新建分卡记录",
    "新建开卡申请", "生成申请单", "提交审核", "审核回传单", "提交省级", "退回", "查看", "查看明细", "审核", "是",
    "审批单下载/回传", "修改", "删除", "区县级销卡申请", "市级销卡申请",
    "终端SIM卡召测统计", "终端SIM卡召测明细", "自动绑定变更统计", "自动绑定变更明细", "绑定异常查看", "开/销卡数量统计",
    "SIM卡流量分布统计", "SIM卡流量分布明细", "SIM日流量明细", "终端流量分布统计", "终端流量分布明细",
    "各市SIM卡费用统计", "各状态终端数量统计", "未绑定终端明细", "长期异常状态卡", "卡数与终端数比对", "各状态SIM统计",
    "待装卡分流", "非运行流量异常卡", "导出当前 XLSX", "导出全部 XLSX",
)  # fmt: skip
"""Messages, questions, titles, tabs, pages and buttons. The manual's 50 is the province's to change; of 导出当前 and
导出全部 a word says as what."""
NOT_SAID = {"新生成的销卡申请明细数量必须大于50才能生成申请单"}
"""In the manual with its number, which is the province's to change here."""


@pytest.fixture(scope="module")
def said() -> set[str]:
    found = {word for page in PAGES.values() for word in words(page)}
    found |= {word for script in SCRIPTS for word in _SAID.findall(script.read_text("utf-8"))}
    found |= {zh for zh, _ in MESSAGES.values()} | {word.zh for word in REVIEW_VERDICTS.values()}
    return found | {entry.zh for entry in errors.CATALOGUE.values()}


@pytest.mark.req("GTW-05", "INV-05", "ACT-04", "ACT-08", "TER-02", "TER-04", "TER-07")
@pytest.mark.parametrize("text", QUOTED)
def test_the_manuals_words_are_said_literally(said: set[str], text: str) -> None:
    assert text in said


MANUAL = Path(__file__).with_name("manual_quotes.txt").read_text("utf-8").splitlines()
"""Whatever stands in the manual's quotation marks, one a line, as it was extracted from it."""


@pytest.mark.req("GTW-05")
def test_nothing_that_the_manual_quotes_is_missing_from_the_list() -> None:
    assert len(MANUAL) > 30
    assert set(MANUAL) - set(QUOTED) == NOT_SAID
