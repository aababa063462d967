"""A real sshd on this machine, set up as the README says: for the demo, for whoever runs the tests."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.terminal import PATIENCE

if TYPE_CHECKING:
    from typing import Self

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
INSTALLED = bool(SSHD and shutil.which("ssh") and shutil.which("ssh-keygen"))
README = Path(__file__).parents[1] / "README.md"
CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/key.pub
StrictModes no
UsePAM no
MaxStartups 100
Subsystem sftp internal-sftp
SetEnv TMPDIR={folder}/shops
{recipe}
"""


def recipe() -> str:
    """Return the README's lines for `sshd_config`, with this user in place of its own and this program for its."""
    written: str
    (written,) = re.findall(r"^Match User demo\n(?: .*\n)+", README.read_text(), re.MULTILINE)
    program = Path(sys.executable).with_name("posconsole")
    return written.replace("User demo", f"User {getpass.getuser()}").replace(
        "/srv/posconsole/.venv/bin/posconsole", str(program)
    )


class Sshd:
    """An sshd on a free port. The demo's shops are made in `shops`, one folder each."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.shops = folder, folder / "shops"
        self.shops.mkdir()
        for name in ("host", "key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (folder / "sshd_config").write_text(CONFIG.format(port=self.port, folder=folder, recipe=recipe()))
        if not os.getuid():
            Path("/run/sshd").mkdir(exist_ok=True)

    def __enter__(self) -> Self:
        command = [str(SSHD), "-D", "-e", "-f", str(self.folder / "sshd_config")]
        self._log = (self.folder / "log").open("wb")
        self._daemon = subprocess.Popen(command, stderr=self._log)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._daemon.poll() is None:
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", self.port)):
                    return self
            time.sleep(0.02)
        raise AssertionError(f"sshd did not start: {(self.folder / 'log').read_text()}")

    def __exit__(self, *_: object) -> None:
        self._daemon.terminate()
        self._daemon.wait()
        self._log.close()

    def ssh(self, *more: str) -> list[str]:
        """Return the command that connects, with `more` options or words."""
        options = [f"UserKnownHostsFile={self.folder}/known", "StrictHostKeyChecking=no", "IdentitiesOnly=yes",
                   "LogLevel=ERROR", "BatchMode=yes"]  # fmt: skip
        given = [word for option in options for word in ("-o", option)]
        return ["ssh", "-F", "none", *given, "-i", str(self.folder / "key"), "-p", str(self.port), *more, "127.0.0.1"]

    def open_shops(self) -> int:
        """Count the shops that are open: a shop's folder goes with its process."""
        return len(list(self.shops.iterdir()))
