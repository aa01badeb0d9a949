"""What the operating manual puts in quotation marks is said by the system, word for word."""

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
    "审批单下载/回传",
)  # fmt: skip
"""Messages, questions, titles, tabs and buttons. The manual's 50 is the province's to change."""


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
