"""The commands for those who work on SimKeep: test, check, bench, lock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from deploy.local import packages, portal_assets
from deploy.local.accounts import release_memory
from deploy.local.console import CannotContinueError, say, step
from deploy.local.guardian import Guardian
from deploy.local.locking import StackLock
from deploy.local.pids import mark
from deploy.local.processes import Supervisor
from deploy.local.run import clean_up, start_servers, stop
from deploy.local.servers import ServerError
from deploy.local.stack import CHECKOUT, Stack

END_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM", "--")
CHECKS = {
    "ruff": ("-m", "ruff", "check", "."),
    "mypy": ("-m", "mypy"),
    "import-linter": ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
    "containers": ("-m", "deploy.docker.validate"),
    "manifests": ("-m", "deploy.kubernetes.validate"),
}


def check() -> int:
    """Lint, types, import rules, by what pyproject.toml says; Dockerfiles, Compose file and manifests.

    All run, whatever the first finds; 0 when all pass."""
    failed = []
    for name, arguments in CHECKS.items():
        started = time.monotonic()
        done = subprocess.run(
            [*END_WITH_PARENT, sys.executable, *arguments],
            cwd=CHECKOUT,
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        )
        seconds = time.monotonic() - started
        say(f"* {name}: {'passes' if done.returncode == 0 else 'FAILS'} ({seconds:.1f} s)")
        if done.returncode != 0:
            failed.append(name)
            say((done.stdout + done.stderr).rstrip())
    return 1 if failed else 0


@contextmanager
def checking() -> Iterator[Callable[[], int]]:
    """Runs the checks in a process of their own: they keep one core busy for half a minute, in which servers and tests
    start. What it yields waits for them, shows what they said, and answers 0 when all passed."""
    with tempfile.TemporaryFile() as said:
        argv = [*END_WITH_PARENT, sys.executable, "-m", "deploy.local", "check"]
        process = subprocess.Popen(argv, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=said, stderr=said)

        def result() -> int:
            code = process.wait()
            said.seek(0)
            say(said.read().decode(errors="replace").rstrip())
            return code

        try:
            yield result
        finally:
            process.terminate()
            process.wait()


SIDE_BY_SIDE = ("-n", "3", "--dist", "loadscope", "--no-loadscope-reorder")
"""The whole suite runs in three processes, also on two cores: tests of several processes wait more than they work.

tests/conftest.py says which tests belong together, and which come first.
"""


CHEAP = {
    "SIMKEEP_PASSWORD_MEMORY_KIB": "1024",  # people of the tests log in a thousand times
    "OPENBLAS_NUM_THREADS": "1",  # as documents has it: more of them spin, a third of the CPU of drawing and judging
}
"""Settings of the tests and of all that they start."""


def test(stack: Stack, arguments: Sequence[str]) -> int:
    """Pytest with PostgreSQL and RabbitMQ of its own, and the checks beside it when no arguments select tests.

    Answers pytest's exit code, or 1 when only the checks failed. Whatever way it ends, nothing is left running.
    """
    packages.ensure(packages.POSTGRES, packages.RABBIT, packages.CJK_FONT, packages.POPPLER)
    packages.ensure(packages.CHROMIUM, packages.GIT, packages.PROMTOOL)
    with ExitStack() as until_then:
        checked = None if arguments else until_then.enter_context(checking())
        portal_assets.ensure()
        for name, value in CHEAP.items():
            os.environ.setdefault(name, value)
        tested = with_servers(stack, [sys.executable, "-m", "pytest", *(arguments or SIDE_BY_SIDE)])
        failed = checked() if checked else 0
        return tested or failed


def bench(stack: Stack, names: Sequence[str]) -> int:
    """The benchmarks, on a durable PostgreSQL and a RabbitMQ of their own."""
    packages.ensure(packages.POSTGRES, packages.RABBIT, packages.CJK_FONT, packages.POPPLER, packages.CHROMIUM)
    portal_assets.ensure()
    return with_servers(stack, [sys.executable, "-m", "benchmarks", *names])


def with_servers(stack: Stack, argv: Sequence[str]) -> int:
    """Runs a command in the foreground with the stack's servers and environment; answers its exit code.

    The command and what it starts can reach the servers as objects through SIMKEEP_TEST_STACK_DIR.
    """
    if not StackLock(stack.directory).acquire("tool"):
        raise CannotContinueError(f"Another run uses {stack.directory}. Wait for it, or end it.")
    supervisor = Supervisor(stack.run_dir, log_dir=stack.logs)
    clean_up(stack, supervisor)
    try:
        with Guardian(stack.directory):
            start_servers(stack)
            stack.claim_ports()
            env = {**os.environ, **stack.environment(), **mark(stack.directory)}
            env |= {"SIMKEEP_TEST_STACK_DIR": str(stack.directory), "PYTHONPATH": str(CHECKOUT)}
            # Asking whether they live also reaps those that a test has killed.
            return foreground(argv, env, lambda: [server.alive() for server in stack.servers])
    except ServerError as error:
        raise CannotContinueError(str(error)) from None
    finally:
        stop(stack, supervisor)
        for server in stack.servers:
            release_memory(stack.directory, server.name)


def foreground(argv: Sequence[str], env: Mapping[str, str], while_waiting: Callable[[], object]) -> int:
    """Runs `argv` at this terminal. Ctrl-C reaches it by itself, SIGTERM and SIGHUP are handed on; in either case its
    own end is waited for, up to 30 seconds."""
    child = subprocess.Popen([*END_WITH_PARENT, *argv], cwd=CHECKOUT, env=dict(env))
    asked_at: list[float] = []

    def hand_on(number: int, _frame: FrameType | None) -> None:
        asked_at.append(time.monotonic())
        if number != signal.SIGINT:
            child.send_signal(signal.SIGINT)  # pytest unwinds its fixtures on this one

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, hand_on)
    while True:
        try:
            code = child.wait(0.2)
        except subprocess.TimeoutExpired:
            while_waiting()
            if asked_at and time.monotonic() - asked_at[0] > 30:
                child.kill()
            continue
        return 128 + abs(code) if code < 0 else code


LOCKED = {
    "requirements.txt": ("requirements.in", "requirements-documents.in"),
    "requirements-core.txt": ("requirements.in", "-c", "requirements.txt"),
    "requirements-dev.txt": ("requirements-dev.in",),
}
"""Compiled file > what uv compiles it from, in the order in which they need each other."""


def lock() -> None:
    """Compiles the requirements files anew, with hashes and without any index address."""
    common = ("--quiet", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--python-version", "3.11")
    for name, sources in LOCKED.items():
        with step(f"Compiling {name} from {sources[0]}"):
            argv = [sys.executable, "-m", "uv", "pip", "compile", *common, *sources, "-o", name]
            if subprocess.run(argv, cwd=CHECKOUT, check=False).returncode != 0:
                raise CannotContinueError(f"{name} could not be compiled; uv's message is above.")
        if "://" in (CHECKOUT / name).read_text():
            raise CannotContinueError(f"{name} contains an address; it must not. See the file.")


def run_module(module: str, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> int:
    """Runs a module of this checkout at this terminal; answers its exit code."""
    if not (CHECKOUT / Path(*module.split("."))).with_suffix(".py").exists():
        raise CannotContinueError(f"This checkout has no {module}.")
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=CHECKOUT, env={**os.environ, **(env or {})}, check=False
    ).returncode
