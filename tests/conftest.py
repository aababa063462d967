"""What a whole run has once, however many processes share it: a PostgreSQL server, and folders of its own."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.postgresql import Server

FOLDER = "POSCONSOLE_TEST_RUN"
MEMORY, ENOUGH = Path("/dev/shm"), 2**33  # noqa: S108 - a file system in memory, with so many bytes to spare
_MINE = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder; the workers of pytest-xdist inherit its name."""
    if FOLDER not in os.environ:
        # No test cuts the power, so none has to wait for a disk.
        place = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH else None
        config.stash[_MINE] = Path(tempfile.mkdtemp(prefix="posconsole-tests-", dir=place))
        config.option.basetemp = config.option.basetemp or str(config.stash[_MINE] / "tests")
        os.environ[FOLDER] = str(config.stash[_MINE])
        os.environ["XDG_DATA_HOME"] = str(config.stash[_MINE] / "data")
        # As with Ctrl+C: a run that is ended from outside takes its server with it.
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop every server of the run after the last test of all workers."""
    folder = config.stash.get(_MINE, None)
    if folder is None:
        return
    for running in folder.glob("**/postmaster.pid"):
        from tests.postgresql import Server

        Server(running.parent.parent).stop()
    shutil.rmtree(folder, ignore_errors=True)
    del os.environ[FOLDER]


@pytest.fixture(scope="session")
def postgresql() -> Server:
    """Give the run's server, started by whoever needs it first."""
    from tests.postgresql import Server

    server = Server(Path(os.environ[FOLDER]))
    server.start()
    return server
