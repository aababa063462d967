"""The specification, section by section: which test tells each rule, and those that no other test tells."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from posconsole import Store
from posconsole.engine.goods.importing import ProductRow
from posconsole.engine.quoting.reasons import REASONS
from posconsole.engine.quoting.refusals import CodeRefused
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.errors import IdempotencyConflict
from tests.engine.shop import CUP, GIFT, LAMP, NOON, TEA, goods, open_shop

if TYPE_CHECKING:
    from posconsole.clock import FixedClock

RULES = """
2  a preview is what the commit does: test_the_preview_is_the_commit
2  validating writes nothing: test_validate_the_code_without_consuming_it
2  what is held counts as used for 15 minutes: test_what_a_payment_holds_for_15_minutes_counts_as_used_for_everyone_else
2  canceled and expired release: test_a_payment_that_is_given_up_releases_its_holds_once
2  expired holds are swept: test_a_held_payment_expires_and_gives_back
2  declined uses nothing: test_a_declined_card_leaves_everything_as_it_was
2  recover completes what was captured and releases the rest: test_a_crash_between_charge_and_commit
2  a person settles by hand, and it is recorded: test_a_person_settles_what_no_bank_can_tell
2  one key is one result, for ever: test_the_same_key_returns_the_first_result_for_ever
2  another request under it is a conflict: test_the_same_key_with_another_request_is_a_conflict
2  every verb that writes takes a key: test_every_verb_that_writes_takes_a_key
2  the key comes before any cap: test_the_same_key_returns_the_first_sale_even_when_it_used_the_last_slot
2  one code twice is one redemption: test_the_same_code_twice_on_one_order_is_one_application
2  the last slot has one winner: test_the_last_slot_of_a_coupon
3  offer, then coupon: test_minimum_then_offer_then_coupon
3  coupon, then reward, then voucher: test_coupon_then_reward_then_voucher
3  the best discount offer: test_of_two_discount_offers_the_better_one_applies_and_only_that_is_used
3  one coupon, unless stackable: test_one_coupon_unless_both_are_stackable
3  by priority, then by code: test_the_order_of_stackable_coupons
3  half up once per order, spread by largest remainder: test_worked_discounts
3  over a line's units likewise: test_the_units_of_one_line_go_back_at_their_own_shares
3  cut, slot used, nothing carried over: test_a_fixed_discount_that_is_cut_uses_its_slot_and_carries_nothing_over
3  products, categories, exclusion: test_a_coupon_without_an_eligible_item_uses_no_slot
3  vouchers on sale: test_vouchers_on_sale_are_never_discounted_and_cannot_be_paid_with_a_voucher
3  tax per rate on discounted totals: test_tax_is_worked_out_per_rate_on_discounted_totals
3  vouchers touch no tax base: test_vouchers_are_tender_and_touch_no_tax_base
3  cash rounding: test_cash_is_rounded_to_the_smallest_coin_and_a_card_pays_the_exact_amount
3  one currency: test_an_amount_in_another_currency_is_refused
3  JPY, KWD: test_currencies_without_decimals_and_with_three
3  windows to the second: test_a_window_includes_its_first_and_its_last_second
3  dates are whole days: test_a_date_means_the_whole_day_in_the_shops_zone
3  one clock reading: test_a_commit_reads_the_clock_once
3  the reasons, in order: test_the_reasons_in_their_order
3  the first of several: test_the_first_unmet_condition_in_the_tables_order_is_the_reason_and_all_are_listed
3  the figure that helps: test_the_figure_that_would_make_a_code_valid_is_named
4  one kind of value: test_what_cannot_be_a_coupon_is_refused_with_its_field
4  points and rewards: test_points_and_rewards_as_coupons
4  two decimals: test_percentages_keep_two_decimals
4  code forgiven its writing: test_a_code_is_forgiven_its_writing
4  code never reused: test_a_code_is_never_used_again_in_any_writing_even_after_deletion
4  cap raised, never lowered: test_a_cap_can_be_raised_or_lifted_and_never_lowered
4  value and duration stay: test_code_type_and_duration_stay
4  revise keeps the past and the journal: test_a_revision_leaves_past_sales_and_stands_in_the_journal
4  durations: test_duration
4  customer_limit: test_a_member_may_use_a_coupon_as_often_as_it_allows
4  derived states: test_a_state_is_derived_and_never_stale
4  soft delete: test_delete_a_coupon
4  lists: test_a_list_by_status_type_and_time
5  issued, active, void: test_a_sold_voucher_is_worth_nothing_until_its_sale_is_paid
5  refunding its sale: test_a_sold_voucher_pays_back_what_is_left_of_it_and_is_void
5  partial use: test_a_voucher_is_drawn_down_and_its_balance_is_the_sum_of_its_ledger
5  single use forfeits: test_a_single_use_voucher_loses_its_rest_as_its_own_ledger_row
5  and gets it back: test_a_single_use_voucher_gets_back_what_it_lost_on_a_whole_refund_only
5  points vouchers: test_points_of_a_voucher_are_credited_to_a_member_once
5  PINs: test_a_voucher_with_a_pin_pays_only_with_it
5  codes: test_a_code_looks_as_it_is_printed_in_the_documents
5  the check symbol: test_every_single_wrong_symbol_shows
5  and swaps: test_every_swap_of_neighbours_shows
5  55 random bits: test_a_code_has_55_random_bits
5  typing is forgiven: test_what_people_type_is_forgiven
5  mistyped needs no look-up: test_a_mistyped_voucher_is_told_from_an_unknown_one
5  batches resume whole: test_killed_in_the_middle_of_minting_a_hundred_thousand
5  codes stream out: test_codes_stream_out_as_csv_and_no_cell_is_a_formula
5  guessing is throttled: test_a_till_that_asks_for_one_code_after_the_other_is_slowed
5  masked to cashiers: test_lists_hide_minted_codes_from_cashiers
6  the points base: test_points_are_earned_on_goods_whatever_the_tender_and_never_on_vouchers_sold
6  the rate: test_points_are_earned_at_the_shops_rate_floored_once_per_order
6  never below 0: test_a_balance_is_never_overspent
6  discount rewards: test_apply_the_discount_when_you_create_the_payment
6  item rewards: test_redeem_for_an_item_and_fulfill_it
6  hand over at till: test_an_item_is_handed_over_at_the_till
6  credit rewards: test_credit_is_a_voucher_at_once
6  reversal: test_a_member_returns_the_item
6  applied is refunded, not reversed: test_a_completed_payment_is_not_undiscounted_but_refunded
6  an event for every ledger row: test_every_points_transaction_has_its_event
6  clawback: test_the_specifications_worked_clawback
6  debt: test_points_that_are_spent_already_become_debt_that_later_earnings_work_off
7  draft, published, paused: test_an_offer_pauses_and_goes_on
7  expired by window: test_outside_of_its_window_an_offer_gives_nothing
7  expired by cap: test_at_its_cap_an_offer_expires_by_itself_and_the_next_is_told_calmly
7  reopened by a refund: test_a_full_refund_reopens_an_offer_that_its_cap_had_ended
7  targeting: test_targeting
7  state before this sale: test_eligibility_is_judged_on_the_state_before_this_sale
7  rules of segments: test_all_conditions_of_a_rule_have_to_pass
7  auto and opt_in: test_activation_reserves_eligibility_and_redemption_applies_the_discount
7  per member: test_a_single_member_redeems_once_unless_the_offer_says_otherwise
7  1.5 x 85: test_a_points_multiplier
7  gifts: test_a_gift_that_is_out_of_stock_is_neither_claimed_nor_lost
8  worked shares and tenders: test_the_specifications_worked_refund
8  frozen: test_nothing_is_priced_again_and_no_condition_tested_again
8  never more cash than was paid in cash: test_cards_get_theirs_before_cash_and_never_more_cash_than_was_paid_in_cash
8  expired vouchers: test_an_expired_voucher_is_filled_again_and_stays_expired
8  offer slots: test_an_offers_slot_returns_when_all_is_back_and_opens_it_again
8  reward points: test_a_rewards_points_return_when_all_is_back_and_not_before
9  look up: test_a_member_is_found_by_any_part_of_what_is_known
9  one account per phone: test_there_is_one_account_for_a_phone_number_and_for_a_card
9  PINs: test_from_the_first_operator_on_a_till_asks_for_name_and_pin
9  locked out: test_after_too_many_wrong_pins_the_right_one_waits_too
9  rights: test_the_rights_of_the_specification
9  approval: test_a_manager_approves_on_the_spot_and_the_journal_names_both
9  receipts: test_each_till_numbers_its_receipts_without_gaps
9  parked: test_nothing_is_held_and_the_preview_says_what_no_longer_applies
9  the open basket: test_the_open_basket_survives_a_kill
9  shifts: test_expected_is_float_plus_cash_sales_without_change_less_cash_refunds_and_movements
9  X and Z: test_there_is_one_z_report_of_a_shift_and_the_same_key_gives_it_again
10 the example: test_the_example_of_the_specification_in_python
10 mixes: test_vouchers_are_drawn_first_and_the_last_tender_takes_what_is_left
10 settings: test_the_environment_goes_over_the_file
10 errors: test_every_refusal_in_the_code_is_in_the_table_and_the_other_way_round
"""
"""Section, rule, and a test that tells it, in this file or in another."""


def test_each_rule_is_told_by_a_test() -> None:
    folder = Path(__file__).parents[1]
    written = "\n".join(file.read_text(encoding="utf-8") for file in folder.rglob("test_*.py"))
    there = set(re.findall(r"^(?:async )?def (test_\w+)", written, re.MULTILINE))
    named = [line.rpartition(": ")[2] for line in RULES.strip().splitlines()]
    assert [name for name in named if name not in there] == []


CARD: dict[str, Any] = {"kind": "card", "number": "4242 4242 4242 4242"}
DECLINED: dict[str, Any] = {"kind": "card", "number": "4000 0000 0000 0002"}


@pytest.fixture
def mira(office: Store) -> str:
    """Give a member with 500 points."""
    member = office.members.create(name="Mira Olsen").id
    return office.members.adjust(member, points=500, reason="welcome").id


def refusal(store: Store, **sale: Any) -> str:
    with pytest.raises(CodeRefused) as refused:
        store.payments.create(**sale)
    return refused.value.code


# == 2. validation is a preview; capture is the commit ========================================================


def test_what_a_payment_holds_for_15_minutes_counts_as_used_for_everyone_else(till: Store, mira: str) -> None:
    till.coupons.create(code="LAST", percent_off=10, max_redemptions=1)
    tenth = {"type": "percentage_discount", "percent": 10}
    till.offers.publish(till.offers.create(name="Offer", incentive=tenth, max_redemptions=1).id)
    gift, five = till.vouchers.issue(value=2000), till.rewards.create(name="5 off", points=500, amount_off=500)
    uses: dict[str, Any] = {"customer": mira, "coupon": "LAST", "voucher": gift.code, "reward": five.id}
    held = till.payments.open(items=goods(10_000), **uses, tender="card")
    assert (held.status, held.expires_at) == ("pending", held.created + 15 * 60)

    other = till.members.create(name="Bo").id
    assert refusal(till, items=goods(1000), coupon="LAST") == "limit_reached"
    assert refusal(till, items=goods(1000), voucher=gift.code) == "insufficient_balance"
    assert refusal(till, items=goods(1000), customer=mira, reward=five.id) == "insufficient_points"
    assert till.payments.create(items=goods(1000), customer=other).discount_amount == 0

    till.payments.cancel(held.id)
    assert till.payments.create(items=goods(10_000), **uses).discount_amount == 1000 + 900 + 500


def test_the_same_key_returns_the_first_result_for_ever(till: Store, clock: FixedClock) -> None:
    till.coupons.create(code="SPRING15", percent_off=15, max_redemptions=1)
    sale: dict[str, Any] = {"items": [{"id": LAMP}], "coupon": "SPRING15", "idempotency_key": "first"}
    first = till.payments.create(**sale)
    till.coupons.delete("SPRING15")
    clock.at += 10 * 365 * 86_400
    assert till.payments.create(**sale) == first


def test_what_is_put_on_the_shelf_twice_under_one_key_is_put_there_once(till: Store) -> None:
    tote = till.rewards.create(name="Tote bag", points=300, item=True, stock=1)
    stocks = [till.rewards.update(tote.id, restock=5, idempotency_key="delivery").stock for _ in range(2)]
    assert stocks == [6, 6]
    with pytest.raises(IdempotencyConflict):
        till.rewards.update(tote.id, restock=6, idempotency_key="delivery")


class TickingClock:
    """A clock on which every reading takes a second."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> int:
        self.at += 1
        return self.at


