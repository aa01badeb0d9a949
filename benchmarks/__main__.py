"""``python -m benchmarks NAME...``: runs them one after the other; exits with 1 when a limit is broken.

The servers come from ``./simkeep bench``. Each benchmark is a module with ``run(stack) -> Iterable[Line]``; one with
``run(stack, cards)`` hears ``--cards N`` too.
"""

import argparse
import importlib
import importlib.util
import inspect
import sys
from time import monotonic

from benchmarks.stack import BenchStack

NAMES = {
    "rpc": "rpc",
    "allocate-range": "allocate_range",
    "delivery-import": "delivery_import",
    "export": "export",
    "list-pages": "list_pages",
    "search": "search",
    "portal-load": "portal_load",
    "documents": "documents",
    "approve-bulk": "approve_bulk",
    "rebuild": "rebuild",
    "readings": "readings",
    "first-night": "first_night",
    "binding-pages": "binding_pages",
    "usage-load": "usage_load",
    "month-cost": "month_cost",
    "distribution": "distribution",
    "usage-disk": "usage_disk",
    "usage-pages": "usage_pages",
    "serial-import": "serial_import",
    "national-list": "national_list",
    "redeem": "redeem",
    "serial-pages": "serial_pages",
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="simkeep bench", description="Benchmarks; all without a name.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--cards", type=int, help="measure with so many, where a benchmark can")
    asked = parser.parse_args(arguments)
    names: list[str] = asked.names
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"No benchmark {', '.join(unknown)}. There are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    stack, kept = BenchStack.from_environment(), True
    for name in names or NAMES:
        module = f"benchmarks.{NAMES[name]}"
        if importlib.util.find_spec(module) is None:
            print(f"# {name}: this checkout has no {module}", flush=True)
            continue
        started = monotonic()
        run = importlib.import_module(module).run
        more = {"cards": asked.cards} if asked.cards and "cards" in inspect.signature(run).parameters else {}
        for line in run(stack, **more):
            print(line, flush=True)
            kept = kept and line.kept
        print(f"# {name}: {monotonic() - started:.0f} s", flush=True)
    return 0 if kept else 1


sys.exit(main(sys.argv[1:]))
