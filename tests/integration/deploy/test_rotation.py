"""New passwords for the accounts of broker and database, as docs/runbooks/rotate-a-secret.md does it."""

from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import pika
import pika.exceptions
import psycopg
import pytest

from deploy import accounts
from deploy.local import rabbit
from deploy.local.postgres import PrivatePostgres
from deploy.local.rabbit import PrivateRabbit
from deploy.migrate import migrate
from kernel.chassis.process.settings import DatabaseSettings
from tests.running_stack import virtual_host
from tests.servers import started


def with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    account, host = (parts.username or ""), parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{account}:{quote(password)}@{host}"))


def connect(url: str) -> pika.BlockingConnection:
    parameters = pika.URLParameters(url)
    parameters.stack_timeout = parameters.socket_timeout = 120  # the greeting of a busy broker can take long
    return pika.BlockingConnection(parameters)


@pytest.mark.req("OPS-04")
@pytest.mark.parametrize("quick_way", ["/usr/bin/false", "/no/such/file"])
def test_a_virtual_host_is_made_also_where_the_node_does_not_answer_the_quick_way(amqp_url, monkeypatch, quick_way):
    monkeypatch.setattr(rabbit, "ERL_CALL", Path(quick_way))

    connect(virtual_host(amqp_url)).close()


@pytest.mark.req("GTW-07", "OPS-06")
def test_imported_definitions_change_the_brokers_passwords_and_cut_nobody_off(tmp_path):
    with started(PrivateRabbit(tmp_path, durable=False)) as broker:
        old, new = broker.url, with_password(broker.url, "a-new-password")
        working = connect(accounts.url_as("inventory", old))

        broker.apply(accounts.definitions(new))

        assert working.is_open
        working.process_data_events(time_limit=0)
        for name in ("inventory", "gateway", accounts.ADMINISTRATOR):
            connect(accounts.url_as(name, new)).close()
            with pytest.raises(pika.exceptions.ProbableAuthenticationError):
                connect(accounts.url_as(name, old))
        working.close()


@pytest.mark.req("GTW-07", "OPS-06")
def test_migrating_as_an_administrator_with_a_new_password_gives_every_role_a_new_one(tmp_path):
    with started(PrivatePostgres(tmp_path, durable=False)) as postgres:
        old, new = DatabaseSettings(database_url=postgres.url), with_password(postgres.url, "a-new-password")
        migrate(old, ["imei"], report=lambda _: None)
        with psycopg.connect(postgres.url, autocommit=True) as admin:
            admin.execute("ALTER ROLE simkeep PASSWORD 'a-new-password'")
        now = DatabaseSettings(database_url=new)

        migrate(now, ["imei"], report=lambda _: None)

        with psycopg.connect(now.derived_dsn("imei")) as session:
            assert session.execute("SELECT current_user").fetchone() == ("simkeep_imei",)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(old.derived_dsn("imei"))
