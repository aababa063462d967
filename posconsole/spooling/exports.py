"""A batch of vouchers as files: a PDF of sheets, or a picture of each; what was cut short goes on where it was."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posconsole.codes import identifier
from posconsole.engine.views import VoucherView
from posconsole.errors import NotAllowed, NotFound
from posconsole.files import explained, write
from posconsole.printing.voucher import voucher_paper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from posconsole import Store
    from posconsole.engine.views import BatchView
    from posconsole.printing.drawing import Drawing
    from posconsole.printing.layout import Template
    from posconsole.spooling.setup import Setup

    Progress = Callable[[int, int], None]

SPAN = 240
"""Vouchers that are recorded as printed at once: whole sheets of 8, 10 and 24, and soon done for a till that waits."""
PICTURES = ("png", "svg")


@dataclass(frozen=True, slots=True)
class Export:
    """What is printed of a batch, and how: `template` is its artwork, `correction` that of QR codes."""

    store: Store
    batch: BatchView
    template: Template
    correction: str = "M"

    def pdf(self, path: Path, each: int, progress: Progress | None = None, *, replace: bool = False) -> int:
        """Write sheets of `each` (8, 10 or 24) vouchers, or 1 to a page, and return how many vouchers are on them.

        Raises `NotAllowed` where there is such a file, unless it shall be replaced.
        """
        from posconsole.printing.sheets import print_sheets

        part, ticket = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.part.job")
        if path.exists() and not replace:
            raise NotAllowed(f"{path} exists: take another name, or --force to replace it.", field="path")
        self.sample(each)
        job = self._job(ticket, new=not part.exists())

        def done(count: int) -> None:
            if progress:
                progress(count, self.batch.minted)

        count = print_sheets(
            path, lambda placed: self._drawings(job, placed, each), each, job=job, progress=done, replace=replace
        )
        ticket.unlink(missing_ok=True)
        return count

    def pictures(self, folder: Path, kind: str, progress: Progress | None = None, *, replace: bool = False) -> int:
        """Write a PNG or SVG file of each voucher into a folder, named by their numbers; return how many.

        Raises `NotAllowed` where the folder holds anything else already, unless that may be replaced.
        """
        from posconsole.printing.png import png
        from posconsole.printing.svg import svg

        ticket = folder / ".part.job"
        with explained(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            begun = ticket.exists()
            if not (begun or replace) and any(folder.iterdir()):
                raise NotAllowed(f"{folder} isn't empty: take another folder, or --force.", field="path")
        digits = len(str(self.batch.minted))
        for number, drawing in enumerate(self._drawings(self._job(ticket, new=False), 0, 1), start=1):
            path = folder / f"{self.batch.prefix}-{number:0{digits}}.{kind}"
            if not (begun and path.exists()):
                data = png(drawing) if kind == "png" else svg(drawing).encode()
                write(path, data, replace=replace or begun)
            if progress:
                progress(number, self.batch.minted)
        ticket.unlink(missing_ok=True)
        return self.batch.minted

    def sample(self, each: int) -> None:
        """Lay a voucher of the batch out as it will be, and record nothing. Raises `InvalidInput` if it doesn't fit."""
        (voucher,) = self.store.vouchers.list(batch=self.batch.id, limit=1).data
        self._drawing(voucher, each, copy=True)

    def _drawing(self, voucher: VoucherView, each: int, *, copy: bool) -> Drawing:
        from posconsole.printing.sheets import SHEETS

        size = SHEETS[each].room if each in SHEETS else None
        paper = voucher_paper(voucher, self.store.shop, copy=copy)
        return self.template.draw(paper, size, correction=self.correction)

    def _drawings(self, job: str, done: int, each: int) -> Iterator[Drawing]:
        """Give the vouchers after the first `done`, as paper; each is recorded before it is there."""
        for first in range(done - done % SPAN + 1, self.batch.minted + 1, SPAN):
            last = min(first + SPAN - 1, self.batch.minted)
            part = self.store.printing.batch(self.batch.id, first, last, idempotency_key=f"{job} {first}")
            for number, (voucher, copy) in enumerate(part, start=first):
                if number > done:
                    yield self._drawing(voucher, each, copy=copy)

    def _job(self, ticket: Path, *, new: bool) -> str:
        """Return the name of this job: the one in its ticket, which lies beside what isn't whole yet."""
        fresh = f"{identifier('exp')} {self.batch.id} {self.batch.minted} {self.template.name}"
        with explained(ticket):
            if new or not ticket.exists():
                ticket.parent.mkdir(parents=True, exist_ok=True)
                handle = os.open(ticket, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(fresh)
            job = ticket.read_text(encoding="utf-8")
        if job.split()[1:] != fresh.split()[1:]:
            raise NotAllowed(f"{ticket} says that something else is being printed there: take another name.")
        return job


def card(store: Store, voucher: str, path: Path, setup: Setup) -> None:
    """Print one voucher into a PDF; it counts as printed. Raises as `Export.pdf` does."""
    from posconsole.printing.artwork import artwork
    from posconsole.printing.sheets import print_sheets

    worker = identifier("exp")
    job = store.printing.queue("voucher", voucher)
    store.printing.claim(worker, job.id)

    def drawings(_done: int) -> Iterator[Drawing]:
        printable = store.printing.begin(job.id, worker)
        if printable is not None and isinstance(printable.subject, VoucherView):
            paper = voucher_paper(printable.subject, store.shop, copy=printable.copy)
            yield artwork("card", setup.artwork).draw(paper, correction=setup.correction)

    try:
        print_sheets(path, drawings, 1, job=job.id)
    except BaseException:
        store.printing.failed(job.id, worker, "the file could not be written", again=False)
        raise
    store.printing.printed(job.id, worker)


def finished(store: Store, batch: str) -> BatchView:
    """Return a batch of vouchers that can be printed. Raises `NotFound`, or `NotAllowed` while it is being minted."""
    found = store.batches.get(batch)
    if found.kind != "voucher" or not found.minted:
        raise NotFound("There are no vouchers in this batch", field="batch")
    if found.status == "running":
        raise NotAllowed(
            f"{found.minted:,} of {found.count:,} vouchers are minted so far. Print them when they all are.",
            field="batch",
        )
    return found
