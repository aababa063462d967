"""Printers that are there, off, out of paper, silent, deaf or gone half-way: against real sockets, files and a pty."""

from __future__ import annotations

import os
import socket
import threading
import time
import tty
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from posconsole.errors import InvalidInput, PrinterTrouble
from posconsole.printing.printers import Printer, check, printer
from tests.printing.standin import COVER, FAULT, FINE, NO_PAPER, OFFLINE, WELL, Standin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

JOB = b"\x1b@Receipt 1-000142\n"
SHORT = 0.3
"""Seconds that a printer gets which won't answer anyway."""


def send(address: str, data: bytes = JOB, timeout: float = 30) -> None:
    with printer(address, timeout) as found:
        found.send(data)


def trouble(address: str, data: bytes = JOB, timeout: float = SHORT) -> tuple[str, bool]:
    """Return what went wrong in short, and whether something may be on paper; it has to be known soon."""
    since = time.monotonic()
    with pytest.raises(PrinterTrouble) as raised:
        send(address, data, timeout)
    assert time.monotonic() - since < 20
    assert raised.value.code == "printer_trouble"
    return raised.value.short, raised.value.begun


def test_a_printer_that_is_well_gets_each_job_once() -> None:
    with Standin(WELL) as standin:
        send(standin.address)
        send(standin.address)
        assert standin.has(JOB, 2)


@pytest.mark.parametrize(
    ("says", "short"),
    [
        (NO_PAPER, "out of paper"),
        ({**WELL, b"\x10\x04\x01": OFFLINE, b"\x10\x04\x02": COVER}, "cover open"),
        ({**WELL, b"\x10\x04\x01": OFFLINE, b"\x10\x04\x02": FAULT}, "fault"),
    ],
)
def test_a_printer_that_can_not_print_is_sent_nothing(says: dict[bytes, int], short: str) -> None:
    with Standin(says) as standin:
        assert trouble(standin.address, timeout=30) == (short, False)
        assert standin.got == b""
        standin.answers = WELL
        send(standin.address)
        assert standin.has(JOB)


def test_a_printer_that_says_nothing_is_sent_nothing_unless_it_can_not_answer() -> None:
    with Standin({}) as standin:
        assert trouble(standin.address) == ("no answer", False)
        send(f"{standin.address}?status=no")
        assert standin.has(JOB)


def test_paper_that_ends_in_the_middle_is_known_when_the_printer_tells_the_end() -> None:
    begins = {**NO_PAPER, b"\x10\x04\x01": FINE, b"\x10\x04\x04": FINE}
    with Standin(begins) as standin:

        def runs_out() -> None:
            while not standin.got:
                time.sleep(0.01)
            standin.answers = NO_PAPER

        threading.Thread(target=runs_out, daemon=True).start()
        with printer(standin.address, 30) as found:
            while (ill := once_more(found)) is None:
                pass
    assert (ill.short, ill.begun) == ("out of paper", True)


def once_more(found: Printer) -> PrinterTrouble | None:
    try:
        found.send(JOB)
    except PrinterTrouble as error:
        return error
    return None


def test_a_printer_that_can_not_tell_the_end_but_is_online_is_believed() -> None:
    with Standin({question: answer for question, answer in WELL.items() if question != b"\x1dr\x01"}) as standin:
        send(standin.address, timeout=3)
        assert standin.has(JOB)


def test_a_printer_that_goes_in_the_middle_may_have_printed() -> None:
    with Standin(WELL, dies_after=10) as standin:
        assert trouble(standin.address, timeout=30) == ("off", True)
    with Standin(WELL, reads=False) as standin:
        assert trouble(f"{standin.address}?status=no", bytes(2**24)) == ("no answer", True)


def test_a_printer_that_is_off_is_told_apart_before_anything_is_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert trouble(f"network://127.0.0.1:{port}", timeout=30) == ("off", False)
    assert trouble("file:/dev/there/is/none") == ("off", False)
    assert trouble("serial:/dev/there/is/none") == ("off", False)
    assert trouble("usb:dead:beef") == ("off", False)


