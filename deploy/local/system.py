"""Starting the whole system on servers that run: schemas, queues, first units and people, every process.

For tests that need everything:

    stack = Stack(Path(os.environ["SIMKEEP_TEST_STACK_DIR"]))      # its servers run already
    with Supervisor(tmp_path) as supervisor:
        supervisor.env |= stack.environment() | {"SIMKEEP_DATABASE_URL": own_database, ...}
        prepare(supervisor); start_processes(stack, supervisor, keep_alive=False)
        supervisor.kill9("inventory"); supervisor.restart("inventory")
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Collection

from deploy import accounts
from deploy.local import province
from deploy.local.console import say, step
from deploy.local.processes import ProcessError, Supervisor
from deploy.local.servers import new_lines
from deploy.local.stack import CHECKOUT, Stack, has_module

PREPARE_SECONDS = 1800.0
READY_SECONDS = 120.0
DEMO_MARK = "demo-loaded"


def prepare(supervisor: Supervisor, *, migrated: bool = False) -> None:
    """Everything that has to be there before the processes start; idempotent. Raises ProcessError.

    `migrated`: every schema of the database is at its head already."""
    if not migrated:
        with step("Bringing the database's schemas up to date"):
            finish(supervisor, "migrate", "deploy.migrate")
    if has_module("kernel.chassis.bus.declare"):
        with step("Declaring exchanges and queues"):
            finish(supervisor, "declare", "kernel.chassis.bus.declare")
    if has_module("gateway.seed"):
        with step("Seeding the demo province's units and people"):
            file = supervisor.run_dir / "seed.json"
            file.unlink(missing_ok=True)
            file.touch(mode=0o600)
            content = province.seed(supervisor.env["SIMKEEP_DEMO_PASSWORD"], supervisor.env["SIMKEEP_DEMO_PUSH_KEY"])
            file.write_text(json.dumps(content, ensure_ascii=False))
            finish(supervisor, "seed", "gateway.seed", "--file", str(file))
            file.unlink()


def start_processes(
    stack: Stack, supervisor: Supervisor, only: Collection[str] | None = None, *, keep_alive: bool = True
) -> None:
    """Starts the system's processes (or those named in `only`) together and waits until each is ready.

    `keep_alive`: `supervisor.watch()` starts again those that crash. Those whose module this checkout lacks are left
    out, and named. Raises ProcessError.
    """
    commands = [command for command in stack.commands() if only is None or command.name in only]
    missing = sorted({command.module for command in commands if not has_module(command.module)})
    if missing:
        say(f"! left out, because this checkout has no {', '.join(missing)}")
    commands = [command for command in commands if command.module not in missing]
    with step(f"Starting {len(commands)} processes: {', '.join(command.name for command in commands)}"):
        for command in commands:
            known = accounts.environment(command.name, supervisor.env)
            supervisor.start(
                command.name,
                command.argv,
                ready_url=command.ready_url,
                base=known,
                cwd=CHECKOUT,
                keep_alive=keep_alive,
                wait=None,
            )
        for command in commands:
            supervisor.processes[command.name].wait_ready(READY_SECONDS)


def load_demo_once(stack: Stack, supervisor: Supervisor) -> None:
    """Demo data through the public interfaces, once in a stack's life. Its failure is told, and does not stop the
    stack: everything else works without it."""
    mark = stack.directory / DEMO_MARK
    if mark.exists():
        return
    if not has_module("deploy.local.demo"):
        say("! no demo data: this checkout has no deploy.local.demo")
        return
    try:
        say(f"* The portal answers at {stack.address}/ already")
        with step("Loading demo data through the public interfaces"):
            finish(supervisor, "demo", "deploy.local.demo", "--usage-cards", str(stack.usage_cards), aloud=True)
        mark.touch()
    except ProcessError as error:
        say(f"! the demo data could not be loaded whole; try again with: ./simkeep demo\n{error}")


def finish(supervisor: Supervisor, name: str, module: str, *arguments: str, aloud: bool = False) -> None:
    """Runs a module to its end, as the process `name` of the table of accounts.

    `aloud`: its lines are shown as they come. Raises ProcessError with its log when it fails."""
    log = supervisor.log_dir / f"{name}.log"
    shown = log.stat().st_size if log.exists() else 0
    argv = [sys.executable, "-m", module, *arguments]
    known = accounts.environment(name, supervisor.env)
    process = supervisor.start(name, argv, {"PYTHONUNBUFFERED": "1"}, base=known, cwd=CHECKOUT, wait=None)
    deadline = time.monotonic() + PREPARE_SECONDS
    ended = False
    while not ended and time.monotonic() < deadline:
        ended = process.wait_end(0.2)
        if aloud:
            lines, shown = new_lines(log, shown)
            for line in lines:
                say(f"  {line}")
    if not ended or process.exit_code != 0:
        process.terminate()
        raise ProcessError(f"{name} failed (python -m {module})\n{process.log_tail(40)}")
    process.terminate()
    del supervisor.processes[name]
