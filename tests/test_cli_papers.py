"""Vouchers and receipts from the command line: what is written, to whom it belongs, and what is never replaced."""

from __future__ import annotations

import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pypdfium2
import pytest

from posconsole.cli import papers
from posconsole.engine.codes import minting
from posconsole.engine.quoting.found import ProductFound
from posconsole.engine.quoting.rung import Basket
from posconsole.errors import StorageError
from posconsole.printing.assets import assets
from posconsole.printing.printers import Printer
from tests.engine.test_batches import left_running
from tests.printing.reading import read
from tests.printing.standin import NO_PAPER, Standin
from tests.test_cli import Said, run, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posconsole import Store

__all__ = ["run", "store"]


def text_of(path: Path) -> str:
    with pypdfium2.PdfDocument(str(path)) as pdf:
        return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)


@pytest.fixture
def printer() -> Iterator[Standin]:
    with Standin() as standin:
        yield standin


@pytest.fixture
def number(store: Store) -> str:
    """Sell something; give the receipt's number."""
    sold = store.payments.create(items=[{"id": None, "name": "Tea", "price": 999}])
    assert sold.receipt_number
    return sold.receipt_number


def test_vouchers_are_minted_and_printed_and_printed_again_as_copies(
    run: Callable[..., Said], store: Store, tmp_path: Path
) -> None:
    path, pictures = tmp_path / "sheet.pdf", tmp_path / "pictures"
    asked = ("vouchers", "issue", "--value", "25.00", "--count", "12", "--prefix", "GIFT")
    said = run(*asked, "--expires", "2099-12-31", "--pdf", str(path))
    assert (said.status, said.err) == (0, "")
    (batch,) = store.batches.list().data
    assert said.out.splitlines() == [
        f"12 vouchers GIFT of 25.00 EUR: batch {batch.id}",
        f"✓ 12 vouchers in {path}. Keep it safe: whoever has it can spend it.",
    ]
    text = text_of(path)
    assert all(code.code in text for code in store.batches.codes(batch.id))
    assert "COPY" not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    # Before a voucher is minted, and before a file is touched.
    before = path.read_bytes()
    for refused in (run(*asked, "--pdf", str(path)), run("vouchers", "print", batch.id, "--pdf", str(path))):
        assert (refused.status, "exists" in refused.err) == (2, True)
    assert (path.read_bytes(), store.batches.list().total) == (before, 1)
    again = run("vouchers", "print", batch.id, "--pdf", str(path), "--per-sheet", "24", "--force")
    assert again.status == 0
    assert text_of(path).count("COPY") == 12
    assert run("vouchers", "print", batch.id, "--png-dir", str(pictures)).status == 0
    assert len(list(pictures.glob("*.png"))) == 12
    assert store.audit() == []


