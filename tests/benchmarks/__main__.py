"""Run the benchmarks and print the table. The exit status says nothing about speed: a busy machine is no fault."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import advice, capture, memory, minting, opening, preview, printing, screen, screens, server, ssh
from tests.benchmarks.recording import driver
from tests.benchmarks.report import table

if TYPE_CHECKING:
    from tests.benchmarks.report import Row

SUBJECTS = {
    "capture": capture.rows,
    "server": server.rows,
    "preview": preview.rows,
    "advice": advice.rows,
    "opening": opening.rows,
    "screen": screen.rows,
    "screens": screens.rows,
    "memory": memory.rows,
    "ssh": ssh.rows,
    "minting": minting.rows,
    "printing": printing.rows,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="|".join(SUBJECTS), help="only these; default: all")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--folder", type=Path, help="where to put the databases: a real disk, or the figures flatter")
    arguments = parser.parse_args()
    if unknown := set(arguments.subjects) - SUBJECTS.keys():
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    before = os.getloadavg()[0]
    rows: list[Row] = []
    notes: list[str] = []
    for subject in arguments.subjects or SUBJECTS:
        sys.stderr.write(f"{subject} …\n")
        with tempfile.TemporaryDirectory(prefix="posconsole-benchmark-", dir=arguments.folder) as folder:
            found, note = SUBJECTS[subject](Path(folder), quick=arguments.quick)
        rows += found
        notes += [f"Statements of {subject}:\n{note}"] if note else []
    heading = (
        f"SQLite {driver.sqlite_version} ({driver.__name__}), WAL, synchronous=FULL. Floor: the same run, in turns.\n"
        f"{os.cpu_count()} cores; load {before:.1f} before, {os.getloadavg()[0]:.1f} after: "
        "where it is above the cores, the slowest calls are slow by other programs."
    )
    sys.stdout.write("\n\n".join([heading, table(rows), *notes]) + "\n")


if __name__ == "__main__":
    main()
