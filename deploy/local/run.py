"""Running a stack: in the foreground until it is told to stop, or detached; and ending it from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Literal

from deploy.local.console import CannotContinueError, say, step
from deploy.local.demo_correspondents import start_correspondents
from deploy.local.guardian import Guardian
from deploy.local.locking import StackLock
from deploy.local.pids import marked
from deploy.local.processes import ProcessError, Supervisor
from deploy.local.report import print_welcome
from deploy.local.servers import PrivateServer, ServerError, tail
from deploy.local.stack import CHECKOUT, Stack, reachable
from deploy.local.system import load_demo_once, prepare, start_processes

Mode = Literal["up", "servers"]
"""`servers`: only PostgreSQL and RabbitMQ."""
READY_FILE = "ready"


class Stopped(BaseException):
    """Somebody asked this process to stop (Ctrl-C, SIGTERM, hang-up)."""


def stop_on_signals() -> None:
    """From here on SIGINT, SIGTERM and SIGHUP raise Stopped in the main thread, once; later ones are ignored, so that
    a second Ctrl-C does not interrupt the clean-up."""

    def handler(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def run(stack: Stack, mode: Mode, *, demo: bool = True) -> None:
    """Starts everything, tells where it is, and stays until a signal; then ends everything.

    Raises CannotContinueError when the stack runs already, or when a part of it does not start; what was started is
    ended before.
    """
    lock = StackLock(stack.directory)
    if not lock.acquire(mode):
        raise CannotContinueError("This checkout's stack is starting or running already. See: ./simkeep status")
    ready = stack.directory / READY_FILE
    ready.unlink(missing_ok=True)
    stop_on_signals()
    supervisor = Supervisor(stack.run_dir, log_dir=stack.logs)
    try:
        clean_up(stack, supervisor)
        with Guardian(stack.directory):
            start_servers(stack)
            stack.claim_ports()
            if mode == "up":
                start_system(stack, supervisor, demo=demo)
            announce(stack, mode)
            ready.touch()
            watch(stack, supervisor)
    except Stopped:
        say("Stopping ...")
    except (ServerError, ProcessError) as error:
        advice = f"What to do: see the log above (all logs: {stack.logs}/), then run the command again."
        raise CannotContinueError(f"{error}\n\n{advice}") from None
    finally:
        ready.unlink(missing_ok=True)
        stop(stack, supervisor)
        say("Stopped.")


def clean_up(stack: Stack, supervisor: Supervisor) -> None:
    """Ends what a killed run of this stack has left. Only while the lock is held."""
    left = supervisor.clean_up()
    for server in (stack.rabbit, stack.postgres):
        if server.alive():
            left += 1
            server.stop()
    for process in marked(stack.directory):
        process.stop(signal.SIGTERM, seconds=5)
        left += 1
    if left:
        say(f"* ended {left} processes that an earlier, killed run had left")


def start_servers(stack: Stack) -> None:
    """The private servers; for those that the environment names, only a look whether they are there."""
    own = stack.servers
    named = (("SIMKEEP_DATABASE_URL", stack.postgres), ("SIMKEEP_AMQP_URL", stack.rabbit))
    for variable, server in named:
        if server not in own and not reachable(os.environ[variable]):
            problem = f"{variable} names a {server.title} that does not answer."
            raise CannotContinueError(f"{problem} Start it, or unset the variable.")
    for each in own:
        with step(f"Starting the private {each.title}"):
            each.start()


def start_system(stack: Stack, supervisor: Supervisor, *, demo: bool) -> None:
    """The whole system on running servers; with `demo` its data too when the stack is new."""
    supervisor.env |= stack.environment()
    prepare(supervisor)
    start_processes(stack, supervisor)
    if demo:
        load_demo_once(stack, supervisor)
        start_correspondents(stack, supervisor)


def announce(stack: Stack, mode: Mode) -> None:
    if mode == "up":
        print_welcome(stack)
    else:
        say("The private servers run. Their addresses: ./simkeep servers")


def watch(stack: Stack, supervisor: Supervisor) -> None:
    """Until a signal: starts again what crashes, servers included."""
    while True:
        time.sleep(0.5)
        supervisor.watch(lambda text: say(f"! {text}"))
        for server in stack.servers:
            if not server.alive():
                say(f"! {server.title} had ended and is started again")
                try:
                    server.start()
                except ServerError as error:
                    say(f"! {error}")


def stop(stack: Stack, supervisor: Supervisor) -> None:
    """Ends everything of this stack; nothing of it runs afterwards."""
    supervisor.stop_all()
    for server in (stack.rabbit, stack.postgres):
        server.stop()
    for process in marked(stack.directory):
        process.stop(signal.SIGTERM, seconds=3)


def run_detached(stack: Stack, mode: Mode, *, demo: bool = True) -> None:
    """Starts `run` in the background, shows its steps, and returns when it is ready. Does nothing when it is already.

    A servers-only stack is ended and started whole when `up` is asked for. Raises CannotContinueError when it fails.
    """
    if holder := StackLock(stack.directory).holder():
        if holder[1] == mode or mode == "servers":
            wait_ready(stack, None)
            if holder[1] == "up":
                print_welcome(stack)
            return
        bring_down(stack)
    log = stack.logs / "simkeep.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log_from = log.stat().st_size if log.exists() else 0
    (stack.directory / READY_FILE).unlink(missing_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "_run", mode, "--demo" if demo else "--no-demo"],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    wait_ready(stack, child, log, log_from)


def wait_ready(
    stack: Stack, child: subprocess.Popen[bytes] | None, log: Path | None = None, log_from: int = 0
) -> None:
    """Until the background run is ready, copying what it says. Raises CannotContinueError when it ends before."""
    shown = log_from
    while True:
        is_ready = (stack.directory / READY_FILE).exists()
        if log is not None:
            with log.open("rb") as file:
                file.seek(shown)
                fresh = file.read()
                shown += len(fresh)
            sys.stderr.write(fresh.decode(errors="replace"))
            sys.stderr.flush()
        if is_ready:
            return
        gone = child.poll() is not None if child is not None else StackLock(stack.directory).holder() is None
        if gone:
            raise CannotContinueError(
                "It did not start; see above." if log else tail(stack.logs / "simkeep.log")
            )
        time.sleep(0.1)


def bring_down(stack: Stack) -> bool:
    """Ends a running stack from outside, and what a killed one has left. False when nothing ran."""
    lock = StackLock(stack.directory)
    holder = lock.holder()
    if holder is not None:
        holder[0].send(signal.SIGTERM)
        if not holder[0].wait_gone(90):
            holder[0].send(signal.SIGKILL)
            holder[0].wait_gone(5)
    if not lock.acquire("down"):
        raise CannotContinueError("Another ./simkeep is working on this stack right now. Try again.")
    supervisor = Supervisor(stack.run_dir, log_dir=stack.logs)
    servers: list[PrivateServer] = [s for s in (stack.rabbit, stack.postgres) if s.alive()]
    left = bool(servers) or any(marked(stack.directory))
    stop(stack, supervisor)
    lock.release()
    return holder is not None or left