def test_a_batch_whose_minting_was_cut_short_is_minted_and_printed(
    run: Callable[..., Said], store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = left_running(store, monkeypatch, parts=0)
    said = run("vouchers", "print", left.id, "--pdf", str(tmp_path / "sheet.pdf"), "--per-sheet", "24")
    assert (said.status, said.out.split(" in ")[0]) == (0, f"✓ {left.count} vouchers")


def test_nobody_waits_for_a_batch_that_the_disk_has_no_room_for(
    run: Callable[..., Said], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = left_running(store, monkeypatch, parts=0, count=5000)
    monkeypatch.setattr(papers, "STALL", 0.3)
    monkeypatch.setattr(minting, "mint_part", Mock(side_effect=StorageError("the disk is full")))
    for words in (("vouchers", "print", left.id, "--pdf", "x.pdf"), ("recover",)):
        said = run(*words)
        assert (said.status, "0 of 5,000 are minted" in said.err) == (2, True)


@pytest.mark.parametrize(
    "wrong",
    [
        ("vouchers", "issue", "--value", "free", "--pdf", "x.pdf"),
        ("vouchers", "issue", "--value", "5.00", "--pdf", "x.pdf", "--per-sheet", "7"),
        ("vouchers", "issue", "--value", "5.00", "--count", "0"),
        ("vouchers", "issue", "--value", "0", "--pdf", "x.pdf"),
        ("vouchers", "issue", "--value", "5.00", "--expires", "2020-01-01"),
        ("vouchers", "issue", "--value", "5.00", "--pdf", "artwork", "--force"),
        ("vouchers", "issue", "--value", "5.00", "--pdf", "/proc/x.pdf"),
        ("vouchers", "issue", "--value", "5.00", "--png-dir", "artwork/bars.toml", "--force"),
        ("vouchers", "issue", "--value", "5.00", "--pdf", "x.pdf", "--artwork", "bars"),
        ("vouchers", "issue", "--value", "5.00", "--png-dir", "artwork"),
        ("vouchers", "issue", "--value", "5.00", "--png-dir", "new", "--svg-dir", "new"),
        ("vouchers", "print", "bat_none", "--pdf", "x.pdf"),
        ("receipts", "print", "9-000001"),
        ("label", "nonesuch", "--pdf", "x.pdf"),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_done(
    run: Callable[..., Said], store: Store, wrong: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POSCONSOLE_ARTWORK", "artwork")
    card = (assets() / "artwork" / "card.toml").read_text(encoding="utf-8")
    too_narrow = tmp_path / "artwork" / "bars.toml"
    too_narrow.parent.mkdir()
    too_narrow.write_text(card.replace('kind = "qr"', 'kind = "code128"'), encoding="utf-8")
    said = run(*wrong)
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert store.batches.list().total == 0
    assert not (tmp_path / "x.pdf").exists()


def test_a_receipt_comes_as_text_and_as_a_file(
    run: Callable[..., Said], store: Store, number: str, tmp_path: Path
) -> None:
    said = run("receipts", "print", number)
    assert said.status == 0
    assert {"COPY", f"Receipt {number}"} <= {row.strip() for row in said.out.splitlines()}
    path = tmp_path / "receipt.pdf"
    assert run("receipts", "print", number, "--pdf", str(path)).status == 0
    assert all(word in text_of(path) for word in ("COPY", "9.99", number))
    assert run("receipts", "print", number, "--pdf", str(path)).status == 2


def test_whatever_has_a_number_is_printed_again(
    run: Callable[..., Said], store: Store, printer: Standin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(store.sign_in(till="1", operator="Ana")) as till:
        till.shifts.open(5000)
        back = till.payments.refund(till.payments.create(items=[{"id": None, "name": "Tea", "price": 999}]).id)
        x_report = run("receipts", "print", "X1").out
        till.shifts.close(5000)
    assert ("X REPORT" in x_report, "COPY" in x_report) == (True, False)
    told = {name: run("receipts", "print", name) for name in ("1-000001", "1-2", "z1-1", "X1", "Z1-2", "1-3", "Z")}
    assert [name for name, said in told.items() if said.status] == ["X1", "Z1-2", "1-3", "Z"]
    assert all(word in told["1-2"].out for word in ("COPY", f"REFUND {back.number}", "−9.99"))
    assert all(word in told["z1-1"].out for word in ("COPY", "Z REPORT 1-1"))
    monkeypatch.setenv("POSCONSOLE_PRINTER", printer.address)
    assert run("receipts", "print", "1-2").last == "✓ Refund 1-000002 is printed."
    assert run("receipts", "print", "1-000002").last == "✓ A COPY of refund 1-000002 is printed."
    path = tmp_path / "z.pdf"
    assert run("receipts", "print", "Z1-1", "--pdf", str(path)).last == f"✓ Report 1-1 is in {path}."


def test_a_label_makes_goods_known_to_the_till(run: Callable[..., Said], store: Store, tmp_path: Path) -> None:
    store.products.create(sku="bread-0815", name="Bauernbrot", price=450, barcode="2000000000084")
    store.products.create(sku="cheese", name="Bergkäse", price=690)
    for sku, number in (("bread-0815", "2000000000084"), ("cheese", "cheese")):
        path = tmp_path / f"{sku}.pdf"
        assert run("label", sku, "--pdf", str(path)).status == 0
        with pypdfium2.PdfDocument(str(path)) as pdf:
            assert read(pdf[0].render(scale=203 / 72).to_pil()) == [number]
        assert store.look(number, Basket()) == ProductFound(store.products.get(sku))
    assert "4.50 EUR" in text_of(tmp_path / "bread-0815.pdf")


def test_a_receipt_comes_out_of_the_printer_or_is_not_left_waiting(
    run: Callable[..., Said], store: Store, number: str, printer: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSCONSOLE_PRINTER", printer.address)
    assert run("receipts", "print", number).last == f"✓ Receipt {number} is printed."
    assert run("receipts", "print", number).last == f"✓ A COPY of receipt {number} is printed."
    assert [b"COPY" in paper for paper in printer.papers] == [False, True]
    printer.answers = NO_PAPER
    said = run("receipts", "print", number)
    assert (said.status, "new roll" in said.err) == (2, True)
    monkeypatch.setattr(Printer, "open", Mock(side_effect=KeyboardInterrupt))
    assert run("receipts", "print", number).status == 130
    assert (store.printing.standing().waiting, store.printing.standing().failed) == (0, 0)


def test_the_real_command_shows_no_bar_where_nobody_watches(store: Store, tmp_path: Path) -> None:
    words = [sys.executable, "-c", "from posconsole.cli import main; main()", "--database", str(tmp_path / "shop.db")]
    words = [*words, "vouchers", "issue", "--value", "5.00", "--count", "2"]
    done = subprocess.run(
        [*words, "--svg-dir", tmp_path / "out"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
    assert len(list((tmp_path / "out").glob("*.svg"))) == 2
    with Path("/dev/full").open("wb") as full:
        told = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (told.returncode, told.stderr.count("\n"), "No space left" in told.stderr) == (2, 1, True)
