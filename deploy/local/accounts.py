"""As whom the private servers run and where their files lie.

PostgreSQL refuses to run as root, and a broker should not. So when the stack is started by root, each server runs as
the account that its Debian package made; otherwise as the user himself. A checkout may lie where such an account
cannot go (/root/x, a 0700 directory): then the servers' files go to /var/lib/simkeep/<hash of the checkout> instead,
and the place is remembered in the stack's directory. What need not outlive the machine, as tests' databases, lies in
memory where there is enough (`MEMORY`).
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

ELSEWHERE = Path("/var/lib/simkeep")
MEMORY = Path("/dev/shm/simkeep")  # noqa: S108  each server's directory in it is its account's alone
_SPARE_MEMORY_KIB = 6 * 2**20


def account_for(package_account: str) -> str | None:
    """The account to switch to, None when no switch is wanted. Raises LookupError when root lacks the account."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(package_account)
    except KeyError:
        raise LookupError(f"the account {package_account} does not exist on this machine") from None
    return package_account


def fingerprint(directory: Path) -> str:
    """Ten hex digits that tell checkouts on one machine apart."""
    return hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:10]


def server_home(stack_dir: Path, server: str, account: str | None, *, lasting: bool = True) -> Path:
    """The directory of one server's files, owned by `account`, mode 0700, reachable by it. Made when absent.

    `lasting=False`: its files may go with the machine."""
    note = stack_dir / f"{server}.home"
    if note.exists():
        home = Path(note.read_text().strip())
    else:
        home = stack_dir / server
        if not lasting and _memory_to_spare():
            home = MEMORY / fingerprint(stack_dir) / server
            shutil.rmtree(home, ignore_errors=True)  # of a stack whose directory somebody has deleted
        elif account is not None and not _reachable(stack_dir, account):
            home = ELSEWHERE / fingerprint(stack_dir) / server
        stack_dir.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{home}\n")
    home.mkdir(parents=True, exist_ok=True)
    if account is not None:
        shutil.chown(home, account, pwd.getpwnam(account).pw_gid)
    home.chmod(0o700)
    return home


def remove_server_home(stack_dir: Path, server: str) -> None:
    """Deletes the server's files wherever they are. The server must not run."""
    note = stack_dir / f"{server}.home"
    if note.exists():
        home = Path(note.read_text().strip())
        if home.name == server:
            shutil.rmtree(home, ignore_errors=True)
            if home.parent.parent in (ELSEWHERE, MEMORY) and not any(home.parent.iterdir()):
                home.parent.rmdir()
        note.unlink()


def release_memory(stack_dir: Path, server: str) -> None:
    """Deletes the server's files if they take up memory. The server must not run."""
    note = stack_dir / f"{server}.home"
    if note.exists() and MEMORY in Path(note.read_text().strip()).parents:
        remove_server_home(stack_dir, server)


def write_as(path: Path, text: str, account: str | None, mode: int = 0o600) -> None:
    """Writes a file that only `account` (or this user) may read; never readable by others, not even for a moment."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
    if account is not None:
        shutil.chown(path, account)


def _memory_to_spare() -> bool:
    """Whether this machine has several times as much as the tests' databases take."""
    shared = MEMORY.parent
    if not shared.is_dir() or shutil.disk_usage(shared).free < _SPARE_MEMORY_KIB * 2**10:
        return False
    known = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    return int(known["MemAvailable"].split()[0]) >= _SPARE_MEMORY_KIB


def _reachable(directory: Path, account: str) -> bool:
    """Whether the account can enter `directory` and everything above it; asked of the kernel, not worked out."""
    directory.mkdir(parents=True, exist_ok=True)
    probe = ["setpriv", "--reuid", account, "--regid", account, "--init-groups", "--", "test", "-x", str(directory)]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0
