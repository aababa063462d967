"""`posconsole vouchers`, `receipts` and `label`: minting and printing many, and printing one paper."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path  # noqa: TC003 - dataclasses read the annotations while they run
from typing import TYPE_CHECKING

from posconsole.cli.progress import bar
from posconsole.clock import SystemClock, moment
from posconsole.codes import identifier, prefix_of
from posconsole.engine.day.shiftviews import ShiftView
from posconsole.engine.views import PaymentView, RefundView
from posconsole.errors import Busy, InvalidInput, PosError, PrinterTrouble
from posconsole.files import taken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store
    from posconsole.engine.paper.printviews import Numbered
    from posconsole.engine.views import BatchView
    from posconsole.printing.drawing import Drawing
    from posconsole.printing.layout import Template
    from posconsole.spooling.setup import Setup

LOOK = 0.1
"""Seconds between two looks at a batch that is being minted."""
STALL = 15.0
"""Seconds without a new code after which nobody waits for the next: a busy database is free sooner."""
TOWARDS = ("printer", "text", "pdf")
NAMED = {"receipt": "receipt", "refund": "refund", "shift": "report"}
"""What people call a paper with a number, by its kind."""


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

    @property
    def folders(self) -> list[tuple[str, Path]]:
        """Return the folders that get pictures, each behind the pictures' kind."""
        return [(kind, folder) for kind, folder in (("png", self.png_dir), ("svg", self.svg_dir)) if folder]

    def template(self, usual: str, setup: Setup) -> Template:
        """Return the artwork that was asked for, or the usual one. Raises `InvalidInput`, `NotFound`."""
        from posconsole.printing.artwork import artwork

        return artwork(self.artwork or usual, setup.artwork)

    def sheets(self, setup: Setup) -> Template:
        """Return the artwork of the PDF. Raises as `template` does."""
        return self.template("label" if self.each == SMALL else "card", setup)

    def check(self, setup: Setup, prefix: str) -> None:
        """Refuse what can't be before anything is minted. Raises `InvalidInput`, `NotAllowed`, `NotFound`."""
        from posconsole.printing.sheets import SHEETS
        from posconsole.spooling.exports import fits, vacant, writable

        if self.each != 1 and self.each not in SHEETS:
            raise InvalidInput(f"There are sheets of {', '.join(map(str, SHEETS))}, or 1 to a page", field="per_sheet")
        fits(self.sheets(setup), prefix, self.each, setup.correction)
        if self.pdf is not None and self.pdf.exists() and not self.force:
            raise taken(self.pdf)
        if self.pdf is not None and self.pdf.is_dir():
            raise InvalidInput(f"{self.pdf} is a folder: name a file, as sheet.pdf", field="pdf")
        if self.png_dir is not None and self.png_dir == self.svg_dir:
            raise InvalidInput("PNG and SVG files want a folder each", field="svg_dir")
        for _, folder in self.folders:
            fits(self.template("card", setup), prefix, 1, setup.correction)
            if not self.force:
                vacant(folder)
        for path in filter(None, (self.pdf and self.pdf.parent, self.png_dir, self.svg_dir)):
            writable(path)


def issue(
    store: Store, setup: Setup, *, value: str, count: int, prefix: str, expires: str | None, wanted: Wanted
) -> Iterator[str]:
    """Mint vouchers of a value and print them; give what there is to say."""
    wanted.check(setup, prefix_of(prefix))
    worth = _worth(store, value)
    _outlives_today(store, expires)
    batch = store.vouchers.create_batch(count=count, prefix=prefix, value=worth, expires_at=expires)
    amount = store.shop.currency.format(worth, store.shop.locale)
    # Said before they are minted: whoever is cut short needs its name to go on.
    yield f"{_many(count)} {batch.prefix} of {amount} {store.shop.currency.code}: batch {batch.id}"
    again = f"posconsole vouchers print {batch.id}"
    try:
        minted(store, batch)
        if wanted.anything:
            yield from put(store, setup, batch.id, wanted)
        else:
            yield f"{again} --pdf FILE.pdf prints them."
    except (PosError, KeyboardInterrupt):
        yield f"{again} goes on, with the same file or folder."
        raise


def _worth(store: Store, value: str) -> int:
    """Read what each voucher is worth, in minor units. Raises `InvalidInput`."""
    currency = store.shop.currency
    example = f"write it as {25:.{currency.decimals}f}"
    try:
        worth = currency.parse(value)
    except InvalidInput as refusal:
        raise InvalidInput(f"{refusal.message}: {example}", field="value") from None
    if not worth:
        raise InvalidInput(f"A voucher is worth something: {example}", field="value")
    return worth


def _outlives_today(store: Store, expires: str | None) -> None:
    """Refuse vouchers that nobody could ever spend. Raises `InvalidInput`."""
    last = moment(expires, store.shop.timezone, "expires", end=True)
    if last is not None and last <= SystemClock().now():
        raise InvalidInput(f"{expires} is over: nobody could spend them. Say a later --expires.", field="expires")


