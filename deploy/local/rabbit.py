"""The private RabbitMQ: one node with the accounts of `deploy.accounts`, virtual host `simkeep`, its own epmd."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pika
import pika.exceptions
from pika.adapters.utils.connection_workflow import AMQPConnectorException

from deploy import accounts as table
from deploy.local.accounts import fingerprint, write_as
from deploy.local.pids import ProcessId
from deploy.local.servers import PrivateServer, ServerError

ERL_CALL = Path("/usr/lib/erlang/bin/erl_call")
"""Of the same Debian package as Erlang itself. Asks a node in 3 ms of CPU; rabbitmqctl starts an Erlang machine for it,
which takes a second."""
IMPORT = '{{ok, Found}} = file:read_file("{file}"), rabbit_definitions:import_raw(Found).\n'
"""What rabbitmqctl import_definitions does in the node."""
_LOAD_AT_ONCE = (
    "Of = fun Of(App, Known) -> case lists:member(App, Known) of true -> Known; false -> application:load(App), "
    "case application:get_key(App, applications) of {ok, More} -> lists:foldl(Of, [App | Known], More); "
    "undefined -> Known end end end, "
    "code:ensure_modules_loaded([Each || App <- Of(rabbit, []), {ok, Modules} <- [application:get_key(App, modules)], "
    "Each <- Modules])."
)
"""At its boot RabbitMQ loads all modules of all its applications one by one, and with each Erlang copies the table of
what all modules export. All at once take 1.5 s of CPU less, of 3.8."""


class PrivateRabbit(PrivateServer):
    """RabbitMQ in `stack_dir`. Users and permissions are imported at every boot, so a kill during the first boot
    cannot leave a broker that nobody can log in to; the guest account never exists."""

    name = "rabbit"
    title = "RabbitMQ"
    package_account = "rabbitmq"
    stop_signal = signal.SIGTERM
    accounts: Iterable[table.BrokerAccount] = table.BROKER
    """Those with rights in every virtual host that is made here."""

    @property
    def url(self) -> str:
        return f"amqp://{table.ADMINISTRATOR}:{self.password}@127.0.0.1:{self.port}/simkeep"

    @property
    def node(self) -> str:
        return f"simkeep_{fingerprint(self.stack_dir)}@localhost"

    def prepare(self) -> None:
        if not self._epmd_alive():
            self.ports.claim("rabbit_epmd", patience=5)
        self.ports.claim("rabbit_distribution", patience=5)
        home = self.home
        definitions = table.definitions(self.url, ["simkeep"], self.accounts)
        write_as(home / "definitions.json", json.dumps(definitions), self.account)
        configuration = [
            f"listeners.tcp.local = 127.0.0.1:{self.port}",
            f"load_definitions = {home}/definitions.json",
            "disk_free_limit.absolute = 50MB",
            "vm_memory_high_watermark.relative = 0.3",
            "log.console = true",
            "log.console.level = info",
            "log.file = false",
        ]
        write_as(home / "rabbitmq.conf", "\n".join(configuration) + "\n", self.account)
        write_as(home / "advanced.config", "[].\n", self.account)
        write_as(home / "enabled_plugins", "[].\n", self.account)
        write_as(home / "environment.conf", "# Keeps the machine's own file from being read.\n", self.account)

    def spawn(self) -> ProcessId:
        self._start_epmd()
        # `detached` makes the start script become the Erlang machine instead of standing before it.
        env = self._env() | {"detached": "true", "ERL_AFLAGS": f'-eval "{_LOAD_AT_ONCE}"'}
        return self.spawn_here([str(script("rabbitmq-server"))], env)

    def stop(self) -> None:
        super().stop()
        if epmd := self._epmd_alive():
            epmd.stop(seconds=5)
        self._epmd_file.unlink(missing_ok=True)

    def ping(self) -> str | None:
        parameters = pika.URLParameters(self.url)
        parameters.socket_timeout = 5
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                pass
            pika.BlockingConnection(parameters).close()
        except (OSError, pika.exceptions.AMQPError, AMQPConnectorException) as error:
            return repr(error)
        return None

    def add_virtual_hosts(self, *names: str) -> list[str]:
        """Makes further virtual hosts with the rights of all accounts, and answers the administrator's URLs.
        ``names``: letters, digits, hyphens."""
        self.apply(table.definitions(self.url, names, self.accounts))
        return [urlunsplit(urlsplit(self.url)._replace(path=f"/{name}")) for name in names]

    def apply(self, definitions: dict[str, object]) -> None:
        """Imports users, virtual hosts and permissions into the running broker; what is not named stays."""
        file = self.home / f"import-{secrets.token_hex(4)}.json"  # others may import at the same moment
        write_as(file, json.dumps(definitions), self.account)
        try:
            self._import(file)
        finally:
            file.unlink()

    def remove_user(self, name: str) -> None:
        """His connections end too. Does nothing when there is no such user."""
        answer = self._ask(f'rabbit_auth_backend_internal:delete_user(<<"{name}">>, <<"{table.ADMINISTRATOR}">>).\n')
        if answer is None:
            known = json.loads(self.control("list_users", "--formatter", "json", "--silent"))
            if any(row["user"] == name for row in known):
                self.control("delete_user", name)
        elif answer != "{ok, ok}" and "no_such_user" not in answer:
            raise ServerError(f"RabbitMQ does not remove {name}: {answer}")

    def _import(self, file: Path) -> None:
        answer = self._ask(IMPORT.format(file=file))
        if answer is None:
            self.control("import_definitions", str(file))
        elif answer != "{ok, ok}":
            raise ServerError(f"RabbitMQ does not take the definitions: {answer}")

    def _ask(self, expression: str) -> str | None:
        """What the node answers. None: erl_call is not there, or the node is busy, for which rabbitmqctl waits."""
        try:
            return self._run([str(ERL_CALL), "-sname", self.node, "-e"], expression).strip()
        except (FileNotFoundError, ServerError):
            return None

    def control(self, *arguments: str) -> str:
        """Runs rabbitmqctl on this node and answers its output. Raises ServerError when it fails."""
        return self._run([str(script("rabbitmqctl")), *arguments])

    def _run(self, argv: list[str], said: str | None = None) -> str:
        done = subprocess.run(
            argv,
            input=said,
            env={"PATH": os.environ["PATH"], **self._env()},
            user=self.account,
            group=self.account,
            extra_groups=[] if self.account else None,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            called = " ".join([Path(argv[0]).name, *argv[1:2]])
            raise ServerError(f"{called} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    @property
    def _epmd_file(self) -> Path:
        return self.stack_dir / "rabbit-epmd.process"

    def _epmd_alive(self) -> ProcessId | None:
        found = ProcessId.read(self._epmd_file)
        return found if found is not None and found.alive() else None

    def _start_epmd(self) -> None:
        if self._epmd_alive():
            return
        port = self._port_of("rabbit_epmd")
        argv = ["epmd", "-address", "127.0.0.1", "-port", str(port)]
        self.spawn_here(argv, {}, self.log_path.with_name("rabbit-epmd.log")).write(self._epmd_file)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise ServerError("epmd, the name server that RabbitMQ needs, did not start")

    def _port_of(self, name: str) -> int:
        port = self.ports.known(name)
        if port is None:
            raise ServerError(f"no port was chosen for {name}")
        return port

    def _env(self) -> dict[str, str]:
        home = self.home
        return {
            "HOME": str(home),  # holds the Erlang cookie
            "LC_ALL": "C.UTF-8",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_CONF_ENV_FILE": f"{home}/environment.conf",
            "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{home}/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{home}/mnesia",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{home}/generated",
            "RABBITMQ_LOG_BASE": f"{home}/log",
            "RABBITMQ_PID_FILE": f"{home}/node.pid",
            "RABBITMQ_DIST_PORT": str(self._port_of("rabbit_distribution")),
            # Without +sbwt none its idle threads spin for a while, on cores that services and tests need.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
            ),
            "ERL_EPMD_PORT": str(self._port_of("rabbit_epmd")),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }


def script(name: str) -> Path:
    """RabbitMQ's own start script, not Debian's wrapper, which works for root and the rabbitmq account only.

    Raises FileNotFoundError when RabbitMQ is not installed."""
    for place in sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"), reverse=True):
        if (place / name).exists():
            return place / name
    raise FileNotFoundError("RabbitMQ 3.10 or newer (Debian package rabbitmq-server)")