def test_a_commit_reads_the_clock_once(url: str) -> None:
    till = open_shop(url, TickingClock()).sign_in(till="1")  # type: ignore[arg-type]
    till.coupons.create(code="TEN", percent_off=10)
    gift = till.vouchers.issue(value=500)
    paid = till.payments.create(items=[{"id": LAMP}, {"id": GIFT}], coupon="TEN", voucher=gift.code)
    times = {paid.created, paid.captured_at, *(one.redeemed_at for one in paid.redemptions)}
    times |= {voucher.created for voucher in paid.vouchers_sold}
    told = [event for event in till.events.list(till="1").data if event.data.get("payment", event.subject) == paid.id]
    assert {"payment.captured", "coupon.redeemed", "voucher.redeemed"} < {event.type for event in told}
    assert times == {event.at for event in told} == {paid.created}
    assert till.audit() == []
    till.close()


# == 3. pricing: the worked numbers, previewed and sold =======================================================


@pytest.mark.parametrize(
    ("prices", "terms", "discounts", "due"),
    [
        pytest.param([8000], {"percent_off": 15}, [1200], 6800, id="15 % of 8000"),
        pytest.param([3350], {"percent_off": 15}, [503], 2847, id="15 % of 3350"),
        pytest.param([333, 333, 333], {"percent_off": 10}, [34, 33, 33], 899, id="10 % of 3 x 333"),
        pytest.param([640], {"amount_off": 1000}, [640], 0, id="1000 off 640"),
        pytest.param([5000], {"percent_off": 10, "min_order_value": 5000}, [500], 4500, id="5000 qualifies for 5000"),
        pytest.param(
            [2000, 3000, 1000],
            {"percent_off": 20, "product_ids": ["sku-1", "sku-2"], "excluded_product_ids": ["sku-2"]},
            [400, 0, 0],
            5600,
            id="listed, listed and excluded, neither",
        ),
    ],
)
def test_worked_discounts(
    till: Store, prices: list[int], terms: dict[str, Any], discounts: list[int], due: int
) -> None:
    till.coupons.create(code="CODE", **terms)
    items = tuple(Item(f"sku-{no}", 1, price, "Goods") for no, price in enumerate(prices, start=1))
    basket = Basket(items, codes=("CODE",))
    preview, sold = till.quote(basket), till.payments.create(basket=basket)
    assert [line.discount for line in sold.lines] == [line.discount for line in preview.lines] == discounts
    assert sold.due == preview.due == due


