"""The command line: what it prints, what it leaves in the books, and its exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from typer.testing import CliRunner

from posconsole import Store
from posconsole.cli import main
from posconsole.config import load
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


PRODUCTS = "sku;name;price;tax\nMUG;Mug;4,50;19\nPEN;Pen;1,20;19\nBAD;Bad;0,00;19\nPEN;Pen;1,10;19\n"


class Said(NamedTuple):
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.splitlines()[-1]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run the command line on a database of its own; `run.database` isn't made before a command makes it."""
    for name in [name for name in os.environ if name.startswith("POSCONSOLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("POSCONSOLE_DATABASE_URL", f"sqlite:///{tmp_path / 'shop.db'}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def command(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["posconsole", *words])
        try:
            main()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        return Said(status, *capsys.readouterr())

    return command


@pytest.fixture
def store(tmp_path: Path, run: Callable[..., Said]) -> Store:
    """Open the same database from Python."""
    return Store.open(f"sqlite:///{tmp_path / 'shop.db'}")


@pytest.fixture
def products(tmp_path: Path) -> str:
    path = tmp_path / "products.csv"
    path.write_text(PRODUCTS, encoding="utf-8")
    return str(path)


def test_an_import_says_what_came_in_and_what_did_not(run: Callable[..., Said], products: str, store: Store) -> None:
    said = run("import", "products", products)
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "line 4  BAD: the price is zero",
        "4 lines read: 2 products came in, 0 were updated, 0 stayed the same, 1 line was refused",
    ]
    assert [store.products.get(sku).price for sku in ("MUG", "PEN")] == [450, 110]


def test_a_second_import_updates_what_changed(run: Callable[..., Said], products: str, tmp_path: Path) -> None:
    run("import", "products", products)
    (tmp_path / "products.csv").write_text(PRODUCTS.replace("4,50", "4,90"), encoding="utf-8")
    said = run("import", "products", products, "--json")
    report = json.loads(said.out)
    assert {key: report[key] for key in ("lines", "added", "updated", "unchanged")} == {
        "lines": 4, "added": 0, "updated": 1, "unchanged": 1,
    }  # fmt: skip
    assert report["refused"] == [{"line": 4, "sku": "BAD", "reason": "the price is zero"}]


def test_many_refusals_are_counted_and_listed_on_demand(run: Callable[..., Said], tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("sku,name,price\nOK,Fine,1\n" + "X,,1\n" * 30, encoding="utf-8")
    short, everything = run("import", "products", str(path)), run("import", "products", str(path), "--all-refusals")
    assert short.out.count("the name is blank") == 20
    assert short.out.splitlines()[-2] == "and 10 more lines refused (--all-refusals lists them)"
    assert everything.out.count("the name is blank") == 30


@pytest.mark.parametrize(
    ("content", "message"),
    [("name,price\nMug,1\n", "no column for the sku"), (None, "no such file"), ("", "the file is empty")],
)
def test_a_file_that_can_not_be_read_is_status_1(
    run: Callable[..., Said], tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "broken.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    said = run("import", "products", str(path))
    assert (said.status, said.out) == (1, "")
    assert message in said.err
    assert said.err.count("\n") == 1


def test_check_says_what_a_coupon_takes_off(run: Callable[..., Said], store: Store) -> None:
    store.coupons.create(code="SPRING15", percent_off=15, min_order_value=5000)
    said = run("check", "spring-15", "--amount", "80.00", "--json")
    answer = json.loads(said.out)
    assert said.status == 0
    assert (answer["valid"], answer["discount_amount"], answer["final_amount"]) == (True, 1200, 6800)
    assert all(condition["met"] for condition in answer["conditions"])
    assert run("check", "spring15", "--amount", "80.00").out.splitlines()[:3] == [
        "✓ SPRING15 takes 15% off: −12.00",
        "  Basket         80.00",
        "  To pay         68.00",
    ]


def test_a_report_is_a_table_csv_or_json(run: Callable[..., Said], store: Store) -> None:
    store.products.create(sku="MUG", name="Mug", price=123_450, tax_rate=1900)
    store.coupons.create(code="FIVE", name="=Five", amount_off=500)
    store.payments.create(items=[{"id": "MUG"}], coupon="FIVE")
    store.payments.refund("1")
    assert run("report", "by-till").out.splitlines() == [
        "till  sales     gross  discount    amount   tax  refunds  refunded   net",
        "0         1  1,234.50      5.00  1,229.50  0.00        1  1,229.50  0.00",
        "─" * 72,
        "          1  1,234.50      5.00  1,229.50  0.00        1  1,229.50  0.00",
    ]
    assert run("report", "tax").out.splitlines()[1].split()[:4] == ["19", "%", "1,033.19", "196.31"]
    assert run("report", "redemptions", "--code", "five", "--csv").out.splitlines()[1].count(",'=Five,reversed,") == 1
    found = json.loads(run("report", "discount-cost", "--by", "coupon", "--since", "2020-01-01", "--json").out)
    assert (found["report"], found["rows"]) == ("discount_cost", [])
    assert "breakage: 0.00" in run("report", "voucher-liability").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("moon",), "'moon' is not a report: one of sales-by-day"),
        (("tax", "--day", "2026-07-22"), "tax takes no --day"),
        (("tax", "--since", "soon"), "'soon' is not a date"),
    ],
)
def test_what_is_no_report_is_refused(
    run: Callable[..., Said], store: Store, words: tuple[str, ...], message: str
) -> None:
    said = run("report", *words)
    assert (said.status, said.out) == (2, "")
    assert message in said.err


