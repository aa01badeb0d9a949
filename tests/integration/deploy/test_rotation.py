"""New passwords for the accounts of broker and database, as docs/runbooks/rotate-a-secret.md does it."""

from urllib.parse import quote, urlsplit, urlunsplit

import pika
import pika.exceptions
import psycopg
import pytest

from deploy import accounts
from deploy.local.postgres import PrivatePostgres
from deploy.local.rabbit import PrivateRabbit
from deploy.migrate import migrate
from kernel.chassis.process.settings import DatabaseSettings
from tests.servers import started


def with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    account, host = (parts.username or ""), parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{account}:{quote(password)}@{host}"))


def connect(url: str) -> pika.BlockingConnection:
    return pika.BlockingConnection(pika.URLParameters(url))


@pytest.mark.req("GTW-07", "OPS-06")
def test_imported_definitions_change_the_brokers_passwords_and_cut_nobody_off(tmp_path):
    with started(PrivateRabbit(tmp_path, durable=False)) as rabbit:
        old, new = rabbit.url, with_password(rabbit.url, "a-new-password")
        working = connect(accounts.url_as("inventory", old))

        rabbit.apply(accounts.definitions(new))

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
