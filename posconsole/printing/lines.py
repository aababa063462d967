"""The ways to a printer: network, serial and USB by python-escpos's drivers, and device files."""

from __future__ import annotations

import os
import select
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

from posconsole.errors import InvalidInput
from posconsole.printing.library import escpos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PORT = 9100
BAUD = 9600
FORMS = "network://10.0.0.9:9100, serial:/dev/ttyUSB0?baud=19200, usb:04b8:0e15 or file:/dev/usb/lp0"
OPTIONS = {"network": {"status"}, "serial": {"status", "baud"}, "usb": {"status"}, "file": {"status"}}
STEP = 0.05


class Line(Protocol):
    """An open way to a printer. What fails raises `OSError`, what takes too long `TimeoutError`."""

    def write(self, data: bytes, seconds: float) -> None:
        """Hand all of it over."""

    def read(self, seconds: float) -> bytes:
        """Return what came, or nothing when nothing came in time."""

    def close(self) -> None:
        """Let go; never raises."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a printer is. `asks` says whether it is asked for its status."""

    kind: str
    where: str
    options: tuple[tuple[str, str], ...]

    @property
    def asks(self) -> bool:
        """Say whether the printer can answer, as far as is known."""
        return dict(self.options).get("status", "no" if self.kind == "file" else "yes") == "yes"

    def __str__(self) -> str:
        return self.where


def parsed(address: str) -> Address:
    """Take an address apart; `InvalidInput` when it isn't one."""
    kind, _, rest = address.strip().partition(":")
    where, asked, query = rest.removeprefix("//").partition("?")
    with suppress(ValueError, KeyError):
        options = parse_qsl(query, strict_parsing=bool(asked))
        if not (names := {name for name, _ in options}) <= OPTIONS[kind] or len(names) < len(options):
            raise ValueError(names)
        if dict(options).get("status", "yes") not in ("yes", "no"):
            raise ValueError(options)
        found = Address(kind, where, tuple(options))
        WAYS[kind](found)
        return found
    raise InvalidInput(f"This is no printer's address: it looks like {FORMS}.", field="printer")


def connect(address: Address, seconds: float) -> Line:
    """Open the way to a printer; `OSError` when it can't be reached within so many seconds."""
    return WAYS[address.kind](address)(seconds)


def _network(address: Address) -> Callable[[float], Line]:
    host, _, port = address.where.partition(":")
    number = int(port or PORT)
    if not host or not 0 < number < 2**16:
        raise ValueError(address)

    return lambda seconds: _Socket(_open(escpos().Network(host, number, timeout=seconds)))


def _serial(address: Address) -> Callable[[float], Line]:
    baud = int(dict(address.options).get("baud", BAUD))
    if not address.where or baud <= 0:
        raise ValueError(address)
    return lambda seconds: _Serial(_open(escpos().Serial(address.where, baud, timeout=seconds)), baud)


def _usb(address: Address) -> Callable[[float], Line]:
    vendor, product = (int(part, 16) for part in address.where.split(":"))

    return lambda _: _Usb(_open(escpos().Usb(usb_args={"idVendor": vendor, "idProduct": product})))


def _file(address: Address) -> Callable[[float], Line]:
    if not address.where.startswith("/"):
        raise ValueError(address)
    return lambda _: _File(address.where, os.O_RDWR if address.asks else os.O_WRONLY)


WAYS: dict[str, Callable[[Address], Callable[[float], Line]]] = {
    "network": _network,
    "serial": _serial,
    "usb": _usb,
    "file": _file,
}


def _open(driver: Any) -> Any:
    """Open one of python-escpos's drivers and return its device."""
    from escpos.exceptions import Error

    try:
        driver.open()
    except (Error, RuntimeError, ValueError) as error:
        raise _reason(error) from error
    # The driver closes its device when it goes; the line does that from now on.
    device, driver._device = driver._device, False
    return device


def _reason(error: Exception) -> OSError:
    """Return the system's own words for what python-escpos wraps."""
    cause = error.__context__
    return cause if isinstance(cause, OSError) else OSError(str(error).replace("\n", " "))


class _Socket:
    """A TCP connection."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    def write(self, data: bytes, seconds: float) -> None:
        self._socket.settimeout(seconds)
        self._socket.sendall(data)

    def read(self, seconds: float) -> bytes:
        self._socket.settimeout(seconds)
        try:
            came: bytes = self._socket.recv(64)
        except TimeoutError:
            return b""
        if not came:
            raise ConnectionResetError("it hung up")
        return came

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()


class _Serial:
    """A serial port: what is written isn't sent yet."""

    def __init__(self, port: Any, baud: int) -> None:
        self._port, self._baud = port, baud

    def write(self, data: bytes, seconds: float) -> None:
        from serial import SerialTimeoutException

        seconds += len(data) * 10 / self._baud
        until = time.monotonic() + seconds
        self._port.write_timeout = seconds
        try:
            self._port.write(data)
        except SerialTimeoutException as error:
            raise TimeoutError from error
        while self._port.out_waiting:
            if time.monotonic() > until:
                raise TimeoutError
            time.sleep(STEP)

    def read(self, seconds: float) -> bytes:
        self._port.timeout = seconds
        came: bytes = self._port.read(1)
        return came

    def close(self) -> None:
        with suppress(OSError):
            # To close is to wait for what a printer doesn't take.
            self._port.reset_output_buffer()
            self._port.close()


class _Usb:
    """The two bulk endpoints of a USB printer."""

    def __init__(self, device: Any) -> None:
        from usb import util

        self._device, self._util = device, util
        ends = [end for part in device.get_active_configuration() for end in part if end.bmAttributes & 3 == 2]
        addresses = [end.bEndpointAddress for end in ends]
        self._in = next((it for it in addresses if it & util.ENDPOINT_IN), None)
        self._out = next((it for it in addresses if not it & util.ENDPOINT_IN), None)

    def write(self, data: bytes, seconds: float) -> None:
        if self._out is None:
            raise OSError("it takes no data")
        with self._timed():
            self._device.write(self._out, data, round(seconds * 1000))

    def read(self, seconds: float) -> bytes:
        if self._in is None:
            return b""
        try:
            with self._timed():
                return bytes(self._device.read(self._in, 64, round(seconds * 1000)))
        except TimeoutError:
            return b""

    def close(self) -> None:
        with suppress(OSError):
            self._util.dispose_resources(self._device)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        from usb.core import USBTimeoutError

        try:
            yield
        except USBTimeoutError as error:
            raise TimeoutError from error


class _File:
    """A device file, or any other: opened and written without waiting for a printer that doesn't take anything."""

    def __init__(self, path: str, mode: int) -> None:
        self._file = os.open(path, mode | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY)

    def write(self, data: bytes, seconds: float) -> None:
        until, left = time.monotonic() + seconds, memoryview(data)
        while left:
            self._wait(select.POLLOUT, until)
            with suppress(BlockingIOError):
                left = left[os.write(self._file, left) :]
        # Closing takes back what a printer didn't take yet.
        self._wait(select.POLLOUT, until)

    def read(self, seconds: float) -> bytes:
        with suppress(TimeoutError):
            self._wait(select.POLLIN, time.monotonic() + seconds)
            return os.read(self._file, 64)
        return b""

    def close(self) -> None:
        with suppress(OSError):
            os.close(self._file)

    def _wait(self, event: int, until: float) -> None:
        poll = select.poll()
        poll.register(self._file, event)
        if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            raise TimeoutError
