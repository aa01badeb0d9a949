"""What the pages about deploying and getting out tell somebody to type is there: modules, files, objects, settings."""

import argparse
import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from deploy import issuers
from deploy.kubernetes import validate
from deploy.kubernetes.render import render
from deploy.processes import RUNNING, STEPS, known_variables

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "docs/how-to/deploy-on-kubernetes.md", *sorted((ROOT / "docs/runbooks").glob("*.md"))]
BY_OPERATORS = {"service/simkeep-rabbitmq", "service/simkeep-database-rw"}
"""Made by RabbitMQ's and PostgreSQL's operators for the clusters of these names."""
DEPLOYERS_OWN = {"SIMKEEP_RABBITMQ_API_URL", "SIMKEEP_AMQP_URL"}
PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda it: it.stem)


def objects() -> set[str]:
    layers = [validate.OVERLAYS / "production" / layer for layer in validate.LAYERS]
    found = {(it["kind"].lower(), it["metadata"]["name"]) for layer in layers for it in render(layer)}
    return {f"{kind}/{name}" for kind, name in found} | {f"deploy/{n}" for kind, n in found if kind == "deployment"}


@pytest.mark.req("OPS-02", "OPS-06")
@PAGE
def test_every_module_that_a_page_starts_is_there(page):
    for module in re.findall(r"python -m ([a-z_.]+)", page.read_text()):
        assert importlib.util.find_spec(module) is not None, module


@pytest.mark.req("OPS-02", "OPS-06")
@PAGE
def test_every_file_that_a_page_names_is_there(page):
    text = page.read_text()
    named = re.findall(r"\b((?:deploy|services|kernel|gateway|tests|docs)/[\w./-]*\w)", re.sub(r"http\S+", "", text))
    known = objects() | {"deploy/docker/secrets/whole.env"}  # made by deploy.docker.make_env, never committed
    missing = {name for name in named if not (ROOT / name).exists() and name not in known}
    assert missing == set()
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert (page.parent / link).exists(), link


@pytest.mark.req("OPS-02", "OPS-06")
@PAGE
def test_every_object_of_kubernetes_that_a_page_names_is_there(page):
    named = set(re.findall(r"\b((?:job|service|deploy|rabbitmqcluster)/[a-z][a-z-]+[a-z])(?![\w/.])", page.read_text()))
    assert {it for it in named if not (ROOT / it).exists()} - objects() - BY_OPERATORS == set()


@pytest.mark.req("OPS-06")
@PAGE
def test_every_setting_that_a_page_names_is_read_by_somebody(page):
    known = set().union(*(known_variables(process) for process in (*RUNNING, *STEPS))) | DEPLOYERS_OWN
    named = set(re.findall(r"\b(SIMKEEP_[A-Z_]*[A-Z])\b", page.read_text()))
    of_an_account = {name for name in named if re.fullmatch(r"SIMKEEP_[A-Z]+_(AMQP|DATABASE)_URL", name)}
    assert named - known - of_an_account == set()


@pytest.mark.req("GTW-06", "OPS-06")
def test_the_issuers_commands_of_the_page_are_those_that_the_command_takes(monkeypatch):
    typed = re.findall(r"python -m deploy\.issuers ([^#\n]+)", PAGES[0].read_text())
    seen: list[argparse.Namespace] = []
    monkeypatch.setattr(issuers, "from_environment", lambda: None)
    monkeypatch.setattr(issuers, "_run", lambda _, options: seen.append(options) or [])
    for words in typed:
        assert issuers.main(shlex.split(words)) == 0

    added = seen[0]
    issuers.check(issuers.Granted(added.name, tuple(added.methods.split(",")), tuple(added.units.split(","))))
    assert [options.command for options in seen] == ["add", "rotate", "revoke", "list"]
