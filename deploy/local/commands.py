"""The subcommands of `./simkeep`."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy import accounts
from deploy.local import packages, portal_assets, report, toolbox
from deploy.local.accounts import remove_server_home
from deploy.local.console import CannotContinueError, say
from deploy.local.locking import StackLock
from deploy.local.postgres import binaries
from deploy.local.run import bring_down, run, run_detached
from deploy.local.stack import CHECKOUT, Stack

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}

app = typer.Typer(
    help="SimKeep on this machine: one command for everything.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main_stack() -> Stack:
    """`.simkeep` of this checkout, or SIMKEEP_STATE_DIR for a further stack from the same checkout."""
    return Stack(Path(os.environ.get("SIMKEEP_STATE_DIR") or CHECKOUT / ".simkeep"))


def running_stack() -> Stack:
    stack = main_stack()
    if StackLock(stack.directory).holder() is None:
        raise CannotContinueError("SimKeep does not run here. Start it: ./simkeep up")
    return stack


def environment_of(process: str) -> dict[str, str]:
    """What a process of the running stack may know."""
    return accounts.environment(process, running_stack().environment())


@app.command()
def up(
    detach: Annotated[bool, typer.Option("-d", "--detach", help="Return when it runs, and leave it running.")] = False,
    demo: Annotated[bool, typer.Option(help="Load demo data the first time.")] = True,
) -> None:
    """Start everything: private PostgreSQL and RabbitMQ, all services, gateway, portal, demo data."""
    stack = main_stack()
    packages.ensure(*needed_packages(stack))
    portal_assets.ensure()
    if detach:
        run_detached(stack, "up", demo=demo)
    else:
        run(stack, "up", demo=demo)


@app.command()
def servers() -> None:
    """Start only the private PostgreSQL and RabbitMQ, in the background; print `export` lines for a shell to eval."""
    stack = main_stack()
    packages.ensure(*needed_packages(stack))
    run_detached(stack, "servers")
    print(report.export_lines(stack))


@app.command()
def down() -> None:
    """Stop what runs of this checkout."""
    say("Stopped." if bring_down(main_stack()) else "Nothing of this checkout was running.")


@app.command()
def status() -> None:
    """Show what runs. Exit code 0: everything is ready; 3: not."""
    raise typer.Exit(0 if report.print_status(main_stack()) else 3)


@app.command()
def logs(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Processes; all by default.")] = None,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("-n", "--lines", help="How many of the last lines to begin with.")] = 20,
) -> None:
    """Show what the processes wrote."""
    report.print_logs(main_stack(), names or [], follow=follow, lines=lines)


@app.command(context_settings=PASS_ON)
def test(context: typer.Context) -> None:
    """Run the tests and the checks, with servers of their own. Arguments go to pytest (and leave out the checks)."""
    stack = Stack(main_stack().directory / "test", durable=False)
    raise typer.Exit(toolbox.test(stack, context.args))


@app.command()
def check(
    what: Annotated[str, typer.Argument(help="images: build the container images and run everything from them")] = "",
) -> None:
    """Lint, types, import rules, manifests; `check images` (slow, as root): the containers."""
    if what not in ("", "images"):
        raise typer.BadParameter(f"there is no check of {what}")
    if what:
        from deploy.local import images  # noqa: PLC0415  the tables of processes are not needed for the rest

        raise typer.Exit(images.check())
    raise typer.Exit(toolbox.check())


@app.command(context_settings=PASS_ON)
def bench(context: typer.Context) -> None:
    """Run benchmarks by name (all by default), with servers of their own."""
    raise typer.Exit(toolbox.bench(Stack(main_stack().directory / "bench"), context.args))


@app.command(context_settings=PASS_ON)
def fuzz(context: typer.Context) -> None:
    """Ask every route of the running system what nobody would ask, e.g. --seconds 900."""
    raise typer.Exit(toolbox.run_module("tests.fuzzing", context.args, running_stack().environment()))


@app.command(context_settings=PASS_ON)
def demo(context: typer.Context) -> None:
    """Load demo data into the running system through its public interfaces, e.g. --cards 1000000."""
    raise typer.Exit(toolbox.run_module("deploy.local.demo", context.args, environment_of("demo")))


@app.command()
def migrate() -> None:
    """Bring the running database's roles, schemas and tables up to date."""
    raise typer.Exit(toolbox.run_module("deploy.migrate", [], environment_of("migrate")))


