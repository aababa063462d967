"""`posconsole init`: the questions that make a shop, its first manager, and this till's settings."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from posconsole.cli.opening import SQLITE
from posconsole.clock import machine_timezone
from posconsole.config import default_database_url, place, write
from posconsole.engine.staff.access import CASHIER, MANAGER
from posconsole.engine.store import HEAD_MOST, HEAD_WIDTH
from posconsole.errors import InvalidInput, NotAllowed, PosError
from posconsole.money import Currency

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole import Store


@dataclass(frozen=True, slots=True)
class Question:
    """A setting and how it is asked for. `read` turns the answer into it and may raise `InvalidInput`."""

    name: str
    text: str
    usual: str
    read: Callable[[str, dict[str, Any]], Any] = lambda text, _: text


def _coin(text: str, said: dict[str, Any]) -> int:
    try:
        return Currency.of(said["currency"]).parse(text)
    except InvalidInput as refusal:
        raise InvalidInput(refusal.message, field="smallest_coin") from None


def _yes(text: str, _: dict[str, Any]) -> bool:
    if text.strip().lower() not in ("y", "yes", "n", "no"):
        raise InvalidInput("yes or no?", field="prices_include_tax")
    return text.strip().lower().startswith("y")


def _tills(text: str, _: dict[str, Any]) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 1000):
        raise InvalidInput("How many? A number from 1 to 999.", field="tills")
    return int(text)


QUESTIONS = (
    Question("shop_name", "The shop's name, for the head of the receipts", "Corner Shop"),
    Question("currency", "Currency", "EUR", lambda text, _: Currency.of(text).code),
    Question("locale", "Language and country, for amounts and dates", "en_GB"),
    Question("timezone", "Time zone", machine_timezone()),
    Question("prices_include_tax", "Is tax in the prices? (no: it is added to them)", "yes", _yes),
    Question("smallest_coin", "Smallest coin in use, which cash is rounded to", "0.01", _coin),
    Question("tills", "How many tills the shop has", "1", _tills),
    Question("till", "This till's name, each till its own", "1"),
)


def found(database: str | None) -> list[str]:
    """Ask everything, make the shop, write this till's settings, and return what to say about it.

    Raises `NotAllowed` where there are settings already; nothing is asked then.
    """
    if (path := place()).exists():
        raise NotAllowed(f"{path} is there already: this till is set up. Change it with an editor.", field="config")
    url = database or typer.prompt("Where the shop is kept", default=default_database_url())
    answers = {question.name: _ask(question) for question in QUESTIONS}
    head = _head()
    values, store = _made(url if "://" in url else f"{SQLITE}{Path(url).expanduser().absolute()}", answers)
    tills = values.pop("tills")
    with closing(store):
        joins = store.asks_for_pin
        if not joins:
            _staff(store)
        joined = " The shop was there already: this is one more till of it." if joins else ""
        return [
            f"✓ Till {values['till']} is set up in {write(values | ({'receipt_head': head} if head else {}))}.{joined}",
            *_others(tills - 1, values["database_url"]),
            "Next: posconsole import products FILE.csv, and then posconsole opens the till.",
        ]


def _head() -> list[str]:
    """Ask for the lines below the shop's name on receipts."""
    lines: list[str] = []
    asked = "On receipts, below the name: address, tax number (Enter: nothing more)"
    while len(lines) < HEAD_MOST and (line := typer.prompt(asked, default="", show_default=False).strip()):
        if len(line) > HEAD_WIDTH:
            typer.echo(f"✗ A receipt has room for {HEAD_WIDTH} characters.", err=True)
        else:
            lines.append(line)
    return lines


def _others(count: int, url: str) -> list[str]:
    """Say how the tills beside this one are set up."""
    if not count:
        return []
    if url.startswith(SQLITE):
        how = "here, each with a POSCONSOLE_CONFIG of its own. Tills of other machines need a server, see the README."
    else:
        how = "on its machine, with the same answer for where the shop is kept."
    return [f"For {'the other one' if count == 1 else f'the other {count}'}: posconsole init {how}"]


def _ask(question: Question) -> str:
    answer: str = typer.prompt(question.text, default=question.usual)
    return answer


def _made(url: str, answers: dict[str, str]) -> tuple[dict[str, Any], Store]:
    """Open the shop as the answers describe it; what the engine refuses is asked for again."""
    from posconsole import Store

    questions = {question.name: question for question in QUESTIONS}
    while True:
        try:
            values = {name: question.read(answers[name].strip(), answers) for name, question in questions.items()}
            _check_till(values["till"])
            shop = {name: values[name] for name in values if name not in ("till", "tills", "shop_name")}
            store = Store.open(url, name=values["shop_name"], sandbox=False, **shop)
        except InvalidInput as refusal:
            name = "shop_name" if refusal.field == "name" else refusal.field
            if name not in questions:
                raise
            typer.echo(f"✗ {refusal.message}", err=True)
            answers[name] = _ask(questions[name])
        else:
            return {"database_url": url, **values}, store


def _check_till(name: str) -> None:
    if not (name.isascii() and name.isalnum() and len(name) <= 8 and name != "0"):
        raise InvalidInput("A till's name is 1 to 8 letters and digits, and not 0", field="till")


def _staff(store: Store) -> None:
    """Make the first manager, and those cashiers that there are; from then on the till asks who is at it."""
    while not _operator(store, "The manager's name", MANAGER, "6"):
        typer.echo("✗ A shop has a manager: who closes its day?", err=True)
    while _operator(store, "A cashier's name (Enter: no more)", CASHIER, "4"):
        pass


def _operator(store: Store, asked: str, role: str, digits: str) -> bool:
    """Ask for an operator until one is made; False when no name was given."""
    while name := typer.prompt(asked, default="", show_default=False).strip():
        pin = typer.prompt(f"{name}'s PIN, {digits} digits or more", hide_input=True, confirmation_prompt="Once more")
        try:
            store.operators.create(name=name, role=role, pin=pin)
        except PosError as refusal:
            typer.echo(f"✗ {refusal.message}", err=True)
        else:
            return True
    return False