def test_coupon_then_reward_then_voucher(till: Store, mira: str) -> None:
    till.coupons.create(code="SPRING15", percent_off=15)
    gift, five = till.vouchers.issue(value=2500), till.rewards.create(name="5 off", points=500, amount_off=500)
    sold = till.payments.create(
        items=goods(10_000), customer=mira, coupon="SPRING15", reward=five.id, voucher=gift.code
    )
    assert [one.amount for one in sold.redemptions] == [1500, 500, 2500]
    assert (sold.amount, sold.due) == (8000, 5500)


STACKED: dict[str, dict[str, Any]] = {
    "A20": {"percent_off": 20, "priority": 3},
    "B10": {"percent_off": 10, "priority": 2},
    "C100": {"amount_off": 100, "priority": 1},
}


@pytest.mark.parametrize(
    ("priorities", "amounts", "due"),
    [
        pytest.param({}, {"C100": 100, "B10": 90, "A20": 162}, 648, id="by priority"),
        pytest.param({"priority": 0}, {"A20": 200, "B10": 80, "C100": 100}, 620, id="then by code"),
    ],
)
def test_the_order_of_stackable_coupons(
    till: Store, priorities: dict[str, Any], amounts: dict[str, int], due: int
) -> None:
    for code, terms in STACKED.items():
        till.coupons.create(code=code, stackable=True, **terms | priorities)
    sold = till.payments.create(items=goods(1000), coupons=["B10", "A20", "C100"])
    assert ({one.code: one.amount for one in sold.redemptions}, sold.due) == (amounts, due)


