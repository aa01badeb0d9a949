"""One word for one thing: a judgement is a 审核意见 (通过 or 不通过, as in the manual), a text beside it a 说明."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPEAKING = sorted(
    path
    for folder in ("gateway", "kernel", "services")
    for kind in ("*.py", "*.js")
    for path in (ROOT / folder).rglob(kind)
    if not {"vendor", "node_modules", "__pycache__"} & set(path.parts)
)
"""Whatever says anything to people: pages, dialogs, columns of lists and exports, forms on paper, messages."""
_OTHER_WORDS = re.compile("意见|备注|评语|附言|审核理由")


@pytest.mark.req("GTW-05", "WFL-01")
def test_what_people_write_beside_a_decision_has_one_word_everywhere() -> None:
    assert len(SPEAKING) > 300
    others = {
        f"{path.relative_to(ROOT)}:{number}": line.strip()
        for path in SPEAKING
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _OTHER_WORDS.search(line.replace("审核意见", ""))
    }

    assert others == {}
