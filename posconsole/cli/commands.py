"""What can be done without a screen: import, check, audit, recover."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posconsole.cli import opening
from posconsole.errors import InvalidInput
from posconsole.tui.safe import line

if TYPE_CHECKING:
    from posconsole.config import Settings
    from posconsole.engine.views import ImportReport

SHOWN_REFUSALS = 20

app = typer.Typer(
    help="A point-of-sale console. Without a command it opens the till.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
importing = typer.Typer(help="Bring in what another system wrote.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(importing, name="import")
vouchers = typer.Typer(help="Mint gift vouchers and print them.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(vouchers, name="vouchers")
receipts = typer.Typer(help="Print receipts again.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(receipts, name="receipts")

Database = Annotated[
    str | None,
    typer.Option(metavar="URL", help="sqlite:///path, or just a path. Default: the settings, else your data folder."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback(invoke_without_command=True)
def opened(
    context: typer.Context,
    database: Database = None,
    till: Annotated[str | None, typer.Option(metavar="NUMBER", help="The till's number.")] = None,
    operator: Annotated[str | None, typer.Option(metavar="NAME", help="Who is at the till.")] = None,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """A point-of-sale console. Without a command it opens the till."""
    context.obj = database
    if show_version:
        from importlib.metadata import version

        _say(f"posconsole {version('posconsole')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        raise typer.Exit(opening.till(database, till, operator))


@app.command()
def demo(
    tour: Annotated[bool, typer.Option("--tour", help="Let a sale play by itself; any key takes over.")] = False,
    theme: Annotated[str | None, typer.Option(metavar="NAME", help="Colours: till, paper or contrast.")] = None,
) -> None:
    """Open a furnished shop in a throw-away database."""
    raise typer.Exit(opening.demo(tour=tour, theme=theme))


@app.command()
def init(context: typer.Context, database: Database = None) -> None:
    """Set up a till: its shop (currency, language, tax), who works there, and a settings file with comments."""
    from posconsole.cli import founding

    for row in founding.found(database or context.find_root().obj):
        _say(row)


@importing.command("products")
def import_products(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A product list, or invoices to take prices from.")],
    database: Database = None,
    all_refusals: Annotated[bool, typer.Option("--all-refusals", help="List every refused line.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a CSV file's products into the catalogue: all in one step, or none of them.

    Columns: sku, name, price, and where they are there barcode, tax (per cent), category. Of several lines for
    one sku the latest price counts.
    """
    if not file.exists():
        _complain(f"{file}: no such file")
        raise typer.Exit(1)
    from posconsole.cli.progress import bar
    from posconsole.engine.goods.importing import read_products

    with closing(opening.store(_settings(context, database))) as store:
        try:
            parsed = read_products(file, store.shop.currency)
        except InvalidInput as refusal:
            _complain(f"{file}: {refusal.message}")
            raise typer.Exit(1) from None
        with bar(f"Importing {file.name}") as progress:
            report = store.products.load(parsed.rows, progress=progress)
    report = replace(report, refused=tuple(sorted((*parsed.refused, *report.refused), key=lambda it: it.line)))
    if as_json:
        _print_json({"file": str(file), "lines": parsed.lines, **asdict(report)})
    else:
        _report(report, parsed.lines, everything=all_refusals)
    if parsed.lines and not report.added + report.updated + report.unchanged:
        raise typer.Exit(1)


def _report(report: ImportReport, lines: int, *, everything: bool) -> None:
    shown = report.refused if everything else report.refused[:SHOWN_REFUSALS]
    for refused in shown:
        _say(f"line {refused.line}  {refused.sku or '-'}: {refused.reason}")
    if len(shown) < len(report.refused):
        _say(f"and {len(report.refused) - len(shown):,} more lines refused (--all-refusals lists them)")
    refusals = len(report.refused)
    _say(
        f"{lines:,} lines read: {report.added:,} products came in, {report.updated:,} were updated, "
        f"{report.unchanged:,} stayed the same, {refusals:,} {'line was' if refusals == 1 else 'lines were'} refused"
    )


