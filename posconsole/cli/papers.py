"""`posconsole vouchers` and `receipts`: minting and printing many, and printing one receipt again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - dataclasses read the annotations while they run
from typing import TYPE_CHECKING

from posconsole.cli.progress import bar
from posconsole.codes import identifier
from posconsole.errors import InvalidInput, NotAllowed, PrinterTrouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store
    from posconsole.engine.views import BatchView
    from posconsole.printing.drawing import Drawing
    from posconsole.spooling.setup import Setup

LOOK = 0.1
"""Seconds between two looks at a batch that is being minted."""
TOWARDS = ("printer", "text", "pdf")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where vouchers go: sheets of `each` in a PDF, or a picture of each in a folder; and their artwork."""

    pdf: Path | None
    png_dir: Path | None
    svg_dir: Path | None
    each: int
    artwork: str | None
    force: bool

    @property
    def anything(self) -> bool:
        """Say whether anything is to be printed."""
        return any((self.pdf, self.png_dir, self.svg_dir))

    def check(self, setup: Setup) -> None:
        """Refuse what can't be before anything is minted. Raises `InvalidInput`, `NotAllowed`, `NotFound`."""
        from posconsole.printing.artwork import artwork
        from posconsole.printing.sheets import SHEETS

        if self.artwork:
            artwork(self.artwork, setup.artwork)
        if self.each != 1 and self.each not in SHEETS:
            raise InvalidInput(f"There are sheets of {', '.join(map(str, SHEETS))}, or 1 to a page", field="per_sheet")
        if self.pdf is not None and self.pdf.exists() and not self.force:
            raise NotAllowed(f"{self.pdf} exists: take another name, or --force to replace it.", field="path")


def issue(
    store: Store, setup: Setup, *, value: str, count: int, prefix: str, expires: str | None, wanted: Wanted
) -> Iterator[str]:
    """Mint vouchers of a value and print them; give what there is to say."""
    wanted.check(setup)
    worth = store.shop.currency.parse(value)
    batch = store.vouchers.create_batch(count=count, prefix=prefix, value=worth, expires_at=expires)
    batch = _minted(store, batch)
    amount = store.shop.currency.format(worth, store.shop.locale)
    yield f"{batch.minted:,} vouchers {batch.prefix} of {amount} {store.shop.currency.code}: batch {batch.id}"
    if wanted.anything:
        yield from put(store, setup, batch.id, wanted)
    else:
        yield f"posconsole vouchers print {batch.id} --pdf FILE.pdf prints them."


def put(store: Store, setup: Setup, batch: str, wanted: Wanted) -> Iterator[str]:
    """Print a batch of vouchers; give what there is to say. Raises `InvalidInput` where nothing says whereto."""
    from posconsole.printing.artwork import artwork
    from posconsole.spooling.exports import Export, finished

    wanted.check(setup)
    if not wanted.anything:
        raise InvalidInput("Say where to: --pdf FILE.pdf, --png-dir FOLDER or --svg-dir FOLDER", field="pdf")
    found = finished(store, batch)

    def export(usual: str) -> Export:
        return Export(store, found, artwork(wanted.artwork or usual, setup.artwork), setup.correction)

    if wanted.pdf is not None:
        usual = "label" if wanted.each == SMALL else "card"
        with bar(f"Printing {wanted.pdf.name}") as progress:
            count = export(usual).pdf(wanted.pdf, wanted.each, progress, replace=wanted.force)
        yield _done(count, wanted.pdf)
    for kind, folder in (("png", wanted.png_dir), ("svg", wanted.svg_dir)):
        if folder is not None:
            with bar(f"Drawing {folder.name}") as progress:
                count = export("card").pictures(folder, kind, progress, replace=wanted.force)
            yield _done(count, folder)


SMALL = 24
"""Labels of which so many go on a sheet have an artwork of their own."""


def _minted(store: Store, batch: BatchView) -> BatchView:
    with bar(f"Minting {batch.prefix}") as progress:
        while batch.status == "running":
            progress(batch.minted, batch.count)
            time.sleep(LOOK)
            batch = store.batches.get(batch.id)
        progress(batch.minted, batch.count)
    return batch


def _done(count: int, path: Path) -> str:
    return f"✓ {count:,} vouchers are in {path}. They are money: keep it safe."


def receipt(store: Store, setup: Setup, number: str, to: str | None, pdf: Path | None, *, force: bool) -> Iterator[str]:
    """Print a receipt: at the printer if the settings name one, as text, or into a PDF; give what there is to say.

    On text and in a file it is a COPY; at the printer, too, unless nothing of it was ever on paper.
    """
    to = to or ("pdf" if pdf else "printer" if setup.printer else "text")
    if to not in TOWARDS or (to == "pdf") != (pdf is not None):
        raise InvalidInput("Print --to text or printer, or say --pdf FILE.pdf", field="to")
    from posconsole.printing.receipt import sale_receipt

    payment = store.payments.find(number)
    if to == "printer":
        yield _sent(store, setup, payment.id)
    elif pdf is None:
        yield from sale_receipt(payment, store.shop, copy=True).lines
    else:
        from posconsole.printing.roll import rolled

        _page(pdf, rolled(sale_receipt(payment, store.shop, copy=True), setup.correction), force=force)
        yield f"✓ Receipt {payment.receipt_number} is in {pdf}."


def _page(path: Path, drawing: Drawing, *, force: bool) -> None:
    from posconsole.printing.sheets import print_sheets

    with bar(f"Printing {path.name}") as progress:
        print_sheets(
            path, lambda _: [drawing], 1, job=identifier("exp"), progress=lambda done: progress(done, 1), replace=force
        )


def _sent(store: Store, setup: Setup, payment: str) -> str:
    """Print a receipt at the printer. What doesn't come out is not kept for later: nobody would wait for it here."""
    if not setup.printer:
        raise InvalidInput("The settings name no printer: say --to text, or --pdf FILE.pdf", field="printer")
    from posconsole.spooling.spooler import spooler

    spool = spooler(lambda: store, setup)
    job = store.printing.queue("receipt", payment)
    with bar(f"Printing {job.title}") as progress:
        progress(0, 1)
        spool.step(job.id)
        progress(1, 1)
    job = store.printing.get(job.id)
    if job.status == "printed":
        return f"✓ {'A COPY of receipt' if job.copied else 'Receipt'} {job.title} is printed."
    if job.status != "canceled":
        store.printing.cancel(job.id)
    raise PrinterTrouble(job.error, job.status)
