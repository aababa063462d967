"""Sending bytes to a receipt printer: it is asked whether it can print, and afterwards whether it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from posconsole.errors import PrinterTrouble
from posconsole.printing.lines import connect, parsed

if TYPE_CHECKING:
    from posconsole.printing.lines import Line

TIMEOUT = 5.0
"""Seconds in which a printer has to take the bytes, or to answer."""
# Answered at once, whatever the printer is busy with: is it online, why not, has it paper?
ONLINE, CAUSE, PAPER = b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x04"
# Answered when all before it is printed.
DONE = b"\x1dr\x01"
OFFLINE, COVER, STOPPED, NO_PAPER = 0x08, 0x04, 0x20, 0x60


def check(address: str) -> None:
    """Raise `InvalidInput` unless this is the address of a printer, whether it is there or not."""
    parsed(address)


def printer(address: str, timeout: float = TIMEOUT) -> Printer:
    """Return the printer at an address; nothing is opened yet. Raises `InvalidInput` for what isn't one.

    `network://10.0.0.9:9100`, `serial:/dev/ttyUSB0?baud=19200`, `usb:04b8:0e15`, `file:/dev/usb/lp0`. Status is asked
    for on all but files; `?status=no` and `?status=yes` say otherwise.
    """
    return Printer(address, timeout)


class Printer:
    """A printer for one job. Every step blocks for `timeout` seconds at most and raises `PrinterTrouble`."""

    def __init__(self, address: str, timeout: float = TIMEOUT) -> None:
        self._address = parsed(address)
        self._timeout = timeout
        self._line: Line | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect, and make sure that it can print: what goes wrong here leaves nothing on paper."""
        try:
            self._line = connect(self._address, self._timeout)
        except OSError as error:
            raise self._off(error, begun=False) from error
        if self._address.asks:
            try:
                self._ready(begun=False)
            except BaseException:
                self.close()
                raise

    def send(self, data: bytes) -> None:
        """Send a job and wait for its end, as far as the printer tells; trouble in it says that it had `begun`."""
        line = self._connected
        try:
            line.write(data, self._timeout)
            if self._address.asks:
                line.write(DONE, self._timeout)
                self._ended()
        except TimeoutError as error:
            raise self._silent(begun=True) from error
        except OSError as error:
            raise self._off(error, begun=True) from error

    def close(self) -> None:
        """Let go of it, whatever became of the job."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    @property
    def _connected(self) -> Line:
        if self._line is None:
            self.open()
        assert self._line is not None  # noqa: S101 - opened right above
        return self._line

    def _ready(self, *, begun: bool) -> None:
        """Ask whether it is online and has paper."""
        if self._ask(ONLINE, begun=begun) & OFFLINE:
            why = self._ask(CAUSE, begun=begun)
            if why & COVER:
                raise PrinterTrouble("The printer's cover is open: close it.", "cover open", begun=begun)
            if not (why & STOPPED):
                raise PrinterTrouble(
                    "The printer has stopped: see what its lamp says, then switch it off and on.", "fault", begun=begun
                )
        if self._ask(PAPER, begun=begun) & NO_PAPER == NO_PAPER:
            raise PrinterTrouble("The printer is out of paper: put a new roll in.", "out of paper", begun=begun)

    def _ask(self, question: bytes, *, begun: bool) -> int:
        """Return the answer to a real-time question: a byte of a form that nothing else has."""
        line = self._connected
        try:
            line.write(question, self._timeout)
            while answer := line.read(self._timeout):
                for byte in answer:
                    if byte & 0x93 == 0x12:
                        return byte
        except TimeoutError:
            pass
        except OSError as error:
            raise self._off(error, begun=begun) from error
        raise self._silent(begun=begun)

    def _ended(self) -> None:
        """Wait until all is printed. A printer that can't tell that, and is online and has paper, is believed."""
        line = self._connected
        while answer := line.read(self._timeout):
            if any(byte & 0x90 == 0 for byte in answer):
                break
        self._ready(begun=True)

    def _off(self, error: OSError, *, begun: bool) -> PrinterTrouble:
        why = error.strerror or str(error)
        return PrinterTrouble(
            f"The printer at {self._address} can't be reached: is it on, and its cable in? ({why})", "off", begun=begun
        )

    def _silent(self, *, begun: bool) -> PrinterTrouble:
        return PrinterTrouble(
            f"The printer at {self._address} doesn't answer: switch it off and on. "
            "One that prints but can't answer needs ?status=no behind its address.",
            "no answer",
            begun=begun,
        )