@pytest.mark.parametrize(
    ("currency", "price", "discount", "shown"), [("JPY", 3333, 500, "¥500"), ("KWD", 12_345, 1852, "KWD1.852")]
)
def test_currencies_without_decimals_and_with_three(
    url: str, currency: str, price: int, discount: int, shown: str
) -> None:
    till = open_shop(url, currency=currency).sign_in(till="1")
    till.coupons.create(code="SPRING15", percent_off=15)
    sold = till.payments.create(amount=price, currency=currency, coupon="SPRING15")
    assert (sold.discount_amount, sold.due) == (discount, price - discount)
    assert till.shop.currency.format(discount, "en", symbol=True) == shown
    assert till.audit() == []
    till.close()


def test_cash_is_rounded_to_the_smallest_coin_and_a_card_pays_the_exact_amount(url: str) -> None:
    till = open_shop(url, smallest_coin=5).sign_in(till="1")
    cash = till.payments.create(amount=1992, tenders=[{"kind": "cash", "tendered": 2000}])
    assert (cash.due, cash.rounding, cash.tenders[0].amount, cash.change) == (1992, -2, 1990, 10)
    card = till.payments.create(amount=1992, tenders=[CARD])
    assert (card.rounding, card.tenders[0].amount) == (0, 1992)
    assert till.audit() == []
    till.close()


