"""The one who stands at a till's printer: takes jobs as they come and sends them, in a thread that nobody waits for."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Condition, Thread
from typing import TYPE_CHECKING, TypeVar

from posconsole.codes import identifier
from posconsole.errors import PosError, PrinterTrouble

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Protocol

    from posconsole import Store
    from posconsole.engine.paper.printviews import JobView, Printable
    from posconsole.spooling.setup import Setup

    class Device(Protocol):
        """An open printer."""

        def send(self, data: bytes) -> None:
            """Send a job and wait for its end."""

    Open = Callable[[], AbstractContextManager[Device]]
    Lay = Callable[[Printable], bytes]

Laid = TypeVar("Laid")
LOOK = 10.0
"""Seconds after which the queue is looked at though nobody said that something is in it: another program may have."""
RETRY = 2.0
"""Seconds until a database is asked again that didn't answer."""
PATIENCE = 1.0
"""Seconds that the end of the program waits for a paper that is coming out."""
BEGUN = 3
"""Attempts after which what may lie in the tray already isn't tried again by itself: it would be paper for nobody."""
BEFORE = "tried in vain"


@dataclass(frozen=True, slots=True)
class Sign:
    """How the printer stands: what is wrong in few words, if anything is, how many jobs wait and were given up."""

    trouble: str = ""
    waiting: int = 0
    failed: int = 0


def spooler(store: Callable[[], Store], setup: Setup, told: Callable[[Sign], None] = lambda _: None) -> Spooler:
    """Return the spooler of a till's printer, not yet begun. Raises `InvalidInput` for settings that can't be."""
    from posconsole.printing.printers import check, printer
    from posconsole.spooling.papers import Layout

    check(setup.printer)
    layout = Layout(setup)
    return Spooler(store, lambda: printer(setup.printer), lambda job: layout.bytes_of(job, store().shop), told)


def begun(store: Store, job: str, worker: str, lay: Callable[[Printable], Laid]) -> Laid | None:
    """Lay a job out, record that it is begun, and return what goes on paper; None where it is another worker's by now.

    What can't be laid out was never begun: the next print is still the original. Where somebody printed the same in
    between, it is laid out again as the COPY that it is by now.
    """
    ready = store.printing.ready(job)
    laid = lay(ready)
    printable = store.printing.begin(job, worker)
    if printable is None:
        return None
    return laid if printable.looks_as(ready) else lay(printable)


class _Lost(Exception):
    """The job is somebody else's by now."""


class Spooler:
    """Prints the jobs of the till that `store` is at.

    `device` gives the printer, which is opened for each job, and `lay` the bytes of one. `told` is called, in the
    spooler's thread, whenever the printer stands otherwise than before.
    """

    def __init__(
        self, store: Callable[[], Store], device: Open, lay: Lay, told: Callable[[Sign], None] = lambda _: None
    ) -> None:
        self._store, self._device, self._lay, self._told = store, device, lay, told
        self._worker = identifier("spl")
        self._changed = Condition()
        self._woken = self._ending = self._left = False
        self._thread: Thread | None = None
        self._trouble = ""
        self._sign = Sign()

    def start(self) -> None:
        """Begin to print what waits and what comes."""
        self._thread = Thread(target=self._run, name="spooler", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue now: something was put in, or taken out."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def stop(self, patience: float = PATIENCE) -> None:
        """Begin nothing more, and wait a moment for what is coming out; a hung printer is left to itself."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(patience)
        self._left = True

    def step(self, wanted: str | None = None) -> bool:
        """Print the next job, if one is due, or the `wanted` one; say whether there was one.

        Raises what the store raises.
        """
        store = self._store()
        job = store.printing.claim(self._worker, wanted)
        if job is None:
            return False
        try:
            with self._device() as printer:
                printer.send(self._begun(store, job))
        except _Lost:
            return True
        except PrinterTrouble as trouble:
            again = not trouble.begun or job.attempts < BEGUN
            self._failed(store, job, trouble.short, trouble.message, again=again)
        except Exception as error:  # whatever is wrong with one job, the others are to come out
            said = error.message if isinstance(error, PosError) else f"This can't be printed: {error!r}"
            self._failed(store, job, "a job failed", said, again=isinstance(error, PosError) and error.code in _PASSING)
        except BaseException:  # Ctrl-C at the command line, where nobody else goes on with it
            self._failed(store, job, "a job failed", "It was interrupted.", again=False)
            raise
        else:
            self._trouble = ""
            if not self._left:
                store.printing.printed(job.id, self._worker)
        return True

    def _begun(self, store: Store, job: JobView) -> bytes:
        """Return what goes to the printer. Only now is it told: a printer that is off leaves no trace but its error."""
        laid = None if self._ending else begun(store, job.id, self._worker, self._lay)
        if laid is None:
            raise _Lost
        return laid

    def _failed(self, store: Store, job: JobView, short: str, message: str, *, again: bool = True) -> None:
        self._trouble = short
        # Left alone, it has no store any more: the till may be another program's, which finds the job as it is.
        if not self._left:
            store.printing.failed(job.id, self._worker, message, again=again)

    def _run(self) -> None:
        while not self._ending:
            try:
                due = self._store().printing.due()
                busy = due is not None and due <= 0 and self.step()
                self._tell()
            except PosError:
                due, busy = RETRY, False
            if not busy:
                self._wait(LOOK if due is None else min(max(due, 0.1), LOOK))

    def _wait(self, seconds: float) -> None:
        with self._changed:
            if not (self._woken or self._ending):
                self._changed.wait(seconds)
            self._woken = False

    def _tell(self) -> None:
        if self._ending:
            return
        queue = self._store().printing.standing()
        # What the first job ran into before this program began is known from its row alone.
        trouble = self._trouble or (BEFORE if queue.error else "")
        sign = Sign(trouble if queue.waiting or queue.failed else "", queue.waiting, queue.failed)
        if sign != self._sign:
            self._sign = sign
            self._told(sign)


_PASSING = ("busy", "storage", "outcome_unknown")
"""Refusals of the database, which may be over in a moment."""
