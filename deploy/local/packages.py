"""Debian packages that a command needs: found missing, installed, and their services not left running.

Installing postgresql or rabbitmq-server starts a server of the machine, which nobody asked for. So while apt-get
runs, a policy-rc.d keeps services from starting and a drop-in keeps PostgreSQL from making its "main" cluster; both
are taken away afterwards, also those that a killed run has left. Where the packages were there already, nothing is
touched. With a policy-rc.d of the machine's own, that one is left to rule.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local import postgres, rabbit
from deploy.local.console import CannotContinueError, say, step

FONT = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")

POLICY = Path("/usr/sbin/policy-rc.d")

CHOOSE = r"""
choose() {
    name=$1
    while [ "$name" != "${name#*|}" ] && ! apt-cache show "${name%%|*}" >/dev/null 2>&1; do name=${name#*|}; done
    echo "${name%%|*}"
}
"""
"""Shell: the first of "a|b" that apt knows, or the last."""

# Runs as root; $@ are the packages, none to clean up only. One script, so that sudo asks once and the clean-up belongs
# to it. The lock is for checkouts that do this at the same time.
INSTALL = CHOOSE + r"""
set -eu
policy=/usr/sbin/policy-rc.d
dropin=/etc/postgresql-common/createcluster.d/simkeep.conf
ours="# SimKeep installs packages; removed afterwards"
clean_up() {
    if grep -qs "$ours" "$policy"; then rm -f "$policy"; fi
    rm -f "$dropin"
    rmdir --ignore-fail-on-non-empty "$(dirname "$dropin")" 2>/dev/null || true
}
exec 9>/run/lock/simkeep-packages.lock
flock 9
clean_up
[ $# -gt 0 ] || exit 0
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\n%s\nexit 101\n' "$ours" >"$policy"
    chmod 755 "$policy"
fi
mkdir -p "$(dirname "$dropin")"
echo "create_main_cluster = off" >"$dropin"
epmd_before=$(pidof epmd || true)
export DEBIAN_FRONTEND=noninteractive
dpkg --configure -a
apt-get update -qq
for name in "$@"; do shift; set -- "$@" "$(choose "$name")"; done
apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@"
case " $* " in
*" rabbitmq-server "*)
    # Enabled by its package: it would start at the next boot.
    if command -v systemctl >/dev/null; then systemctl disable rabbitmq-server >/dev/null 2>&1 || true; fi
    update-rc.d rabbitmq-server disable >/dev/null 2>&1 || true
    if [ -z "$epmd_before" ] && [ -n "$(pidof epmd || true)" ]; then epmd -kill >/dev/null 2>&1 || true; fi
    ;;
esac
"""


@dataclass(frozen=True)
class Need:
    """`package`: its name; "a|b": a, or b where Debian has no a."""

    package: str
    purpose: str
    there: Callable[[], bool]


def _finds(find: Callable[[], Path]) -> Callable[[], bool]:
    def there() -> bool:
        try:
            find()
        except FileNotFoundError:
            return False
        return True

    return there


def browser() -> str | None:
    """The Chromium for tests: the shell without windows, which needs little more than half the CPU, or the whole."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


POSTGRES = Need("postgresql", "the private database", _finds(postgres.binaries))
RABBIT = Need("rabbitmq-server", "the private message broker", _finds(lambda: rabbit.script("rabbitmq-server")))
CJK_FONT = Need("fonts-wqy-microhei", "Chinese text in PDF forms", FONT.exists)
POPPLER = Need("poppler-utils", "a second look at uploaded PDFs", lambda: shutil.which("pdftoppm") is not None)
GIT = Need("git", "tests that look at the tracked files", lambda: shutil.which("git") is not None)
PROMTOOL = Need("prometheus", "tests of the alert rules", lambda: shutil.which("promtool") is not None)
CHROMIUM = Need("chromium-headless-shell|chromium", "tests of the portal", lambda: browser() is not None)


def ensure(*needs: Need) -> None:
    """Installs what is missing of `needs`. Raises CannotContinueError with the exact packages when this user cannot."""
    missing = [need for need in needs if not need.there()]
    if os.geteuid() == 0 and _left_by_a_killed_run():
        subprocess.run(["sh", "-c", INSTALL, "simkeep-install"], check=False)
    if not missing:
        return
    names = [need.package for need in missing]
    list_of = ", ".join(f"{need.package.replace('|', ' or ')} ({need.purpose})" for need in missing)
    advice = f"What to do: have root run: apt-get install {' '.join(name.partition('|')[0] for name in names)}"
    if shutil.which("apt-get") is None:
        raise CannotContinueError(f"Missing on this machine: {list_of}. Install them, then run the command again.")
    as_root: list[str] = []
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            raise CannotContinueError(f"Missing on this machine: {list_of}; this user may not install them.\n{advice}")
        as_root = ["sudo"]
    with step(f"Installing Debian packages: {list_of}"), tempfile.TemporaryFile("w+") as log:
        command = [*as_root, "sh", "-c", INSTALL, "simkeep-install", *names]
        done = subprocess.run(command, stdout=log, stderr=None if as_root else subprocess.STDOUT, check=False)
        if done.returncode != 0:
            log.seek(0)
            say("\n".join(log.read().splitlines()[-25:]))
            raise CannotContinueError(f"apt-get could not install {list_of}; its message is above.\n{advice}")
    still = [need.package.replace("|", " or ") for need in needs if not need.there()]
    if still:
        names_left = ", ".join(still)
        raise CannotContinueError(f"Installed, but still not usable here: {names_left}. Debian 12 or newer is needed.")


def _left_by_a_killed_run() -> bool:
    try:
        return "# SimKeep installs packages" in POLICY.read_text(errors="replace")
    except OSError:
        return False
