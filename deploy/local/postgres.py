"""The private PostgreSQL: one cluster, superuser `simkeep`, database `simkeep`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import sql

from deploy.local.accounts import write_as
from deploy.local.pids import ProcessId, working_in
from deploy.local.servers import PrivateServer, ServerError

OLDEST_MAJOR_VERSION = 15
_NOT_DURABLE = {
    "fsync": "off",
    # What a page needs to be whole again after the machine failed, and who copies a cluster from its log.
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "off",
    "max_wal_size": "128MB",
    "checkpoint_warning": "0",
}
"""Of a test cluster. Its log is short, for it may lie in memory; checkpoints cost little without fsync."""


class PrivatePostgres(PrivateServer):
    """PostgreSQL in `stack_dir`, over TCP on 127.0.0.1 only (no Unix socket, so no path can be too long for one)."""

    name = "postgres"
    title = "PostgreSQL"
    package_account = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes a checkpoint
    user: ClassVar[str] = "simkeep"

    @property
    def url(self) -> str:
        return self.url_of("simkeep")

    def url_of(self, database: str) -> str:
        """The superuser's address of another database of this server."""
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """initdb into a side directory which is renamed when it is whole; the configuration is written every time."""
        data = self._data
        if not (data / "PG_VERSION").exists():
            unfinished = data.with_name("data.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            password_file = self.home / "initial-password"
            write_as(password_file, self.password, self.account)
            where = ["--pgdata", str(unfinished), "--username", self.user, "--pwfile", str(password_file)]
            how = ["--auth=scram-sha-256", "--encoding=UTF8", "--lc-collate=C", "--lc-ctype=C.UTF-8", "--no-sync"]
            self._run([str(binaries() / "initdb"), *where, *how])
            password_file.unlink()
            unfinished.rename(data)
        self._forget_dead_postmaster()
        settings = "\n".join(f"{name} = {value}" for name, value in self._settings().items())
        write_as(data / "simkeep.conf", settings + "\n", self.account)
        main = data / "postgresql.conf"
        if "include = 'simkeep.conf'" not in main.read_text():
            with main.open("a") as file:
                file.write("\ninclude = 'simkeep.conf'\n")

    def spawn(self) -> ProcessId:
        env = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(self.home)}
        return self.spawn_here([str(binaries() / "postgres"), "-D", str(self._data)], env)

    def ping(self) -> str | None:
        try:
            with psycopg.connect(self.url_of("postgres"), connect_timeout=5):
                return None
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise ServerError(
                    "the private PostgreSQL does not take the password kept beside it; "
                    "if its data may go, run: ./simkeep clean"
                ) from None
            return str(error)

    def after_start(self) -> None:
        self.create_database("simkeep")

    def create_database(self, name: str) -> None:
        """Does nothing when it exists."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    @property
    def _data(self) -> Path:
        return self.home / "data"

    def _forget_dead_postmaster(self) -> None:
        """Removes the lock file of a postmaster that was killed. PostgreSQL does that too, unless the pid is a zombie
        that nobody reaps or has gone to another program meanwhile, both usual in containers. Whether the cluster is in
        use is asked of the kernel: every PostgreSQL process works in its data directory."""
        lock_file = self._data / "postmaster.pid"
        deadline = time.monotonic() + 30
        while left := working_in(self._data):
            # Orphaned backends end by themselves; a postmaster that no file of ours names has to be asked.
            for process in left:
                process.send(signal.SIGINT)
            if time.monotonic() > deadline:
                raise ServerError(f"another PostgreSQL works in {self._data}: {[process.pid for process in left]}")
            time.sleep(0.05)
        lock_file.unlink(missing_ok=True)

    def _settings(self) -> dict[str, str]:
        memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        settings = {
            "listen_addresses": "'127.0.0.1'",
            "port": str(self.port),
            "unix_socket_directories": "''",
            "max_connections": "200",
            "shared_buffers": f"{max(64, min(1024, memory_mb // 8))}MB",
            "effective_cache_size": f"{max(256, memory_mb // 2)}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": f"{max(64, min(512, memory_mb // 16))}MB",
            "random_page_cost": "1.1",
            "jit": "off",  # compiling costs more than these short statements take
            # Bulk loads: few, smooth checkpoints and compressed full-page images.
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            "wal_compression": _log_compression(),
            "wal_buffers": "16MB",
            "timezone": "'UTC'",
            "log_timezone": "'UTC'",
            "log_line_prefix": "'%m [%p] %u '",
            "log_min_duration_statement": "2s",
            "log_checkpoints": "off",
            "synchronous_commit": "on",
        }
        if not self.durable:
            settings |= _NOT_DURABLE
        shared_memory = os.statvfs("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108
        if shared_memory is None or shared_memory.f_blocks * shared_memory.f_frsize < 256 * 2**20:
            # Parallel queries keep their hash tables there; a container's usual 64 MB make them fail.
            settings["max_parallel_workers_per_gather"] = "0"
        return settings

    def _run(self, argv: list[str]) -> None:
        done = subprocess.run(
            argv,
            user=self.account,
            group=self.account,
            extra_groups=[] if self.account else None,
            cwd=self.home,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServerError(f"{Path(argv[0]).name} failed:\n{done.stdout}{done.stderr}")


def _log_compression() -> str:
    """LZ4 takes a fraction of the CPU of PostgreSQL's own way: a third of what building an index costs. Not every build
    has it."""
    try:
        asked = [str(binaries() / "pg_config"), "--configure"]
        built = subprocess.run(asked, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "on"
    return "lz4" if "--with-lz4" in built.stdout else "on"


def binaries() -> Path:
    """Where the newest PostgreSQL's programs are. Raises FileNotFoundError when none from version 15 on is there."""
    versions = [int(p.parent.name) for p in Path("/usr/lib/postgresql").glob("*/bin") if p.parent.name.isdigit()]
    for version in sorted(versions, reverse=True):
        place = Path(f"/usr/lib/postgresql/{version}/bin")
        if version >= OLDEST_MAJOR_VERSION and (place / "initdb").exists() and (place / "postgres").exists():
            return place
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise FileNotFoundError(f"PostgreSQL {OLDEST_MAJOR_VERSION} or newer (Debian package postgresql)")