# == 3. pricing: the rules ====================================================================================


def test_a_fixed_discount_that_is_cut_uses_its_slot_and_carries_nothing_over(till: Store) -> None:
    till.coupons.create(code="TENNER", amount_off=1000, max_redemptions=1)
    assert till.payments.create(items=goods(640), coupon="TENNER").due == 0
    assert refusal(till, items=goods(640), coupon="TENNER") == "limit_reached"


def test_a_coupon_without_an_eligible_item_uses_no_slot(till: Store) -> None:
    till.coupons.create(code="HOME", percent_off=10, category="home", excluded_product_ids=[CUP])
    assert refusal(till, items=[{"id": TEA}, {"id": CUP}], coupon="HOME") == "no_eligible_items"
    assert till.coupons.get("HOME").times_redeemed == 0
    assert till.payments.create(items=[{"id": LAMP}, {"id": CUP}], coupon="HOME").discount_amount == 200


def test_one_coupon_unless_both_are_stackable(till: Store) -> None:
    till.coupons.create(code="ALONE", percent_off=10)
    till.coupons.create(code="STACKS", percent_off=10, stackable=True)
    assert refusal(till, items=goods(1000), coupons=["ALONE", "STACKS"]) == "not_combinable"


def test_vouchers_are_tender_and_touch_no_tax_base(till: Store) -> None:
    gift = till.vouchers.issue(value=1500)
    plain, paid = (till.payments.create(items=[{"id": LAMP}, {"id": TEA}], vouchers=used) for used in ([], [gift.code]))
    assert (paid.due, paid.taxes) == (plain.due - 1500, plain.taxes)


