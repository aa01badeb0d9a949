"""Whether Dockerfiles and Compose file are well written: offline, in `./simkeep check`."""

import subprocess
import sys
from pathlib import Path

from deploy.docker import compose

HERE = Path(__file__).parent
BESIDE_PYTHON = Path(sys.executable).parent
ALLOWED = ("DL3006", "DL3008", "DL3009", "DL3013", "DL3059")
"""The base is an argument; Debian's packages follow its security updates; stages that stay behind may be large."""


def commands() -> list[list[str]]:
    ignored = [part for rule in ALLOWED for part in ("--ignore", rule)]
    files = [str(HERE / "Dockerfile"), str(HERE / "standins/Dockerfile")]
    schema = ["--builtin-schema", "vendor.compose-spec"]
    return [
        [str(BESIDE_PYTHON / "hadolint"), *ignored, *files],
        [str(BESIDE_PYTHON / "check-jsonschema"), *schema, str(compose.FILE)],
    ]


def main() -> int:
    return max(subprocess.run(command, check=False).returncode for command in commands())


if __name__ == "__main__":
    sys.exit(main())