def test_check_says_what_is_missing(run: Callable[..., Said], store: Store) -> None:
    store.coupons.create(code="SPRING15", percent_off=15, min_order_value=5000)
    said = run("check", "SPRING15", "--amount", "30.20")
    assert said.status == 1
    assert "19.80 more qualifies" in said.out.splitlines()[0]
    assert "  ✗ basket large enough" in said.out


def test_check_without_a_basket_leaves_its_conditions_open(run: Callable[..., Said], store: Store) -> None:
    store.coupons.create(code="SPRING15", percent_off=15, min_order_value=5000)
    store.coupons.create(code="OLD", percent_off=15, valid_until="2020-01-01")
    assert run("check", "SPRING15").status == 0
    assert run("check", "OLD").status == 1
    assert run("check", "NONE").status == 1


def test_check_looks_at_the_products_and_the_member(run: Callable[..., Said], store: Store) -> None:
    store.products.create(sku="MUG", name="Mug", price=450)
    store.members.create(name="Mira Olsen", phone="030 23125 017")
    store.coupons.create(code="MUG20", percent_off=20, product_ids=("MUG",), customer_limit=1)
    answer = json.loads(run("check", "MUG20", "--item", "3*MUG", "--member", "mira", "--json").out)
    assert (answer["valid"], answer["discount_amount"]) == (True, 270)
    assert json.loads(run("check", "MUG20", "--item", "3*MUG", "--json").out)["reason"] == "member_required"
    assert run("check", "MUG20", "--member", "nobody").err == "posconsole: no member is called 'nobody'\n"


def test_check_writes_nothing(run: Callable[..., Said], store: Store) -> None:
    code = store.vouchers.issue(value=2500, single_use=True).code
    answer = json.loads(run("check", code, "--amount", "10", "--json").out)
    assert (answer["voucher_amount"], answer["forfeited"], answer["final_amount"]) == (1000, 1500, 0)
    assert (store.vouchers.get(code).balance, store.vouchers.get(code).held) == (2500, 0)


def test_audit_of_sound_books(run: Callable[..., Said], store: Store) -> None:
    store.payments.create(amount=1000, tender="cash", idempotency_key="a")
    assert run("audit") == (0, "✓ The books are sound.\n", "")
    assert run("audit", "--json").out == "[]\n"


def test_audit_names_what_was_tampered_with(run: Callable[..., Said], store: Store, tmp_path: Path) -> None:
    import sqlite3

    store.vouchers.issue(value=2500)
    store.close()
    with sqlite3.connect(tmp_path / "shop.db") as raw:
        raw.execute("UPDATE voucher SET balance = 2400")
    said = run("audit", "--json")
    assert said.status == 1
    assert any("vch_" in finding["subject"] for finding in json.loads(said.out))


