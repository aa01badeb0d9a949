"""``python -m kernel.chassis.process.runner <service>``: one service process, from the first import to the last reply.

Becomes green before anything else is imported. SIGTERM or SIGINT: takes no new work, ends what it has, closes its
connections, exits 0; what does not end within SIMKEEP_DRAIN_SECONDS is cut off and the exit code is 1. When a part
of the service dies, the process exits with 1, so that whoever supervises it starts a whole one.
"""

import importlib
import os
import sys

from kernel.chassis.process import collector, green


def main(arguments: list[str]) -> int:
    """Exit code of the process."""
    if len(arguments) != 1:
        print("usage: python -m kernel.chassis.process.runner <service>", file=sys.stderr)  # noqa: T201  before logs exist
        return 2
    collector.pause()
    green.boot()
    process = importlib.import_module("kernel.chassis.process.life")
    code: int = process.Process(arguments[0]).run()
    return code


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # greenthreads of a half-dead service must not hold the process