@app.command(context_settings=PASS_ON)
def issuer(context: typer.Context) -> None:
    """Let another correspondent use the bus: issuer add NAME --methods M,... --units U,... | rotate | revoke | list."""
    known = environment_of("issuer") | {"SIMKEEP_STACK_DIR": str(main_stack().directory)}
    raise typer.Exit(toolbox.run_module("deploy.issuers", context.args, known))


@app.command(name="sweep-blobs", context_settings=PASS_ON)
def sweep_blobs(context: typer.Context) -> None:
    """Remove blobs that nothing refers to any more; --dry-run only counts them."""
    known = environment_of("sweep-blobs")
    raise typer.Exit(toolbox.run_module("deploy.sweep_blobs", context.args, known))


@app.command(context_settings=PASS_ON)
def rebuild(context: typer.Context) -> None:
    """Fill a service's read model from its owner while everything runs, e.g. rebuild binding cards."""
    raise typer.Exit(toolbox.run_module("deploy.rebuild", context.args, environment_of("rebuild")))


@app.command(context_settings=PASS_ON)
def psql(context: typer.Context) -> None:
    """Open psql on the running database as its superuser. Arguments go to psql."""
    url = running_stack().environment()["SIMKEEP_DATABASE_URL"]
    raise typer.Exit(subprocess.run([str(binaries() / "psql"), url, *context.args], check=False).returncode)


@app.command()
def lock() -> None:
    """Compile requirements*.txt anew from requirements*.in."""
    toolbox.lock()


@app.command(context_settings=PASS_ON)
def docs(context: typer.Context) -> None:
    """Generate docs/generated from the tables and contracts."""
    raise typer.Exit(toolbox.run_module("deploy.docs", context.args))


@app.command()
def clean(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Remove the Python environment too.")] = False,
) -> None:
    """Stop everything of this checkout and delete its data, logs and secrets."""
    stack = main_stack()
    if not yes:
        typer.confirm(f"Delete all data of the local stack in {stack.directory}?", abort=True)
    for each in (stack, Stack(stack.directory / "test"), Stack(stack.directory / "bench")):
        bring_down(each)
        for server in (each.postgres, each.rabbit):
            remove_server_home(each.directory, server.name)
    for entry in stack.directory.iterdir():
        if entry.name.startswith("venv"):
            continue
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    say("Deleted.")
    if everything:
        # This process runs in it, so it has to become the one that deletes it.
        os.execvp("rm", ["rm", "-rf", str(stack.directory)])  # noqa: S606 - our own directory


@app.command(name="_run", hidden=True)
def run_in_background(mode: str, demo: bool = True) -> None:
    run(main_stack(), "servers" if mode == "servers" else "up", demo=demo)


def needed_packages(stack: Stack) -> list[packages.Need]:
    """Only for the servers that the environment does not name."""
    own = {server.name for server in stack.servers}
    by_server = [(stack.postgres.name, packages.POSTGRES), (stack.rabbit.name, packages.RABBIT)]
    return [need for name, need in by_server if name in own] + [packages.CJK_FONT, packages.POPPLER]


def raise_file_limit() -> None:
    """Servers and services inherit it; the usual soft limit of 1024 open files is little for a broker."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main() -> None:
    raise_file_limit()
    try:
        app()
    except CannotContinueError as problem:
        say(f"\n{problem}")
        sys.exit(1)
