"""What the command tells people about a stack: addresses, logins, what runs, what was logged."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from deploy.local import province
from deploy.local.console import CannotContinueError, err, out, say
from deploy.local.locking import StackLock
from deploy.local.pids import ProcessId
from deploy.local.processes import answers_ok
from deploy.local.servers import new_lines, tail
from deploy.local.stack import Stack


def export_lines(stack: Stack) -> str:
    """Lines for `eval "$(./simkeep servers)"`; everything a process of this stack needs."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in sorted(stack.environment().items()))


def print_welcome(stack: Stack) -> None:
    """Where the portal is and who may log in."""
    table = Table(title="SimKeep runs", show_header=False, title_justify="left")
    table.add_row("Portal", f"{stack.address}/")
    table.add_row("REST", f"{stack.address}/docs")
    table.add_row("Password", f"{stack.environment()['SIMKEEP_DEMO_PASSWORD']}  (of all the logins below)")
    for login, who in _logins():
        table.add_row(login, who)
    table.add_row("Stop", "Ctrl-C, or ./simkeep down")
    err.print(table)


def _logins() -> list[tuple[str, str]]:
    """One login of each kind, and how many more there are like it."""
    rows: dict[str, list[dict[str, str]]] = {}
    for person in province.people():
        rows.setdefault(person["login"].rstrip("0123456789"), []).append(person)
    return [
        (
            first[0]["login"] if len(first) == 1 else f"{first[0]['login']} ... {first[-1]['login']}",
            f"{', '.join(first[0]['roles'])} of {first[0]['unit']} {province.UNITS[first[0]['unit']]}"
            + (" ..." if len(first) > 1 else ""),
        )
        for first in rows.values()
    ]


def print_status(stack: Stack) -> bool:
    """A table of servers and processes. True when the stack is up and every part of it ready."""
    holder = StackLock(stack.directory).holder()
    if holder is None:
        say("SimKeep does not run here. Start it: ./simkeep up")
        return False
    out.print(f"{stack.address}/ ({holder[1]}, pid {holder[0].pid})", highlight=False, soft_wrap=True)
    table = Table()
    for heading in ("name", "pid", "state"):
        table.add_column(heading)
    all_ready = True
    for server in (stack.postgres, stack.rabbit):
        if server in stack.servers:
            process = server.process
            table.add_row(server.name, _pid(process), "runs" if process else "DOWN")
            all_ready &= process is not None
        else:
            table.add_row(server.name, "", "existing server, from the environment")
    for command in stack.commands() if holder[1] == "up" else []:
        file = stack.run_dir / f"{command.name}.process"
        if not file.exists():
            continue  # this checkout has no such module
        process = ProcessId.read(file)
        if process is None or not process.alive():
            state = "DOWN"
        elif answers_ok(command.ready_url):
            state = "ready"
        else:
            state = "NOT READY"
        all_ready &= state == "ready"
        table.add_row(command.name, _pid(process), state)
    out.print(table)
    out.print(f"Logs: {stack.logs}/", highlight=False, soft_wrap=True)
    return all_ready


def print_logs(stack: Stack, names: Sequence[str], *, follow: bool, lines: int) -> None:
    """The last lines of each log; with `follow` also what is added, until Ctrl-C."""
    known = {path.stem: path for path in sorted(stack.logs.glob("*.log"))}
    unknown = [name for name in names if name not in known]
    if unknown or not known:
        there = ", ".join(known) or "none"
        raise CannotContinueError(f"No log of {', '.join(unknown) or 'anything'} here. There are: {there}")
    chosen = {name: known[name] for name in names or known}
    shown = {}
    for name, path in chosen.items():
        shown[name] = path.stat().st_size
        text = tail(path, 0, lines)
        _print_lines(name if len(chosen) > 1 else None, text)
    try:
        while follow:
            time.sleep(0.3)
            for name, path in chosen.items():
                shown[name] = _print_new(name if len(chosen) > 1 else None, path, shown[name])
    except KeyboardInterrupt:
        return


def _print_new(name: str | None, path: Path, start: int) -> int:
    lines, end = new_lines(path, start)
    _print_lines(name, "\n".join(lines))
    return end


def _print_lines(name: str | None, text: str) -> None:
    for line in text.splitlines():
        print(f"{name:>15} | {line}" if name else line, flush=True)


def _pid(process: ProcessId | None) -> str:
    return str(process.pid) if process is not None else ""