@app.command()
def check(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="A coupon's or a voucher's code, as written on it.")],
    amount: Annotated[str | None, typer.Option(metavar="80.00", help="What the basket comes to.")] = None,
    item: Annotated[list[str] | None, typer.Option(metavar="3*SKU", help="A product in it. Repeatable.")] = None,
    member: Annotated[str | None, typer.Option(metavar="WHO", help="The member's phone, card or name.")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Say what a code would do to a basket; nothing is written. Exit status 1 when it is refused."""
    from posconsole.cli import checking

    with closing(opening.store(_settings(context, database), new=False)) as store:
        answer = checking.answer(store, line(code), amount, [line(it) for it in item or []], member and line(member))
        if as_json:
            _print_json(answer.as_json())
        else:
            for row in answer.rows(store):
                _say(row)
    raise typer.Exit(0 if answer.valid else 1)


@app.command()
def audit(context: typer.Context, database: Database = None, as_json: AsJson = False) -> None:
    """Check every invariant of the books. Exit status 1 when one is broken."""
    with closing(opening.store(_settings(context, database), new=False)) as store:
        findings = store.audit()
    if as_json:
        _print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            _say(f"✗ {finding.check}  {finding.subject}: {finding.message}")
        _say(f"{len(findings)} findings: the books are not sound" if findings else "✓ The books are sound.")
    raise typer.Exit(1 if findings else 0)


Since = Annotated[str | None, typer.Option(metavar="2026-07-01", help="The first day, or moment.")]
Until = Annotated[str | None, typer.Option(metavar="2026-07-31", help="The last day, or moment.")]


@app.command()
def report(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="sales-by-day, tax, discount-cost, voucher-liability …")],
    since: Since = None,
    until: Until = None,
    day: Annotated[str | None, typer.Option(metavar="2026-07-22", help="Of sales-by-hour: which day.")] = None,
    by: Annotated[str | None, typer.Option(help="Of discount-cost: day, coupon, campaign, offer or reward.")] = None,
    code: Annotated[str | None, typer.Option(metavar="CODE", help="Of redemptions: of one code.")] = None,
    customer: Annotated[str | None, typer.Option(metavar="ID", help="Of redemptions: by one member.")] = None,
    payment: Annotated[str | None, typer.Option(metavar="ID", help="Of redemptions: on one payment.")] = None,
    campaign: Annotated[str | None, typer.Option(metavar="ID", help="Of redemptions: of one campaign.")] = None,
    database: Database = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print what was sold, given away and owed. Without a period it is of all time; a date means the whole day."""
    from posconsole.cli import reporting

    period = {"since": since, "until": until, "day": day, "by": by}
    options = period | {"code": code, "customer": customer, "payment": payment, "campaign": campaign}
    with closing(opening.store(_settings(context, database), new=False)) as store:
        found = reporting.found(store, name, options)
        if as_csv:
            typer.echo(found.csv(), nl=False)
        elif as_json:
            typer.echo(found.json())
        else:
            for row in reporting.table(found, store.shop):
                _say(row)


@app.command()
def recover(context: typer.Context, database: Database = None, as_json: AsJson = False) -> None:
    """Settle what a crash left open: the bank is asked, what it can't say waits for a person, batches are minted on."""
    from posconsole.cli import papers

    with closing(opening.store(_settings(context, database), new=False)) as store:
        settled = store.payments.recover()
        batches = [papers.minted(store, batch) for batch in store.batches.resume()]
        shop = store.shop
    if as_json:
        _print_json(
            [
                {"payment": it.payment.id, "what": it.what, "till": it.payment.till, "due": it.payment.due}
                for it in settled
            ]
        )
        return
    words = {
        "captured": "was paid: completed",
        "released": "was not paid: released",
        "needs_settling": "needs a person: ask the bank, then settle it at the till",
    }
    for it in settled:
        due = shop.currency.format(it.payment.due, shop.locale)
        _say(f"{it.payment.id}  till {it.payment.till}  {due}  {words[it.what]}")
    for batch in batches:
        _say(f"{batch.id}  {batch.prefix}  {batch.minted} of {batch.count} codes minted: {batch.status}")
    waiting = sum(it.what == "needs_settling" for it in settled)
    _say(f"{len(settled) - waiting} settled, {waiting} waiting for a person" if settled else "✓ Nothing is open.")


Pdf = Annotated[Path | None, typer.Option(metavar="FILE.pdf", help="Write a PDF of A4 sheets to cut.")]
PngDir = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write a PNG of each voucher.")]
SvgDir = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write an SVG of each voucher.")]
PerSheet = Annotated[int, typer.Option(metavar="8", help="Vouchers to a sheet: 8, 10 or 24, or 1 to a page.")]
Artwork = Annotated[
    str | None, typer.Option(metavar="NAME", help="What they look like: card, label, or one of your own.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]


@vouchers.command("issue")
def issue_vouchers(
    context: typer.Context,
    value: Annotated[str, typer.Option(metavar="25.00", help="What each is worth.")],
    count: Annotated[int, typer.Option(metavar="1000", help="How many.")] = 1,
    prefix: Annotated[str, typer.Option(metavar="GIFT", help="How their codes begin.")] = "GIFT",
    expires: Annotated[str | None, typer.Option(metavar="2027-12-31", help="Their last day.")] = None,
    pdf: Pdf = None,
    png_dir: PngDir = None,
    svg_dir: SvgDir = None,
    per_sheet: PerSheet = 8,
    artwork: Artwork = None,
    force: Force = False,
    database: Database = None,
) -> None:
    """Mint vouchers, and print them where that is said. What is cut short goes on with `vouchers print`."""
    from posconsole.cli import papers

    wanted = papers.Wanted(pdf, png_dir, svg_dir, per_sheet, artwork, force)
    chosen = _settings(context, database)
    with closing(opening.store(chosen, new=False)) as store:
        for row in papers.issue(
            store, opening.paper(chosen), value=value, count=count, prefix=prefix, expires=expires, wanted=wanted
        ):
            _say(row)


@vouchers.command("print")
def print_vouchers(
    context: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="The batch's id, as `issue` gave it.")],
    pdf: Pdf = None,
    png_dir: PngDir = None,
    svg_dir: SvgDir = None,
    per_sheet: PerSheet = 8,
    artwork: Artwork = None,
    force: Force = False,
    database: Database = None,
) -> None:
    """Print a batch's vouchers; those that were on paper before are marked. What was cut short goes on."""
    from posconsole.cli import papers

    wanted = papers.Wanted(pdf, png_dir, svg_dir, per_sheet, artwork, force)
    chosen = _settings(context, database)
    with closing(opening.store(chosen, new=False)) as store:
        for row in papers.put(store, opening.paper(chosen), batch, wanted):
            _say(row)


@receipts.command("print")
def print_receipt(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="As it stands on it: 1-000142; Z1-3, X1.")],
    to: Annotated[str | None, typer.Option(metavar="text", help="printer, or text on this terminal.")] = None,
    pdf: Annotated[Path | None, typer.Option(metavar="FILE.pdf", help="Write a PDF.")] = None,
    force: Force = False,
    database: Database = None,
) -> None:
    """Print a sale, a refund or a report at the printer of this machine's settings, as text, or into a file."""
    from posconsole.cli import papers

    chosen = _settings(context, database)
    with closing(opening.store(chosen, new=False)) as store:
        for row in papers.receipt(store, opening.paper(chosen), number, to, pdf, force=force):
            _say(row)


@app.command("label")
def print_label(
    context: typer.Context,
    sku: Annotated[str, typer.Argument(metavar="SKU", help="Which goods.")],
    pdf: Annotated[Path | None, typer.Option(metavar="FILE.pdf", help="Write a PDF.")] = None,
    force: Force = False,
    database: Database = None,
) -> None:
    """Print a label for goods without a bar code: name, price, and the shop's own EAN-13 or the SKU to scan."""
    from posconsole.cli import papers

    chosen = _settings(context, database)
    with closing(opening.store(chosen, new=False)) as store:
        for row in papers.label(store, opening.paper(chosen), sku, pdf, force=force):
            _say(row)


def _settings(context: typer.Context, database: str | None) -> Settings:
    return opening.settings(database or context.find_root().obj)


def _say(text: str) -> None:
    typer.echo(line(text))


def _complain(text: str) -> None:
    sys.stderr.write(f"posconsole: {line(text)}\n")


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2))
