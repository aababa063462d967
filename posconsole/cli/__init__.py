"""The command line: `posconsole` opens the till, and commands do what needs no screen."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from posconsole.errors import PosError


def main() -> None:
    """Run what the command line asks for. A refusal is one line on stderr and exit status 2."""
    try:
        _run(sys.argv[1:])
    except PosError as refusal:
        from posconsole.tui.safe import line

        sys.stderr.write(f"posconsole: {line(refusal.message)}\n")
        sys.exit(2)
    except OSError as error:
        # What was to be said finds no room, as a rule; at the program's end it would be tried once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        what = error.filename or "the output"
        sys.stderr.write(f"posconsole: {what} can't be written or read: {error.strerror}. See to that first.\n")
        sys.exit(2)


def _run(words: list[str]) -> None:
    # The two ways in which a till is started don't wait for the parser of the other commands.
    if words in ([], ["demo"]):
        from posconsole.cli import opening

        sys.exit(opening.demo() if words else opening.till())
    from posconsole.cli.commands import app

    for stream in (sys.stdout, sys.stderr):
        # A terminal that can't show a ✓ gets a ? and not a traceback.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="posconsole")
