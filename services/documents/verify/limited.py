"""Limits that a process gives itself before it touches an uploaded file, and a program run under them (DOC-04).

`python -m services.documents.verify.limited SECONDS PROGRAM ARGUMENT...`
"""

import contextlib
import ctypes
import os
import resource
import sys

MEMORY = 512 * 2**20


def limit() -> None:
    """Limits no later call can lift. File size 0: nothing can be written to disk; a pipe is not a file. And, where the
    kernel lets it, no network."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).unshare(0x10000000 | 0x40000000)  # user and network namespaces


if __name__ == "__main__":
    limit()
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - the caller names a program of the system, not of the upload
