"""Kills a till at random moments and checks each time that nothing it acknowledged is lost or doubled."""

from __future__ import annotations

import signal
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

from posconsole.errors import NotFound
from tests.engine import killing
from tests.engine.bank import disagreements
from tests.engine.processes import PATIENCE, PROCESSES
from tests.engine.shop import open_shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posconsole import Store


class Lost(AssertionError):
    """Something is lost, doubled or half done."""


def demand(fact: bool, what: object) -> None:
    if not fact:
        raise Lost(what)


def sound(store: Store) -> None:
    demand(not (findings := store.audit()), findings)
    demand(not (found := disagreements(store)), found)


class Killer:
    """Kills what runs on one shop at random moments, and checks what is left each time."""

    def __init__(self, folder: Path, seed: str) -> None:
        self.folder = folder
        self.rng = Random(seed)
        self.kills: Counter[str] = Counter()
        self.told: list[tuple[dict[str, Any], str, dict[str, Any]]] = []
        self.baskets: set[str | None] = {None}

    def kill(self, work: Callable[..., None], within: float) -> list[tuple[str, Any, Any]]:
        """Start `work` and kill it at a random moment after it is ready, one time in six before; return its words."""
        here, there = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=work, args=(there, self.folder, self.rng.random().hex()), daemon=True)
        process.start()
        there.close()
        if self.rng.random() > 1 / 6:
            assert here.poll(PATIENCE)
        time.sleep(self.rng.uniform(0, within))  # the random moment is the point
        process.kill()
        process.join(PATIENCE)
        assert process.exitcode == -signal.SIGKILL, process.exitcode
        self.kills[work.__name__] += 1
        return list(_heard(here))

    def rounds(self, many: int, work: Callable[..., None] = killing.sells) -> None:
        """Kill again and again."""
        for _ in range(many):
            self.round(work)

    def round(self, work: Callable[..., None] = killing.sells) -> None:
        """Kill a seller, sometimes a recovery as well, then check everything."""
        words = self.kill(work, 0.25)
        open_request = self._listen(words)
        while self.rng.random() < 0.4:
            self.kill(killing.recovers, 0.02)
        store = killing.till_of(open_shop(self.folder))
        store.payments.recover()
        for payment in store.payments.unsettled():
            demand(any(tender.status in ("unknown", "pending") for tender in payment.tenders), payment)
            store.payments.settle(payment.id, captured=self.rng.random() < 0.5, note="asked the bank")
        demand(store.payments.unsettled() == (), "unsettled after settling")
        sound(store)
        for arguments, verb, told in self.told[-30:]:
            self._still_true(store, arguments, verb, told)
        if open_request:
            self._again(store, *open_request)
        sound(store)
        store.close()

    def _listen(self, words: list[tuple[str, Any, Any]]) -> tuple[str, dict[str, Any]] | None:
        """Note what was acknowledged; return the request that was under way, if any."""
        asked: tuple[str, dict[str, Any]] | None = None
        for word, verb, content in words:
            if word == "asks":
                asked = (verb, content)
            elif word == "told" and asked is not None:
                if isinstance(content, dict):
                    self.told.append((asked[1], verb, content))
                asked = None
        return asked

    def _still_true(self, store: Store, arguments: dict[str, Any], verb: str, told: dict[str, Any]) -> None:
        """An acknowledged sale or refund is there as it was told, and its key still leads to it."""
        try:
            now = store.payments.get(told["payment"])
        except NotFound:
            raise Lost(told) from None
        if verb == "refund":
            found = [(back.number, back.amount) for back in now.refunds if back.id == told["refund"]]
            demand(found == [(told["number"], told["amount"])], (told, now))
            demand(store.payments.refund(**arguments).id == told["refund"], told)
            return
        paid = now.receipt_number is not None
        demand(paid if told["receipt"] else told["status"] == "pending" or not paid, (told, now))
        demand(told["receipt"] in (None, now.receipt_number) and told["amount"] == now.amount, (told, now))
        if verb == "sell":
            demand(store.payments.create(**arguments).id == told["payment"], told)

    def _again(self, store: Store, verb: str, arguments: dict[str, Any]) -> None:
        """What was under way is asked for again, twice: one answer, the original where there was one."""
        if verb not in ("sell", "refund"):
            return
        known = {payment.id for payment in store.payments.list(limit=100).data}
        answers = [_answer(store, verb, arguments) for _ in range(2)]
        demand(answers[0] == answers[1], answers)
        new = {payment.id for payment in store.payments.list(limit=100).data} - known
        demand(len(new) <= 1, new)
        store.payments.recover()
        for payment in store.payments.unsettled():
            store.payments.settle(payment.id, captured=True, note="asked the bank")


def _answer(store: Store, verb: str, arguments: dict[str, Any]) -> Any:
    answer = killing.VERBS[verb]
    try:
        told = answer(store, **arguments)
    except Exception as error:
        if not hasattr(error, "code"):
            raise
        return error.code
    return told


def _heard(end: Any) -> Any:
    """Yield what a killed process had said in full."""
    try:
        while end.poll():
            yield end.recv()
    except (EOFError, OSError):
        return
