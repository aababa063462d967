"""The README's demo over SSH, with a real sshd: a shop for each connection, and nothing else for anybody."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.sshd import INSTALLED, Sshd
from tests.terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not INSTALLED, reason="no sshd is installed")
OPEN = "Things to try"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")) as sshd:
        yield sshd


def test_each_connection_has_a_shop_of_its_own_that_goes_when_the_link_is_cut(server: Sshd) -> None:
    with Terminal(server.ssh("-tt")) as one, Terminal(server.ssh("-tt")) as other:
        for terminal in (one, other):
            terminal.until(lambda text: OPEN in text and "opening" not in text, 2 * PATIENCE)
        assert server.open_shops() == 2
        one.send("102\r")
        one.until("✓ Added Flat white")
        assert OPEN in other.settled()
        one.signal(signal.SIGKILL)
        begun = time.monotonic()
        while server.open_shops() > 1 and time.monotonic() < begun + PATIENCE:
            time.sleep(0.02)
        assert server.open_shops() == 1
        other.send("102\r")
        other.until("✓ Added Flat white")
        other.press("ctrl+q")
        assert other.wait_for_end() == 0
    assert server.open_shops() == 0


def test_there_is_neither_a_shell_nor_a_file_nor_a_way_through(server: Sshd, tmp_path: Path) -> None:
    for asked in (("-T",), ("-T", "-s")):
        words = [*server.ssh(*asked), "sftp" if "-s" in asked else "echo in"]
        tried = subprocess.run(words, input=b"echo in\n", capture_output=True, timeout=60, check=False)
        # The demo's own answer to who has no terminal.
        assert tried.returncode == 2
        assert tried.stdout == b""
    with socket.create_server(("127.0.0.1", 0)) as inside:
        way = f"127.0.0.1:{inside.getsockname()[1]}"
        tried = subprocess.run(server.ssh("-W", way), input=b"", capture_output=True, timeout=60, check=False)
        assert b"forwarding failed" in tried.stderr
        assert tried.returncode != 0
    assert server.open_shops() == 0
