"""A batch of vouchers as files: a PDF of sheets, or a picture of each; what was cut short goes on where it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from posconsole.codes import identifier, mint
from posconsole.engine.views import VoucherView
from posconsole.errors import NotAllowed, NotFound
from posconsole.files import alone, busy, explained, taken, write
from posconsole.printing.voucher import specimen, voucher_paper
from posconsole.spooling.spooler import begun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from posconsole import Store
    from posconsole.engine.paper.printviews import Printable
    from posconsole.engine.views import BatchView
    from posconsole.printing.drawing import Drawing
    from posconsole.printing.layout import Template
    from posconsole.spooling.setup import Setup

    Progress = Callable[[int, int], None]

SPAN = 240
"""Vouchers that are recorded as printed at once: whole sheets of 8, 10 and 24, and soon done for a till that waits."""
TICKET = ".part.job"
"""Names the job of a file, or in a folder of pictures, that isn't whole yet."""


@dataclass(frozen=True, slots=True)
class Export:
    """What is printed of a batch, and how: `template` is its artwork, `correction` that of QR codes.

    With the name of the same `job`, several outputs are one print: none of them is a copy of another.
    """

    store: Store
    batch: BatchView
    template: Template
    correction: str = "M"
    job: str = field(default_factory=partial(identifier, "exp"))

    def pdf(self, path: Path, each: int, progress: Progress | None = None, *, replace: bool = False) -> int:
        """Write sheets of `each` (8, 10 or 24) vouchers, or 1 to a page, and return how many vouchers are on them.

        Raises `NotAllowed` where there is such a file, unless it shall be replaced.
        """
        from posconsole.printing.sheets import print_sheets

        if path.exists() and not replace:
            raise taken(path)
        self._check(each)
        job = self._job(path)

        def done(count: int) -> None:
            if progress:
                progress(count, self.batch.minted)

        try:
            count = print_sheets(
                path, lambda placed: self._drawings(job, placed, each), each, job=job, progress=done, replace=replace
            )
        except BaseException:
            # What is recorded is gone on with, also where no page of it was whole yet.
            _part(path).touch(0o600)
            raise
        _ticket(path).unlink(missing_ok=True)
        return count

    def pictures(self, folder: Path, kind: str, progress: Progress | None = None, *, replace: bool = False) -> int:
        """Write a PNG or SVG file of each voucher into a folder, named by their numbers; return how many.

        Raises `NotAllowed` where the folder holds anything else already, unless that may be replaced.
        """
        from posconsole.printing.png import png
        from posconsole.printing.svg import svg

        if not replace:
            vacant(folder)
        self._check(1)
        with explained(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        begun, job = _begun(folder), self._job(folder)
        digits = len(str(self.batch.minted))
        with _ticket(folder).open("rb") as held:
            if not alone(held.fileno()):
                raise busy(folder)
            for number, drawing in enumerate(self._drawings(job, 0, 1), start=1):
                path = folder / f"{self.batch.prefix}-{number:0{digits}}.{kind}"
                if not (begun and path.exists()):
                    data = png(drawing) if kind == "png" else svg(drawing).encode()
                    write(path, data, replace=replace or begun)
                if progress:
                    progress(number, self.batch.minted)
            _ticket(folder).unlink(missing_ok=True)
        return self.batch.minted

    def _check(self, each: int) -> None:
        fits(self.template, self.batch.prefix, each, self.correction)

    def _drawings(self, job: str, done: int, each: int) -> Iterator[Drawing]:
        """Give the vouchers after the first `done`, as paper; each is recorded before it is there."""
        for first in range(done - done % SPAN + 1, self.batch.minted + 1, SPAN):
            last = min(first + SPAN - 1, self.batch.minted)
            part = self.store.printing.batch(self.batch.id, first, last, idempotency_key=f"{job} {first}")
            for number, (voucher, copy) in enumerate(part, start=first):
                if number > done:
                    paper = voucher_paper(voucher, self.store.shop, copy=copy)
                    yield self.template.draw(paper, _room(each), correction=self.correction)

    def _job(self, path: Path) -> str:
        """Return the name of the job there: the one in its ticket, which lies with what isn't whole yet."""
        ticket = _ticket(path)
        fresh = f"{self.job} {self.batch.id} {self.batch.minted} {self.template.name}"
        if not _begun(path):
            write(ticket, fresh.encode(), replace=True)
        with explained(ticket):
            job, *what = ticket.read_text(encoding="utf-8").split()
        if what != fresh.split()[1:]:
            raise NotAllowed(
                f"{path} is not whole yet, and something else: batch {what[0]}. Print that to its end, or take another "
                f"name. {ticket} says so."
            )
        return job


def fits(template: Template, prefix: str, each: int, correction: str) -> None:
    """Lay a voucher of a series out as it would be; there needn't be any. Raises `InvalidInput` if it doesn't fit."""
    template.draw(specimen(mint(prefix)), _room(each), correction=correction)


def vacant(folder: Path) -> None:
    """Refuse a folder that holds anything but pictures that were begun there. Raises `NotAllowed`, `StorageError`."""
    with explained(folder):
        if folder.exists() and any(folder.iterdir()) and not _begun(folder):
            raise NotAllowed(f"{folder} isn't empty: take another folder, or --force.", field="path")


def writable(path: Path) -> None:
    """Make sure that a file or a folder can be made there, and leave nothing behind. Raises `StorageError`."""
    there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    with explained(path), TemporaryFile(dir=there):
        pass


def continued(paths: Iterable[Path]) -> str:
    """Return the name of the job that was begun in any of these files and folders, or that of a new one."""
    for path in filter(_begun, paths):
        with explained(path):
            return _ticket(path).read_text(encoding="utf-8").split()[0]
    return identifier("exp")


def _ticket(path: Path) -> Path:
    return path / TICKET if path.is_dir() else path.with_name(f"{path.name}{TICKET}")


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _begun(path: Path) -> bool:
    """Say whether a file, or a folder of pictures, isn't whole yet. What was left of one that is doesn't count."""
    return _ticket(path).exists() and (path.is_dir() or _part(path).exists())


def _room(each: int) -> tuple[float, float] | None:
    """Return the size of a label on a sheet of so many; None where each has a page of its artwork's own."""
    from posconsole.printing.sheets import SHEETS

    return SHEETS[each].room if each in SHEETS else None


def card(store: Store, voucher: str, path: Path, setup: Setup) -> None:
    """Print one voucher into a PDF; it counts as printed. Raises as `Export.pdf` does."""
    from posconsole.printing.artwork import artwork
    from posconsole.printing.sheets import print_sheets

    worker = identifier("exp")
    job = store.printing.queue("voucher", voucher)
    if store.printing.claim(worker, job.id) is None:
        raise NotAllowed("This till's printer took it at the same moment: it comes out there.")

    def drawn(printable: Printable) -> list[Drawing]:
        if not isinstance(printable.subject, VoucherView):
            return []
        paper = voucher_paper(printable.subject, store.shop, copy=printable.copy)
        return [artwork("card", setup.artwork).draw(paper, correction=setup.correction)]

    def drawings(_done: int) -> list[Drawing]:
        return begun(store, job.id, worker, drawn) or []

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
