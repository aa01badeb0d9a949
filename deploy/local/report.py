"""What the command tells people about a stack: addresses, logins, what runs."""

from __future__ import annotations

import shlex

from rich.table import Table

from deploy.local.console import err
from deploy.local.stack import Stack


def export_lines(stack: Stack) -> str:
    """Lines for `eval "$(./simkeep servers)"`; everything a process of this stack needs."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in sorted(stack.environment().items()))


def print_welcome(stack: Stack) -> None:
    """Where the portal is and who may log in."""
    table = Table(title="SimKeep runs", show_header=False, title_justify="left")
    table.add_row("Portal", f"{stack.address}/")
    table.add_row("REST", f"{stack.address}/docs")
    table.add_row("Logs", f"./simkeep logs   ({stack.logs})")
    table.add_row("Stop", "Ctrl-C, or ./simkeep down")
    err.print(table)