def test_recover_completes_what_the_bank_took(
    run: Callable[..., Said], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSCONSOLE_CARD", "sandbox")
    lost, unknown = "4000000000000119", "4000000000000259"
    for number in (lost, unknown):
        store.payments.create(amount=1000, tenders=[{"kind": "card", "number": number}], idempotency_key=number)
    said = run("recover", "--json")
    assert sorted(it["what"] for it in json.loads(said.out)) == ["captured", "needs_settling"]
    assert run("recover").last == "0 settled, 1 waiting for a person"


def test_recover_mints_on_what_the_end_of_a_program_left_half_done(run: Callable[..., Said], store: Store) -> None:
    batch = store.vouchers.create_batch(count=20_000, prefix="XMAS", value=2500)
    store.close()
    said = run("recover")
    assert f"{batch.id}  XMAS  20000 of 20000 codes minted: completed" in said.out
    assert said.last == "✓ Nothing is open."


@pytest.mark.parametrize("command", [("audit",), ("recover",), ("check", "X")])
def test_a_shop_that_is_not_there_is_not_made(run: Callable[..., Said], tmp_path: Path, command: tuple[str]) -> None:
    said = run(*command)
    assert said.status == 2
    assert said.err.startswith("posconsole: there is no shop at ")
    assert not (tmp_path / "shop.db").exists()


def test_a_damaged_database_is_one_line(run: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"not a database" * 1000)
    said = run("audit")
    assert said.status == 2
    assert "shop.db" in said.err
    assert said.err.count("\n") == 1


def test_what_a_file_says_can_not_drive_the_terminal(run: Callable[..., Said], tmp_path: Path) -> None:
    path = tmp_path / "evil.csv"
    path.write_text("sku,name,price\n\x1b[2J9,x,1\n", encoding="utf-8")
    said = run("import", "products", str(path))
    assert "\x1b" not in said.out + said.err


def test_the_till_needs_a_terminal() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "from posconsole.cli import main; main()"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("posconsole: the till needs a terminal")


def test_a_till_of_a_shop_with_operators_asks_for_name_and_pin(store: Store, tmp_path: Path) -> None:
    store.operators.create(name="Mo", role="manager", pin="271828")
    store.operators.create(name="Ana", pin="3141")
    command = [sys.executable, "-c", "from posconsole.cli import main; main()"]
    with Terminal(command, env={"POSCONSOLE_OPERATOR": "ana"}) as terminal:
        terminal.until("PIN ›")
        terminal.send("9999\r")
        terminal.until("don't belong together")
        terminal.send("3141")
        shown = terminal.until("● ● ● ●")
        assert "3141" not in shown
        terminal.send("\r")
        terminal.until(lambda text: "F9 Pay" in text and "Ana, cashier" in text)
        terminal.press("ctrl+q")
        assert terminal.wait_for_end() == 0
    with Terminal(command) as terminal:
        terminal.until("Who is it?")
        terminal.press("ctrl+q")
        assert terminal.wait_for_end() == 0


def test_a_theme_that_there_is_not_is_refused(run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("demo", "--theme", "red").err == "posconsole: there is no theme 'red': say till, paper, contrast\n"
    monkeypatch.setenv("POSCONSOLE_THEME", "blue")
    assert run("demo").status == 2


@pytest.mark.parametrize(
    ("ending", "theme", "ground"), [("ctrl+q", ["--theme", "paper"], "e4e4e4"), ("hang-up", [], "000000")]
)
def test_the_demo_sells_and_leaves_nothing_behind(tmp_path: Path, ending: str, theme: list[str], ground: str) -> None:
    command = [sys.executable, "-c", "from posconsole.cli import main; main()", "demo", *theme]
    with Terminal(command, env={"TMPDIR": str(tmp_path), "POSCONSOLE_THEME": "contrast"}) as terminal:
        terminal.until("Things to try")
        assert terminal.screen.buffer[10][30].bg == ground
        terminal.until("Quay & Quill")
        assert list(tmp_path.glob("posconsole-demo-*/shop.db"))
        terminal.send("3*102\r")
        terminal.until("11.70")
        if ending == "ctrl+q":
            terminal.press(ending)
        else:
            terminal.signal(signal.SIGHUP)
        assert terminal.wait_for_end() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_real_shop_is_set_up_by_answering_questions(
    run: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POSCONSOLE_DATABASE_URL")
    monkeypatch.setenv("POSCONSOLE_CONFIG", str(tmp_path / "till.toml"))
    database = str(tmp_path / "corner.db")
    answers = ["Corner Shop", "euro", "de", "Europe/Nowhere", "yes", "0.05", "3", "2"]
    head = ["Hafenstraße 12", "x" * 41, "USt-IdNr. DE123456789", ""]
    corrected = ["EUR", "Europe/Berlin"]
    hired = ["Mo", "1", "1", "Mo", "271828", "271828", "Ana", "3141", "3141", ""]
    with CliRunner().isolation(input="\n".join([*answers, *head, *corrected, *hired, ""])) as (out, *_):
        said = run("--database", database, "init")
        told = out.getvalue()
    assert said.status == 0
    assert b"For the other 2: posconsole init here" in told
    settings = load()
    assert settings.receipt_head == ["Hafenstraße 12", "USt-IdNr. DE123456789"]
    assert (settings.till, settings.currency, settings.smallest_coin) == ("2", "EUR", 5)
    store = Store.open(settings.database_url)
    assert (store.shop.name, store.shop.timezone, store.shop.locale) == ("Corner Shop", "Europe/Berlin", "de")
    staff = sorted((one.name, one.role) for one in store.operators.list().data)
    assert staff == [("Ana", "cashier"), ("Mo", "manager")]
    assert store.sign_in(till="2", operator="Mo", pin="271828").role == "manager"
    assert store.audit() == []
    store.close()
    assert run("init").status == 2