def test_vouchers_on_sale_are_never_discounted_and_cannot_be_paid_with_a_voucher(till: Store) -> None:
    till.coupons.create(code="TEN", percent_off=10)
    gift = till.vouchers.issue(value=9000)
    sold = till.payments.create(items=[{"id": GIFT}, {"id": TEA}], coupon="TEN", voucher=gift.code)
    assert [line.discount for line in sold.lines] == [0, 100]
    assert (sold.voucher_amount, sold.due) == (899, 2500)


def test_the_reasons_in_their_order() -> None:
    assert (
        list(REASONS)
        == (
            "not_found mistyped inactive not_started expired limit_reached customer_limit member_required below_minimum"
            " no_eligible_items currency_mismatch insufficient_balance already_applied not_combinable not_eligible"
            " offer_limit_reached reward_unavailable insufficient_points"
        ).split()
    )


def test_the_figure_that_would_make_a_code_valid_is_named(till: Store) -> None:
    till.coupons.create(code="SPRING15", percent_off=15, min_order_value=5000)
    check = till.coupons.validate("SPRING15", order_amount=4550)
    assert check.message == "SPRING15 needs a bigger basket; 4.50 more qualifies."


# == 6. loyalty ===============================================================================================


@pytest.mark.parametrize(("rate", "points"), [(1, 31), (2.5, 78), (0.1, 3), (0, 0)])
def test_points_are_earned_at_the_shops_rate_floored_once_per_order(url: str, rate: float, points: int) -> None:
    till = open_shop(url, points_rate=rate).sign_in(till="1")
    mira = till.members.create(name="Mira Olsen").id
    sold = till.payments.create(items=[*goods(1050), *goods(2099)], customer=mira)
    assert (sold.points_earned, till.members.get(mira).points) == (points, points)
    assert till.audit() == []
    till.close()


def test_every_points_transaction_has_its_event(till: Store, mira: str) -> None:
    bonus = {"type": "points_multiplier", "multiplier": 2}
    till.offers.publish(till.offers.create(name="Double", incentive=bonus).id)
    till.coupons.create(code="CLUB100", points=100)
    tote = till.rewards.create(name="Tote bag", points=300, item=True)
    sold = till.payments.create(items=goods(3149), customer=mira, coupon="CLUB100")
    claimed = till.loyalty.redemptions.create(account=mira, reward=tote.id)
    till.loyalty.redemptions.reverse(claimed.id, reason="item_returned")
    till.payments.refund(sold.id)
    rows = [row for row in till.members.points(mira, limit=100).data if row.account == "points"]
    told = [event for event in till.events.list(subject=mira).data if event.type.startswith("points.")]
    assert [f"points.{row.kind}" for row in reversed(rows)] == [event.type for event in told]
    assert {row.kind for row in rows} == {
        "adjusted",
        "earned",
        "multiplied",
        "awarded",
        "redeemed",
        "returned",
        "clawed_back",
    }


# == 8. refunds ===============================================================================================


def test_nothing_is_priced_again_and_no_condition_tested_again(till: Store) -> None:
    coupon = till.coupons.create(code="TEN", percent_off=10, min_order_value=3000)
    sold = till.payments.create(items=[{"id": LAMP}, {"id": TEA}, {"id": CUP}], coupon="TEN")
    till.coupons.revise(coupon.id, value=50, conditions={"min_order_value": 9000})
    till.products.load([ProductRow(TEA, "Tea", 1, None, None, None, line=1)])
    assert till.payments.refund(sold.id, [{"line": 2}]).amount == 899
    assert till.payments.refund(sold.id).amount == 1799 + 451


# == 9. members, operators, tills =============================================================================


