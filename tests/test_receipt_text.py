"""The receipt as lines of text: what stands on it, that it fits, and that nothing on it steers a device."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posconsole.engine.quoting.quotes import TaxLine
from posconsole.engine.views import (
    LineView,
    PaymentView,
    RedemptionView,
    RefundItem,
    RefundTender,
    RefundView,
    ShopView,
    TenderView,
    VoucherView,
)
from posconsole.money import Currency
from posconsole.printing.paper import cells
from posconsole.printing.receipt import refund_receipt, sale_receipt

SHOP = ShopView("Corner Shop", Currency.of("EUR"), "en_GB", "Europe/Berlin", True, 5)
AT = 1_784_721_720  # 22 July 2026, 14:02 in Berlin


def line(no: int, name: str, quantity: int, price: int, *discounts: tuple[str, int]) -> LineView:
    gross, off = quantity * price, sum(amount for _, amount in discounts)
    return LineView(no, f"sku-{no}", name, quantity, price, gross, off, 0, gross - off, 1900, 0, discounts)


SALE = PaymentView(
    id="pay_1",
    order="ord_1",
    status="captured",
    currency="EUR",
    till="1",
    operator="Ana",
    member="cust_1",
    member_name="Mira Olsen",
    created=AT,
    captured_at=AT,
    expires_at=None,
    order_amount=5520,
    discount_amount=335,
    tax_amount=429,
    amount=5185,
    voucher_amount=2000,
    due=3185,
    rounding=0,
    change=815,
    lines=(
        line(1, "Flat white", 3, 450, ("Weekend 10 %", 135)),
        line(2, "Croissant", 1, 280),
        line(3, "Notebook A5", 2, 695, ("SPRING", 200)),
        line(4, "Gift voucher 25", 1, 2500),
    ),
    tenders=(TenderView("tnd_1", "cash", 3185, 4000, 815, "captured"),),
    redemptions=(
        RedemptionView("rdm_1", "coupon", "SPRING", "SPRING", 200, 0, 0, "applied", "pay_1", None, "cpn_1", AT),
        RedemptionView("rdm_2", "voucher", "…-4TRB", "", 2000, 500, 0, "applied", "pay_1", None, "vch_1", AT),
    ),
    taxes=(TaxLine(1900, 2256, 429),),
    vouchers_sold=(VoucherView("vch_2", "GIFT-7K2P-9QXM-4TRB", 2500, 2500, 0, "EUR", False, None, None, "active", AT),),
    receipt_number="1-000142",
)

REFUND = RefundView(
    id="ref_1",
    payment="pay_1",
    number="1-000143",
    amount=899,
    rounding=1,
    items=(RefundItem(3, "Notebook A5", 1, 595), RefundItem(1, "Flat white", 2, 304)),
    tenders=(RefundTender("voucher", 400, "…-4TRB"), RefundTender("cash", 500)),
    reason="damaged",
    created=AT + 3600,
    operator="Ben",
)


def test_a_receipt_says_below_the_shops_name_where_it_is() -> None:
    shop = replace(SHOP, head=("12 Harbour Road", "Tax number 123/456"))
    below = [line.strip() for line in sale_receipt(SALE, shop).lines[:4]]
    assert below == ["Corner Shop", "12 Harbour Road", "Tax number 123/456", "Receipt 1-000142"]


def test_a_long_name_of_a_shop_takes_two_lines() -> None:
    text = sale_receipt(SALE, replace(SHOP, name="The Old Harbour Bookshop, Tea Room & Fine Stationery"), 32).lines
    assert [row.strip() for row in text[:2]] == ["The Old Harbour Bookshop, Tea", "Room & Fine Stationery"]


def test_a_sale_with_discounts_a_voucher_used_and_a_voucher_sold() -> None:
    assert sale_receipt(SALE, SHOP).lines == [
        "              Corner Shop",
        "            Receipt 1-000142",
        "       22 Jul 2026 14:02 · till 1",
        "                  Ana",
        "",
        "3 × Flat white                     13.50",
        "    at 4.50",
        "    Weekend 10 %                   −1.35",
        "Croissant                           2.80",
        "2 × Notebook A5                    13.90",
        "    at 6.95",
        "    SPRING                         −2.00",
        "Gift voucher 25                    25.00",
        "----------------------------------------",
        "Subtotal                           55.20",
        "Discount                           −3.35",
        "TOTAL EUR                          51.85",
        "----------------------------------------",
        "Voucher …-4TRB                     20.00",
        "    5.00 not used is forfeited",
        "Cash                               40.00",
        "Change                              8.15",
        "----------------------------------------",
        "Includes 19 % tax on net 22.56      4.29",
        "",
        "           Member: Mira Olsen",
        "",
        "========================================",
        "         GIFT VOUCHER 25.00 EUR",
        "          GIFT-7K2P-9QXM-4TRB",
        "========================================",
    ]


def test_a_member_reads_what_was_earned_and_what_is_left() -> None:
    drawn = replace(SALE.redemptions[1], forfeited=0, left=500)
    prize = replace(drawn, amount=0, points=250, code="…-9QXM", left=0)
    text = sale_receipt(replace(SALE, redemptions=(drawn, prize), points_earned=301, points_left=1350), SHOP).lines
    at = text.index("Voucher …-4TRB                     20.00")
    assert text[at + 1 : at + 3] == [
        "    left on it                      5.00",
        "Voucher …-9QXM, in points            250",
    ]
    at = text.index("           Member: Mira Olsen")
    assert text[at + 1 : at + 3] == [
        "Points earned                        301",
        "Points balance                     1,350",
    ]


def test_a_refund_tells_what_it_took_and_left_and_what_no_card_has_got_yet() -> None:
    tenders = (*REFUND.tenders, RefundTender("card", 100, status="pending"), RefundTender("card", 7, settled_as="cash"))
    told = replace(REFUND, tenders=tenders, points=9, points_left=22, vouchers_left=(("…-4TRB", 900),))
    assert refund_receipt(told, SALE, SHOP, copy=True).lines[12:] == [
        "To voucher …-4TRB                   4.00",
        "In cash                             5.00",
        "To the card                         1.00",
        "    the bank hasn't confirmed it yet",
        "In cash                             0.07",
        "Left on voucher …-4TRB              9.00",
        "Points taken back                      9",
        "Points balance                        22",
        "",
        "Reason: damaged",
    ]


def test_only_paper_has_symbols_and_a_copy_says_so() -> None:
    paper = sale_receipt(SALE, SHOP, copy=True)
    assert [row.symbol for row in paper.rows if row.symbol] == [("code128", "1-000142"), ("qr", "GIFT-7K2P-9QXM-4TRB")]
    assert [row.text.strip() for row in paper.rows if row.tall] == ["COPY", "TOTAL EUR                          51.85"]
    assert len(paper.lines) == len(paper.rows) - 2


def test_a_refund_says_what_went_where() -> None:
    assert refund_receipt(REFUND, SALE, SHOP).lines == [
        "              Corner Shop",
        "            REFUND 1-000143",
        "          of receipt 1-000142",
        "       22 Jul 2026 15:02 · till 1",
        "                  Ben",
        "",
        "Notebook A5                        −5.95",
        "2 × Flat white                     −3.04",
        "----------------------------------------",
        "REFUNDED EUR                       −8.99",
        "Cash rounding                      −0.01",
        "To voucher …-4TRB                   4.00",
        "In cash                             5.00",
        "",
        "Reason: damaged",
    ]


def test_a_voucher_given_back_says_that_it_is_void_and_what_of_it_was_spent() -> None:
    lines = (*SALE.lines[:3], replace(SALE.lines[3], voucher_value=2500))
    part = replace(REFUND, amount=1501, rounding=0, items=(RefundItem(4, "Gift voucher 25", 1, 1501),))
    assert refund_receipt(part, replace(SALE, lines=lines), SHOP).lines[6:10] == [
        "Gift voucher 25                   −15.01",
        "    the voucher is void",
        "    9.99 of it was spent",
        "----------------------------------------",
    ]


def test_cash_rounding_and_a_card_with_its_approval_have_their_own_lines() -> None:
    tenders = (
        TenderView("tnd_1", "terminal", 1000, 1000, 0, "captured", "123456"),
        TenderView("tnd_2", "cash", 2180, 2180, 0, "captured"),
    )
    text = sale_receipt(replace(SALE, rounding=-5, change=0, tenders=tenders), SHOP).lines
    assert "Cash rounding                      −0.05" in text
    assert "Card · approval 123456             10.00" in text
    assert "Cash                               21.80" in text
    assert not [row for row in text if row.startswith("Change")]


def test_tax_comes_on_top_where_prices_do_not_include_it() -> None:
    text = sale_receipt(replace(SALE, prices_include_tax=False), SHOP).lines
    assert text.index("Tax                                 4.29") < text.index(
        "TOTAL EUR                          51.85"
    )
    assert "19 % tax on net 22.56               4.29" in text


def test_what_is_not_paid_never_looks_like_a_receipt() -> None:
    text = sale_receipt(replace(SALE, status="declined", receipt_number=None), SHOP).lines
    assert "NOT PAID: declined" in text[1]
    assert "Receipt" not in "\n".join(text)


@pytest.mark.parametrize("width", [24, 32, 40, 48])
@pytest.mark.parametrize(
    "name",
    [
        "x" * 300,
        "word " * 60,
        "フラットホワイト" * 9,
        "\x1b[2JPAID\nTOTAL EUR 0.00\x07\u202e\x00",
        "[@click=app.quit]pay[/]",
    ],
)
def test_no_name_breaks_the_paper(name: str, width: int) -> None:
    hostile = replace(SALE, lines=(line(1, name, 3, 123456, (name, 7)),), member_name=name, operator=name)
    for text in (
        sale_receipt(hostile, replace(SHOP, name=name), width).lines,
        refund_receipt(replace(REFUND, items=(RefundItem(1, name, 2, 9),), reason=name), hostile, SHOP, width).lines,
    ):
        assert max(cells(row) for row in text) <= width
        assert all(row.isprintable() for row in text)
        assert not any(row.startswith("TOTAL EUR 0.00") for row in text)


@pytest.mark.parametrize(
    ("locale", "currency", "told"),
    [
        ("en", "EUR", ("22 Jul 2026 14:02 · till 1", "51.85", "7.5 % tax")),
        ("en_US", "USD", ("Jul 22, 2026 2:02 PM · till 1", "51.85", "7.5 % tax")),
        ("de", "EUR", ("22.07.2026 14:02 · till 1", "51,85", "7,5 % tax")),
        ("ja", "JPY", ("2026/07/22 14:02 · till 1", "5,185", "7.5 % tax")),
        ("ar", "KWD", ("22/07/2026 2:02 م · till 1", "5.185", "7.5 % tax")),
    ],
)
def test_all_is_written_as_the_currency_and_the_locale_have_it(
    locale: str, currency: str, told: tuple[str, ...]
) -> None:
    sale = replace(SALE, taxes=(TaxLine(750, 2256, 429),), member_name="می\u200cخواهم")
    text = "\n".join(sale_receipt(sale, replace(SHOP, currency=Currency.of(currency), locale=locale)).lines)
    assert all(part in text for part in told)
    assert "\ufffd" not in text