def put(store: Store, setup: Setup, batch: str, wanted: Wanted) -> Iterator[str]:
    """Print a batch of vouchers, minted to its end where it wasn't; give what there is to say.

    Raises `InvalidInput` where nothing says whereto.
    """
    from posconsole.spooling.exports import Export, continued, finished

    if not wanted.anything:
        raise InvalidInput("Say where to: --pdf FILE.pdf, --png-dir FOLDER or --svg-dir FOLDER", field="pdf")
    minted(store, store.batches.get(batch))
    found = finished(store, batch)
    wanted.check(setup, found.prefix)
    job = continued([*([wanted.pdf] if wanted.pdf else []), *(folder for _, folder in wanted.folders)])
    export = Export(store, found, wanted.sheets(setup), setup.correction, job)
    if wanted.pdf is not None:
        with bar(f"Printing {wanted.pdf.name}") as progress:
            count = export.pdf(wanted.pdf, wanted.each, progress, replace=wanted.force)
        yield _done(count, wanted.pdf)
    export = replace(export, template=wanted.template("card", setup))
    for kind, folder in wanted.folders:
        with bar(f"Drawing {folder.name}") as progress:
            count = export.pictures(folder, kind, progress, replace=wanted.force)
        yield _done(count, folder)


SMALL = 24
"""Labels of which so many go on a sheet have an artwork of their own."""


def minted(store: Store, batch: BatchView) -> BatchView:
    """Wait until a batch is minted, by us where nobody else does it any more, and return it; `Busy` if nothing moves.

    A till mints on whenever its disk has room again. Here somebody waits for the end.
    """
    if batch.status != "running":
        return batch
    store.batches.resume()
    with bar(f"Minting {batch.prefix}") as progress:
        moved = time.monotonic()
        while batch.status == "running":
            progress(batch.minted, batch.count)
            time.sleep(LOOK)
            before, batch = batch, store.batches.get(batch.id)
            moved = time.monotonic() if batch.minted > before.minted else moved
            if batch.status == "running" and time.monotonic() - moved > STALL:
                raise Busy(
                    f"The database takes no more codes: is its disk full, or held by another program? "
                    f"{batch.minted:,} of {batch.count:,} are minted; posconsole recover mints the rest."
                )
        progress(batch.minted, batch.count)
    return batch


def _done(count: int, path: Path) -> str:
    return f"✓ {_many(count)} in {path}. Keep it safe: whoever has it can spend it."


def _many(count: int) -> str:
    return f"{count:,} voucher{'s' if count != 1 else ''}"


def receipt(store: Store, setup: Setup, number: str, to: str | None, pdf: Path | None, *, force: bool) -> Iterator[str]:
    """Print what has a number: at the printer if the settings name one, as text, or into a PDF; say what there is.

    On text and in a file it is a COPY; at the printer, too, unless nothing of it was ever on paper.
    """
    to = to or ("pdf" if pdf else "printer" if setup.printer else "text")
    if to not in TOWARDS or (to == "pdf") != (pdf is not None):
        raise InvalidInput("Print --to text or printer, or say --pdf FILE.pdf", field="to")
    found = store.printing.find(number)
    name = f"{NAMED[found.kind]} {found.title}"
    if to == "printer":
        yield _sent(store, setup, found, name)
        return
    from posconsole.spooling.papers import strip

    assert isinstance(found.subject, PaymentView | RefundView | ShiftView)  # noqa: S101 - nothing else has a number
    paper = strip(found.subject, found.sale, store.shop, copy=found.counted)
    if pdf is None:
        yield from paper.lines
    else:
        from posconsole.printing.roll import rolled

        _page(pdf, rolled(paper, setup.correction), force=force)
        yield f"✓ {name.capitalize()} is in {pdf}."


def label(store: Store, setup: Setup, sku: str, pdf: Path | None, *, force: bool) -> Iterator[str]:
    """Print the label of goods at the printer, or into a PDF; give what there is to say."""
    from posconsole.printing import escpos
    from posconsole.printing.goods import goods_label
    from posconsole.printing.printers import printer
    from posconsole.printing.roll import rolled

    product = store.products.get(sku)
    if pdf is not None:
        _page(pdf, rolled(goods_label(product, store.shop), setup.correction), force=force)
    else:
        _need_printer(setup)
        model = escpos.model(setup.profile, setup.paper, setup.correction)
        with bar(f"Printing {product.name}"), printer(setup.printer) as device:
            device.send(escpos.printed(goods_label(product, store.shop, model.columns), model))
    yield f"✓ The label of {product.name} is {f'in {pdf}' if pdf else 'printed'}."


def _need_printer(setup: Setup) -> None:
    if not setup.printer:
        raise InvalidInput("The settings name no printer: say --pdf FILE.pdf", field="printer")


def _page(path: Path, drawing: Drawing, *, force: bool) -> None:
    from posconsole.printing.sheets import print_sheets

    with bar(f"Printing {path.name}") as progress:
        print_sheets(
            path, lambda _: [drawing], 1, job=identifier("exp"), progress=lambda done: progress(done, 1), replace=force
        )


def _sent(store: Store, setup: Setup, found: Numbered, name: str) -> str:
    """Print a paper at the printer. What doesn't come out is not kept for later: nobody would wait for it here."""
    from posconsole.spooling.spooler import spooler

    _need_printer(setup)

    spool = spooler(lambda: store, setup)
    job = store.printing.queue(found.kind, found.id)
    with bar(f"Printing {name}") as progress:
        progress(0, 1)
        try:
            spool.step(job.id)
        finally:
            job = store.printing.get(job.id)
            if job.status in ("queued", "failed"):
                store.printing.cancel(job.id)
        progress(1, 1)
    if job.status == "printed":
        return f"✓ {f'A COPY of {name}' if job.copied else name.capitalize()} is printed."
    raise PrinterTrouble(job.error, job.status)
