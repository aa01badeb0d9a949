"""The subcommands of `./simkeep`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from deploy.local import report
from deploy.local.console import CannotGoOn, say
from deploy.local.run import bring_down, run, run_detached
from deploy.local.stack import CHECKOUT, Stack

app = typer.Typer(
    help="SimKeep on this machine: one command for everything.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main_stack() -> Stack:
    return Stack(CHECKOUT / ".simkeep")


@app.command()
def up(
    detach: Annotated[bool, typer.Option("-d", "--detach", help="Return when it runs, and leave it running.")] = False,
) -> None:
    """Start everything: private PostgreSQL and RabbitMQ, all services, gateway, portal, demo data."""
    stack = main_stack()
    if detach:
        run_detached(stack, "up")
    else:
        run(stack, "up")


@app.command()
def servers() -> None:
    """Start only the private PostgreSQL and RabbitMQ in the background; print `export` lines for a shell to eval."""
    stack = main_stack()
    run_detached(stack, "servers")
    print(report.export_lines(stack))


@app.command()
def down() -> None:
    """Stop what runs of this checkout."""
    say("Stopped." if bring_down(main_stack()) else "Nothing of this checkout was running.")


@app.command(name="_run", hidden=True)
def run_in_background(mode: str) -> None:
    run(main_stack(), "servers" if mode == "servers" else "up")


def main() -> None:
    try:
        app()
    except CannotGoOn as problem:
        say(f"\n{problem}")
        sys.exit(1)
