"""A batch as files: cut short anywhere it goes on, nothing is replaced unasked, and what was on paper is a COPY."""

from __future__ import annotations

import io
import stat
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from posconsole.engine.codes import minting
from posconsole.errors import NotAllowed
from posconsole.printing.artwork import artwork
from posconsole.spooling import exports
from posconsole.spooling.exports import Export, continued, finished
from tests.engine.test_batches import left_running

if TYPE_CHECKING:
    from pathlib import Path

    from posconsole import Store


class PowerCut(Exception):
    """The end of the program, at a moment of its own."""


def cut_at(number: int) -> exports.Progress:
    def progress(done: int, total: int) -> None:
        if done >= number:
            raise PowerCut

    return progress


@pytest.fixture(autouse=True)
def short_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "SPAN", 16)


@pytest.fixture
def batch(office: Store) -> str:
    return office.vouchers.create_batch(count=40, value=2500).id


def export(office: Store, batch: str) -> Export:
    return Export(office, finished(office, batch), artwork("label"))


def text_of(path: Path) -> str:
    with pypdfium2.PdfDocument(str(path)) as pdf:
        return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)


def codes(office: Store, batch: str) -> list[str]:
    return [code.code for code in office.batches.codes(batch)]


def test_a_pdf_that_was_cut_short_goes_on_and_holds_each_voucher_once(
    office: Store, batch: str, tmp_path: Path
) -> None:
    path, seen = tmp_path / "sheets" / "gifts.pdf", list[int]()
    with pytest.raises(PowerCut):
        export(office, batch).pdf(path, 8, cut_at(16))
    assert not path.exists()
    count = export(office, batch).pdf(path, 8, lambda done, total: seen.append(done))
    assert (count, seen[0], stat.S_IMODE(path.stat().st_mode)) == (40, 24, 0o600)
    text = text_of(path)
    assert [text.count(code) for code in codes(office, batch)] == [1] * 40
    # None of them was on paper before, and the first attempt doesn't count.
    assert "COPY" not in text
    assert [file.name for file in path.parent.iterdir()] == ["gifts.pdf"]
    vouchers = office.vouchers.list(batch=batch, limit=40).data
    assert {office.printing.prints(voucher.id) for voucher in vouchers} == {1}


def test_what_ended_before_its_first_page_was_there_used_no_original_up(
    office: Store, batch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gifts.pdf"
    with monkeypatch.context() as interrupted:
        interrupted.setattr(exports, "voucher_paper", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            export(office, batch).pdf(path, 8)
    export(office, batch).pdf(path, 8)
    assert "COPY" not in text_of(path)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("gifts")] == ["gifts.pdf"]


def test_a_second_print_is_all_copies_and_no_file_is_replaced_unasked(
    office: Store, batch: str, tmp_path: Path
) -> None:
    path = tmp_path / "gifts.pdf"
    export(office, batch).pdf(path, 24)
    with pytest.raises(NotAllowed, match="exists"):
        export(office, batch).pdf(path, 24)
    assert "COPY" not in text_of(path)
    export(office, batch).pdf(path, 24, replace=True)
    assert text_of(path).count("COPY") == 40


def test_a_ticket_that_was_left_behind_makes_no_copy_an_original(office: Store, batch: str, tmp_path: Path) -> None:
    """Killed between the file's last byte and the end: its job is done, and the next is another."""
    path = tmp_path / "gifts.pdf"
    export(office, batch)._job(path)
    export(office, batch).pdf(path, 24)
    export(office, batch)._job(path)
    export(office, batch).pdf(path, 24, replace=True)
    assert text_of(path).count("COPY") == 40


def test_outputs_of_one_command_are_one_print_also_when_it_was_cut_short(office: Store, tmp_path: Path) -> None:
    batch = office.vouchers.create_batch(count=4, value=2500).id
    sheets, pictures, more = tmp_path / "gifts.pdf", tmp_path / "png", tmp_path / "svg"
    first = export(office, batch)
    first.pdf(sheets, 24)
    with pytest.raises(PowerCut):
        first.pictures(pictures, "png", cut_at(3))
    begun = replace(export(office, batch), job=continued([sheets, pictures, more]))
    begun.pictures(pictures, "png")
    begun.pictures(more, "svg")
    vouchers = office.vouchers.list(batch=batch, limit=40).data
    assert {office.printing.prints(voucher.id) for voucher in vouchers} == {1}
    assert continued([sheets, pictures, more]) != begun.job


def test_something_else_is_not_gone_on_with(office: Store, batch: str, tmp_path: Path) -> None:
    path = tmp_path / "gifts.pdf"
    with pytest.raises(PowerCut):
        export(office, batch).pdf(path, 8, cut_at(8))
    other = office.vouchers.create_batch(count=40, value=500).id
    with pytest.raises(NotAllowed, match="something else"):
        export(office, other).pdf(path, 8)


def test_a_picture_of_each_goes_on_where_it_was_and_reads_as_its_code(office: Store, tmp_path: Path) -> None:
    batch = office.vouchers.create_batch(count=10, value=2500).id
    folder = tmp_path / "pictures"

    def another(done: int, total: int) -> None:
        with pytest.raises(NotAllowed, match="another program"):
            export(office, batch).pictures(folder, "png")
        cut_at(3)(done, total)

    with pytest.raises(PowerCut):
        export(office, batch).pictures(folder, "png", another)
    written = {file.name: file.stat().st_mtime_ns for file in folder.glob("*.png")}
    assert export(office, batch).pictures(folder, "png") == 10
    files = sorted(folder.iterdir())
    assert [files[0].name, files[-1].name, len(files)] == ["GIFT-01.png", "GIFT-10.png", 10]
    assert {name: (folder / name).stat().st_mtime_ns for name in written} == written
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    read = zxingcpp.read_barcode(Image.open(io.BytesIO(files[7].read_bytes())))
    assert read is not None
    assert read.text == codes(office, batch)[7]
    with pytest.raises(NotAllowed, match="isn't empty"):
        export(office, batch).pictures(folder, "svg")
    export(office, batch).pictures(folder, "svg", replace=True)
    assert len(list(folder.glob("*.svg"))) == 10


def test_a_batch_that_is_being_minted_is_not_printed_yet(office: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    left = left_running(office, monkeypatch, parts=0)
    with monkeypatch.context() as patched:
        patched.setattr(minting, "PART", 8)
        minting.mint_part(office._context, left.id)
    with pytest.raises(NotAllowed, match="8 of 50 vouchers"):
        finished(office, left.id)
    office.batches.resume()
    assert finished(office, left.id).minted == 50