def test_a_printer_that_takes_no_caller_is_given_up() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        assert trouble(f"network://127.0.0.1:{full.getsockname()[1]}") == ("off", False)
        for caller in callers:
            caller.close()


def test_a_device_file_gets_what_is_sent_and_one_that_is_stuck_holds_nobody(tmp_path: Path) -> None:
    kept, pipe = tmp_path / "kept", tmp_path / "pipe"
    kept.write_bytes(b"before")
    send(f"file:{kept}")
    assert kept.read_bytes() == b"before" + JOB
    os.mkfifo(pipe)
    assert trouble(f"file:{pipe}") == ("off", False)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert trouble(f"file:{pipe}", bytes(2**20)) == ("no answer", True)
    os.close(reader)


@pytest.fixture
def wire() -> Iterator[tuple[int, str]]:
    """Give the printer's end of a serial wire, and the till's as an address."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    yield ours, f"serial:{os.ttyname(theirs)}?baud=115200"
    os.close(theirs)
    os.close(ours)


def test_a_serial_printer_is_asked_and_sent_and_one_that_is_stuck_holds_nobody(wire: tuple[int, str]) -> None:
    ours, address = wire
    assert trouble(address) == ("no answer", False)
    assert trouble(f"{address}&status=no", bytes(2**14)) == ("no answer", True)
    got = []

    def answer() -> None:
        with suppress(OSError):
            while heard := os.read(ours, 4096):
                got.append(heard)
                if question := next((one for one in WELL if heard.endswith(one)), None):
                    os.write(ours, bytes((WELL[question],)))

    threading.Thread(target=answer, daemon=True).start()
    send(address)
    assert b"".join(got).count(JOB) == 1


class Usb:
    """A USB printer as pyusb shows it; with `mute` it takes nothing and tells nothing."""

    def __init__(self, *, mute: bool) -> None:
        self.mute, self.got, self._says = mute, list[bytes](), b""
        self.backend = SimpleNamespace(__module__="libusb1")
        self._ctx = SimpleNamespace(dispose=lambda _: None)

    def is_kernel_driver_active(self, _: int) -> bool:
        return False

    def detach_kernel_driver(self, _: int) -> None: ...

    def set_configuration(self) -> None: ...

    def reset(self) -> None: ...

    def get_active_configuration(self) -> list[list[SimpleNamespace]]:
        ends = [(0x83, 3), (0x02, 2), (0x81, 2)]
        return [[SimpleNamespace(bEndpointAddress=number, bmAttributes=kind) for number, kind in ends]]

    def write(self, end: int, data: bytes, timeout: int) -> None:
        assert (end, timeout > 0) == (0x02, True)
        self._fail()
        self.got.append(data)
        self._says = bytes((WELL[data],)) if data in WELL else b""

    def read(self, end: int, size: int, timeout: int) -> bytes:
        assert (end, timeout > 0) == (0x81, True)
        self._fail()
        return self._says

    def _fail(self) -> None:
        from usb.core import USBTimeoutError

        if self.mute:
            raise USBTimeoutError("timed out")


def test_a_usb_printer_is_found_by_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    import usb.core

    there: list[Any] = [Usb(mute=False)]
    find: Callable[..., Any] = lambda **asked: there[0] if asked == {"idVendor": 0x04B8, "idProduct": 0x0E15} else None  # noqa: E731
    monkeypatch.setattr(usb.core, "find", find)
    send("usb:04b8:0e15")
    assert there[0].got.count(JOB) == 1
    there[0] = Usb(mute=True)
    assert trouble("usb:04b8:0e15") == ("no answer", False)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "10.0.0.9",
        "network://",
        "network://host:none",
        "network://host:70000",
        "lpt:1",
        "usb:printer",
        "usb:04b8",
        "file:lp0",
        "serial:",
        "serial:/dev/ttyS0?baud=fast",
        "serial:/dev/ttyS0?speed=9600",
        "network://host?status=maybe",
        "network://host?baud=9600",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(address)
    assert refused.value.field == "printer"


def test_addresses_are_taken_as_they_are_written() -> None:
    for address in ("network://printer", "network:printer:9100", "usb:04B8:0e15", "file:/dev/usb/lp0?status=yes"):
        check(address)