def test_each_till_numbers_its_receipts_without_gaps(office: Store) -> None:
    one, two = (office.sign_in(till=till, operator="Ana") for till in ("1", "2"))
    one.payments.create(items=goods(100), tenders=[DECLINED])
    one.payments.cancel(one.payments.open(items=goods(100), tender="card").id)
    with pytest.raises(CodeRefused):
        one.payments.create(items=goods(100), coupon="NONE")
    numbers = [till.payments.create(items=goods(100)).receipt_number for till in (one, two, one)]
    assert numbers == ["1-000001", "2-000001", "1-000002"]
    assert office.audit() == []
    one.close()
    two.close()


# == 10. the public Python API ================================================================================


def test_the_example_of_the_specification_in_python(url: str, clock: FixedClock) -> None:
    store = Store.open(url, currency="EUR", clock=clock)
    store.coupons.create(code="SPRING15", percent_off=15, max_redemptions=500, expires_at="2026-09-30T23:59:59Z")
    batch = store.vouchers.create_batch(count=1000, prefix="GIFT", value=2500, currency="EUR", single_use=True)
    member = store.members.create(name="Mira Olsen")
    store.members.adjust(member.id, points=500, reason="welcome")
    reward = store.rewards.create(name="EUR 5.00 off", points=500, amount_off=500)
    rdm = store.loyalty.redemptions.create(account=member.account, reward=reward.id, idempotency_key="rdm-cart-9f31")
    gift = next(store.batches.codes(batch.id)).code

    check = store.coupons.validate("SPRING15", customer=member.id, order_amount=8000)
    assert (check.valid, check.reason, check.discount_amount, check.final_amount) == (True, None, 1200, 6800)
    assert all(condition.met for condition in check.details)

    pay = store.payments.create(
        items=[{"id": "sku-1", "price": 8000, "quantity": 1}],
        currency="EUR",
        customer=member.id,
        coupon="SPRING15",
        vouchers=[gift],
        discounts=[{"redemption": rdm.id}],
        tender="cash",
        idempotency_key="cart-9f31",
    )
    assert (pay.order_amount, pay.discount_amount, pay.tax_amount, pay.amount, pay.due) == (8000, 1700, 0, 6300, 3800)
    assert [(one.kind, one.amount, one.status) for one in pay.tenders] == [("cash", 3800, "captured")]
    assert {one.kind for one in pay.redemptions} == {"coupon", "reward", "voucher"}
    assert (pay.change, pay.points_earned, pay.status) == (0, 63, "captured")

    clock.at += 1
    opened = store.payments.open(amount=8000, coupon="SPRING15", tenders=[CARD])
    assert store.payments.capture(opened.id, numbers=[CARD["number"]]).status == "captured"
    store.payments.cancel(store.payments.open(amount=8000, tenders=[CARD]).id)
    refund = store.payments.refund(pay.id, items=None, reason="returned", idempotency_key="ref-1")
    assert (refund.amount, refund.points, len(refund.items)) == (6300, 63, 1)
    assert {one.kind: one.amount for one in refund.tenders} == {"voucher": 2500, "cash": 3800}
    assert store.payments.recover() == ()

    page = store.redemptions.list(coupon="SPRING15", limit=1)
    assert (page.data[0].payment, page.has_more, page.total, page.next) == (opened.id, True, 2, "1")
    assert store.audit() == []
    store.close()


def test_vouchers_are_drawn_first_and_the_last_tender_takes_what_is_left(till: Store) -> None:
    for due in (3500, 4200):
        gift = till.vouchers.issue(value=1000)
        last = {"amount": 2500} if due == 3500 else {}
        tenders = [{"kind": "cash", "tendered": 1000}, CARD | last]
        paid = till.payments.create(items=goods(due + 1000), voucher=gift.code, tenders=tenders)
        assert (paid.due, [(one.kind, one.amount) for one in paid.tenders]) == (
            due,
            [("cash", 1000), ("card", due - 1000)],
        )
