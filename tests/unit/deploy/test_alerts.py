"""Alerts ring for what they are for, ask for what processes really measure, and each has a page that helps."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.observability import dashboards

ROOT = Path(__file__).resolve().parents[3]
OBSERVABILITY = ROOT / "deploy/observability"
RULES = yaml.safe_load((OBSERVABILITY / "rules/simkeep.yaml").read_text())
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule]
RECORDED = {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}
SERVERS_OWN = re.compile(r"^(up|rabbitmq_|kubelet_|process_resident_memory_bytes)")
SECTIONS = ("## What it means", "## Look at", "## Get out", "## Tried")


def metrics_of(expression: str) -> set[str]:
    """Names of the series that an expression asks for."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)", " ", expression)
    names = set(re.findall(r"[a-z_][a-z0-9_:]*", bare))
    return {name for name in names if "_" in name and name not in {"histogram_quantile"}} | ({"up"} & names)


def measured() -> set[str]:
    """What the code defines, with the names of the series that a histogram has."""
    found = set()
    for path in ("kernel", "gateway", "services"):
        for file in (ROOT / path).rglob("*.py"):
            for kind, name in re.findall(r"(Counter|Gauge|Histogram)\(\s*\"(simkeep_\w+)\"", file.read_text()):
                found |= {f"{name}_{end}" for end in ("bucket", "count", "sum")} if kind == "Histogram" else {name}
    return found


@pytest.mark.req("OPS-03")
def test_each_alert_rings_for_what_it_is_for_and_for_nothing_else():
    done = subprocess.run(
        ["promtool", "test", "rules", str(OBSERVABILITY / "rules_test.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.req("OPS-03")
def test_every_alert_has_a_test():
    tests = yaml.safe_load((OBSERVABILITY / "rules_test.yaml").read_text())["tests"]
    rung = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert rung == {alert["alert"] for alert in ALERTS}


@pytest.mark.req("OPS-03")
def test_rules_and_dashboards_ask_only_for_what_is_measured():
    asked = {name for group in RULES["groups"] for rule in group["rules"] for name in metrics_of(rule["expr"])}
    for _, panels in dashboards.PAGES.values():
        asked |= {name for panel in panels for query in panel.queries.values() for name in metrics_of(query)}
    unknown = {name for name in asked - measured() - RECORDED if not SERVERS_OWN.match(name)}
    assert unknown == set()


@pytest.mark.req("OPS-03")
def test_every_metric_of_the_code_stands_in_a_dashboard_or_a_rule():
    text = (OBSERVABILITY / "rules/simkeep.yaml").read_text() + "".join(dashboards.files().values())
    bases = {re.sub(r"_(bucket|count|sum)$", "", name) for name in measured()}
    assert {name for name in bases if name not in text} == set()


@pytest.mark.req("OPS-06")
@pytest.mark.parametrize("alert", ALERTS, ids=lambda it: it["alert"])
def test_every_alert_leads_to_a_page_that_was_tried(alert):
    page = ROOT / alert["annotations"]["runbook"]
    text = page.read_text()
    assert alert["alert"] in text
    assert [section for section in SECTIONS if section not in text] == []
    assert re.search(r"## Tried\n\n\d{4}-\d{2}-\d{2}", text), "when, on what, and what was seen"


@pytest.mark.req("OPS-06")
def test_every_runbook_stands_in_the_list():
    folder = ROOT / "docs/runbooks"
    listed = (folder / "README.md").read_text()
    pages = {path.name for path in folder.glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"({page})" not in listed} == set()
    assert len(pages) >= 10
