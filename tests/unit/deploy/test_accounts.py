"""The table of accounts: what each may reach, and what each process is told."""

import importlib
import re
from itertools import product
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

import deploy
from deploy.accounts import BROKER, PROCESSES, BrokerAccount, environment, is_secret, url_as
from deploy.local import credentials
from kernel.contracts import topology

WHOLE = {
    "SIMKEEP_AMQP_URL": "amqp://simkeep:the-broker's@127.0.0.1:5672/simkeep",
    "SIMKEEP_DATABASE_URL": "postgresql://simkeep:the-database's@127.0.0.1:5432/simkeep",
    "SIMKEEP_CARRIERS": '[{"key": "of-a-carrier"}]',
    "SIMKEEP_CALL_SECRET": "seals-calls",
    "SIMKEEP_TOKEN_SECRET": "signs-sessions",
    "SIMKEEP_FORM_PRIVATE_KEY": "signs-forms",
    "SIMKEEP_DEMO_CARRIER_KEY": "of-the-demo-carriers",
    "SIMKEEP_DEMO_PASSWORD": "of-the-demo-people",
    "SIMKEEP_DEMO_PUSH_KEY": "of-a-pushing-carrier",
    "SIMKEEP_WORKFLOW_WEBHOOK_SECRET": "signs-posts",
    "SIMKEEP_RABBITMQ_API_URL": "http://simkeep:the-management's@127.0.0.1:15672",
    "SIMKEEP_LOG_LEVEL": "INFO",
}
SERVERS = {"SIMKEEP_AMQP_URL", "SIMKEEP_DATABASE_URL"}
HARMLESS_ADDRESSES = {"SIMKEEP_BLOB_URL", "SIMKEEP_GATEWAY_URL"}
"""They hold no password: a bucket's keys are in the variables of its own client."""
CODE = Path(deploy.__file__).parents[1]
ACCOUNTS = [account for account in BROKER if not account.administrator]


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
def test_a_process_gets_only_the_secrets_that_the_table_names(process):
    known = environment(process.name, WHOLE)
    text = "\n".join(known.values())

    for name in WHOLE.keys() - SERVERS:
        assert (name in known) == (not is_secret(name) or name in process.secrets), name
    assert ("the-broker's" in text) == ("broker" in process.administers)
    assert ("the-database's" in text) == ("database" in process.administers)


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
def test_an_accounts_own_address_is_told_to_its_processes_only(process):
    names = {account.name for account in ACCOUNTS} | {it.broker for it in PROCESSES.values() if it.broker}
    own = {f"SIMKEEP_{name.upper()}_AMQP_URL": f"amqp://x:of-{name}@b/" for name in names}
    known = environment(process.name, WHOLE | own)

    told = {name for name in names if f"of-{name}@" in "\n".join(known.values())}
    assert told == ({process.broker} if process.broker else set())


@pytest.mark.req("GTW-07")
def test_every_secret_that_a_stack_makes_counts_as_one(tmp_path):
    made = credentials.load_or_make(tmp_path / "secrets.env")

    assert [name for name in made if not is_secret(name)] == []


@pytest.mark.req("GTW-07")
def test_every_variable_that_the_code_reads_as_a_secret_counts_as_one():
    named = {name for process in PROCESSES.values() for name in process.secrets}
    sources = [file for folder in ("deploy", "gateway", "kernel", "services") for file in (CODE / folder).rglob("*.py")]
    addresses = set(re.findall(r"SIMKEEP_[A-Z_]*URL\b", "\n".join(file.read_text() for file in sources)))
    for file in (file for file in sources if file.name == "settings.py"):
        module = importlib.import_module(".".join(file.relative_to(CODE).with_suffix("").parts))
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, BaseSettings):
                prefix = kind.model_config.get("env_prefix", "").upper()
                secret = (name for name, field in kind.model_fields.items() if "SecretStr" in str(field.annotation))
                named |= {prefix + name.upper() for name in secret}

    assert {"SIMKEEP_TOKEN_SECRET", "SIMKEEP_FORM_PRIVATE_KEY", "SIMKEEP_RABBITMQ_API_URL"} <= named
    assert [name for name in sorted(named | addresses - HARMLESS_ADDRESSES) if not is_secret(name)] == []


@pytest.mark.req("GTW-07")
def test_every_service_shares_another_key_with_the_gateway_and_nobody_else_has_one():
    keys = {name: environment(name, WHOLE).get("SIMKEEP_CALL_KEY") for name in PROCESSES}
    shared = {name: key for name, key in keys.items() if key is not None}

    assert set(shared) == set(topology.SERVICES)
    assert len(set(shared.values())) == len(topology.SERVICES)
    assert not any(WHOLE["SIMKEEP_CALL_SECRET"] in key for key in shared.values())


@pytest.mark.req("GTW-07")
def test_no_password_serves_two_accounts_or_tells_the_administrators():
    urls = [url_as(account.name, WHOLE["SIMKEEP_AMQP_URL"]) for account in ACCOUNTS]
    passwords = {url.partition("@")[0].rpartition(":")[2] for url in urls}
    databases = {
        value
        for process in PROCESSES.values()
        for name, value in environment(process.name, WHOLE).items()
        if name.endswith("DATABASE_URL") and not process.administers
    }

    assert len(passwords) == len(ACCOUNTS)
    assert len(databases) == len(topology.SERVICES) + 1


@pytest.mark.req("GTW-07")
def test_a_job_worker_knows_no_broker():
    for service in topology.SERVICES:
        assert "SIMKEEP_AMQP_URL" not in environment(f"{service}-jobs", WHOLE)


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda it: it.name)
def test_nobody_reaches_the_default_exchange_or_what_others_own(account: BrokerAccount):
    others = [it for it in ACCOUNTS if it is not account]
    foreign = ["amq.default", "amq.topic", "amq.direct", "amq.gen-x", "anything"]
    foreign += [topology.reply_queue(it.name, "0") for it in others]
    for service, source in product(topology.SERVICES, repeat=2):
        if service != account.name:
            foreign += [topology.rpc_queue(service), topology.consumer_queue(service, source)]
            foreign += [topology.event_exchange(service)]

    for name, expression in product(foreign, (account.configure, account.write, account.read)):
        assert not re.search(expression, name), (name, expression)
    reached = [topology.RPC_EXCHANGE, *(topology.event_exchange(service) for service in topology.SERVICES)]
    for exchange in reached:
        may = re.search(account.write, exchange) or re.search(account.read, exchange)
        assert bool(may) == any(topic.exchange == exchange for topic in account.topics), exchange
