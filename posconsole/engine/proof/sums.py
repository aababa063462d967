"""The sums and counts that the audit checks where the rows are: one statement each, which returns what breaks it.

They hold on both databases. What needs the journal to be judged, and what has to pass in pages, stands in the proofs.
"""

from __future__ import annotations

from posconsole.engine.sale.salerows import HOLD

_PAID = "('captured', 'partially_refunded', 'refunded')"
_USED = "('applied', 'reversed', 'fulfillment_pending', 'fulfilled')"
_MEMBERS_USES = (
    "(SELECT r.id, r.status, COALESCE(r.coupon_id, r.offer_id) AS subject, COALESCE(m.merged_into, m.id) AS member_id"
    " FROM redemption r JOIN member m ON m.id = r.member_id WHERE r.kind IN ('coupon', 'offer'))"
)
_PREFIX = "SUBSTR(code_key, 1, LENGTH(code_key) - 12) AS prefix"
_MINTED = (
    f"SELECT {_PREFIX}, 'voucher' AS kind FROM voucher"
    f" UNION SELECT {_PREFIX}, 'reward' FROM redemption WHERE code_key IS NOT NULL"
    f" UNION SELECT {_PREFIX}, 'coupon' FROM coupon WHERE batch_id IS NOT NULL"
    # Canceled before its first code: the series is taken all the same. Only O, I and L are folded in a prefix.
    " UNION SELECT REPLACE(REPLACE(REPLACE(prefix, 'O', '0'), 'I', '1'), 'L', '1'), kind FROM batch"
)

BROKEN: dict[str, tuple[str, str]] = {
    "voucher_balance": (
        "the balance is {0}, its ledger sums to {1}",
        "SELECT v.id, v.balance, COALESCE(SUM(e.amount), 0) AS ledger FROM voucher v"
        " LEFT JOIN ledger_entry e ON e.account = 'voucher' AND e.subject = v.id"
        " GROUP BY v.id, v.balance HAVING v.balance <> COALESCE(SUM(e.amount), 0)",
    ),
    "voucher_adjusted": (
        "{0} is marked adjusted, its ledger says {1}",
        "SELECT v.id, v.adjusted, COALESCE(SUM(e.amount), 0) AS ledger FROM voucher v"
        " LEFT JOIN ledger_entry e ON e.account = 'voucher' AND e.subject = v.id AND e.kind = 'adjust'"
        " GROUP BY v.id, v.adjusted HAVING v.adjusted <> COALESCE(SUM(e.amount), 0)",
    ),
    "ledger_owner": (
        "a voucher's entry of {0} belongs to no voucher",
        "SELECT e.cause, e.amount FROM ledger_entry e LEFT JOIN voucher v ON v.id = e.subject"
        " WHERE e.account = 'voucher' AND v.id IS NULL",
    ),
    "ledger_balanced": (
        "the entries in {0} come to {1} instead of 0",
        "SELECT cause, unit, SUM(amount) AS rest FROM ledger_entry GROUP BY cause, unit HAVING SUM(amount) <> 0",
    ),
    "voucher_held": (
        "{0} is held, open payments claim {1}",
        "SELECT v.id, v.held, COALESCE(SUM(r.amount + r.forfeited + r.points), 0) AS claimed FROM voucher v"
        " LEFT JOIN redemption r ON r.voucher_id = v.id AND r.status = 'pending'"
        " GROUP BY v.id, v.held HAVING v.held <> COALESCE(SUM(r.amount + r.forfeited + r.points), 0)",
    ),
    "coupon_uses": (
        "it counts {0} uses and {1} holds, its redemptions are {2} and {3}",
        "SELECT c.id, c.times_redeemed, c.held, COALESCE(SUM(CASE WHEN r.status = 'applied' THEN 1 ELSE 0 END), 0) AS used,"
        " COALESCE(SUM(CASE WHEN r.status = 'pending' THEN 1 ELSE 0 END), 0) AS pending FROM coupon c"
        " LEFT JOIN redemption r ON r.coupon_id = c.id GROUP BY c.id, c.times_redeemed, c.held"
        " HAVING c.times_redeemed <> COALESCE(SUM(CASE WHEN r.status = 'applied' THEN 1 ELSE 0 END), 0)"
        " OR c.held <> COALESCE(SUM(CASE WHEN r.status = 'pending' THEN 1 ELSE 0 END), 0)",
    ),
    "coupon_cap": (
        "{0} uses are above its cap of {1}",
        "SELECT id, times_redeemed + held, max_redemptions FROM coupon WHERE times_redeemed + held > max_redemptions",
    ),
    "campaign_spent": (
        "{0} of its budget is spent and {1} held, its redemptions took {2} and claim {3}",
        "SELECT c.id, c.spent, c.held, COALESCE(SUM(CASE WHEN r.status <> 'pending' THEN r.amount - r.reversed ELSE 0 END), 0),"
        " COALESCE(SUM(CASE WHEN r.status = 'pending' THEN r.amount ELSE 0 END), 0) FROM campaign c"
        " LEFT JOIN redemption r ON r.campaign_id = c.id AND r.voucher_id IS NULL AND r.status <> 'released'"
        " GROUP BY c.id, c.spent, c.held"
        " HAVING c.spent <> COALESCE(SUM(CASE WHEN r.status <> 'pending' THEN r.amount - r.reversed ELSE 0 END), 0)"
        " OR c.held <> COALESCE(SUM(CASE WHEN r.status = 'pending' THEN r.amount ELSE 0 END), 0)",
    ),
    "campaign_budget": (
        "{0} spent and held are above its budget of {1}",
        "SELECT id, spent + held, budget FROM campaign WHERE spent + held > budget",
    ),
    "redemption_campaign": (
        "it counts for campaign {0}, its coupon is in {1}",
        "SELECT r.id, r.campaign_id, c.campaign_id FROM redemption r JOIN coupon c ON c.id = r.coupon_id"
        " WHERE COALESCE(r.campaign_id, '') <> COALESCE(c.campaign_id, '')",
    ),
    "member_uses": (
        "member {0} counts {1} uses, the live redemptions are {2}",
        "SELECT u.subject, u.member_id, u.uses, COUNT(r.id) AS live FROM member_use u"
        f" LEFT JOIN {_MEMBERS_USES} r ON r.subject = u.subject AND r.member_id = u.member_id"
        " AND r.status IN ('pending', 'applied')"
        " GROUP BY u.subject, u.member_id, u.uses HAVING u.uses <> COUNT(r.id)",
    ),
    "member_use_missing": (
        "member {0}'s uses are not counted",
        f"SELECT DISTINCT r.subject, r.member_id FROM {_MEMBERS_USES} r LEFT JOIN member_use u"
        " ON u.subject = r.subject AND u.member_id = r.member_id WHERE u.subject IS NULL",
    ),
    "member_points": (
        "the balance is {0} points, its ledger sums to {1}",
        "SELECT m.id, m.points, COALESCE(SUM(e.amount), 0) AS ledger FROM member m"
        " LEFT JOIN ledger_entry e ON e.account = 'points' AND e.subject = m.id"
        " GROUP BY m.id, m.points HAVING m.points <> COALESCE(SUM(e.amount), 0)",
    ),
    "member_debt": (
        "{0} points are owed, the ledger sums to {1}",
        "SELECT m.id, m.points_debt, COALESCE(-SUM(e.amount), 0) AS ledger FROM member m"
        " LEFT JOIN ledger_entry e ON e.account = 'points_debt' AND e.subject = m.id"
        " GROUP BY m.id, m.points_debt HAVING m.points_debt <> COALESCE(-SUM(e.amount), 0)",
    ),
    "points_owner": (
        "an entry of {0} points belongs to no member",
        "SELECT e.cause, e.amount FROM ledger_entry e LEFT JOIN member m ON m.id = e.subject"
        " WHERE e.account IN ('points', 'points_debt') AND m.id IS NULL",
    ),
    "merged": (
        "it was merged into {0}, and {1} was left behind",
        "SELECT m.id, m.merged_into, 'another merger' FROM member m JOIN member k ON k.id = m.merged_into"
        " WHERE k.merged_into IS NOT NULL"
        " UNION ALL SELECT m.id, m.merged_into, 'a balance' FROM member m"
        " WHERE m.merged_into IS NOT NULL AND (m.points <> 0 OR m.points_debt <> 0)"
        " UNION ALL SELECT m.id, m.merged_into, 'a counted use' FROM member m JOIN member_use u ON u.member_id = m.id"
        " WHERE m.merged_into IS NOT NULL"
        " UNION ALL SELECT m.id, m.merged_into, 'a segment' FROM member m JOIN segment_member s ON s.member_id = m.id"
        " WHERE m.merged_into IS NOT NULL"
        " UNION ALL SELECT m.id, m.merged_into, 'an activation' FROM member m"
        " JOIN offer_activation a ON a.member_id = m.id WHERE m.merged_into IS NOT NULL",
    ),
    "offer_uses": (
        "it counts {0} uses and {1} holds, its redemptions are {2} and {3}",
        "SELECT o.id, o.times_redeemed, o.held, COUNT(CASE WHEN r.status = 'applied' THEN 1 END) AS used,"
        " COUNT(CASE WHEN r.status = 'pending' THEN 1 END) AS pending FROM offer o"
        " LEFT JOIN redemption r ON r.offer_id = o.id GROUP BY o.id, o.times_redeemed, o.held"
        " HAVING o.times_redeemed <> COUNT(CASE WHEN r.status = 'applied' THEN 1 END)"
        " OR o.held <> COUNT(CASE WHEN r.status = 'pending' THEN 1 END)",
    ),
    "offer_cap": (
        "{0} uses are above its cap of {1}",
        "SELECT id, times_redeemed + held, max_redemptions FROM offer WHERE times_redeemed + held > max_redemptions",
    ),
    "offer_member_limit": (
        "member {0} has had it {1} times, {2} are given",
        "SELECT o.id, r.member_id, COUNT(*) AS had, o.per_member_limit FROM offer o JOIN redemption r"
        " ON r.offer_id = o.id AND r.status IN ('pending', 'applied')"
        " GROUP BY o.id, r.member_id, o.per_member_limit HAVING COUNT(*) > o.per_member_limit",
    ),
    "offer_end": (
        "{0} of {1} are redeemed, and its journal tells otherwise",
        "SELECT id, times_redeemed, max_redemptions FROM offer WHERE state <> 'draft'"
        " AND times_redeemed >= max_redemptions AND expired_told <> true",
    ),
    "offer_redemption": (
        "it gave {0} off and {1} points, which its offer does not",
        "SELECT r.id, r.amount, r.points FROM redemption r JOIN offer o ON o.id = r.offer_id"
        " WHERE r.member_id IS NULL OR r.created_at < o.starts_at OR r.created_at > o.ends_at"
        " OR r.amount > o.max_discount OR (r.amount > 0 AND o.incentive NOT IN ('percentage_discount', 'gift_reward'))"
        " OR (o.incentive = 'points_bonus' AND r.points <> o.points)"
        " OR (r.points > 0 AND o.incentive NOT IN ('points_multiplier', 'points_bonus'))"
        " OR (r.payment_id IS NULL AND (o.incentive <> 'points_bonus' OR o.activation <> 'opt_in'))",
    ),
    "order_lines": (
        "the lines do not add up to the order",
        "SELECT o.id FROM orders o JOIN order_line l ON l.order_id = o.id GROUP BY o.id"
        " HAVING o.order_amount <> SUM(l.unit_price * l.quantity) OR o.discount_amount <> SUM(l.discount)"
        " OR o.tax_amount <> SUM(l.tax) OR o.amount <> SUM(l.total)",
    ),
    "order_empty": (
        "the order has no lines",
        "SELECT o.id FROM orders o LEFT JOIN order_line l ON l.order_id = o.id WHERE l.no IS NULL",
    ),
    "line_total": (
        "line {0} does not come to its total",
        "SELECT l.order_id, l.no FROM order_line l JOIN orders o ON o.id = l.order_id WHERE l.total <>"
        " l.unit_price * l.quantity - l.discount + CASE WHEN o.prices_include_tax THEN 0 ELSE l.tax END",
    ),
    "line_discount": (
        "line {0} has a discount of {1}, its shares sum to {2}",
        "SELECT l.order_id, l.no, l.discount, COALESCE(SUM(s.amount), 0) AS shares FROM order_line l"
        " LEFT JOIN discount_share s ON s.order_id = l.order_id AND s.line_no = l.no"
        " GROUP BY l.order_id, l.no, l.discount HAVING l.discount <> COALESCE(SUM(s.amount), 0)",
    ),
    "redemption_shares": (
        "the discount is {0}, its shares sum to {1}",
        "SELECT r.id, r.amount, COALESCE(SUM(s.amount), 0) AS shares FROM redemption r"
        " LEFT JOIN discount_share s ON s.redemption_id = r.id WHERE r.coupon_id IS NOT NULL"
        " GROUP BY r.id, r.amount HAVING r.amount <> COALESCE(SUM(s.amount), 0)",
    ),
    "payment_order": (
        "it takes {0} for an order of {1}",
        "SELECT p.id, p.amount, o.amount AS ordered FROM payment p JOIN orders o ON o.id = p.order_id"
        " WHERE p.amount <> o.amount OR p.till_id <> o.till_id",
    ),
    "payment_vouchers": (
        "vouchers pay {0}, their redemptions sum to {1}",
        "SELECT p.id, p.voucher_amount, COALESCE(SUM(r.amount), 0) AS drawn FROM payment p"
        " LEFT JOIN redemption r ON r.payment_id = p.id AND r.voucher_id IS NOT NULL"
        " GROUP BY p.id, p.voucher_amount HAVING p.voucher_amount <> COALESCE(SUM(r.amount), 0)",
    ),
    "payment_tenders": (
        "{0} is due after rounding, the tenders sum to {1}",
        "SELECT p.id, p.due + p.rounding, COALESCE(SUM(t.amount), 0) AS paid FROM payment p"
        " LEFT JOIN tender t ON t.payment_id = p.id GROUP BY p.id, p.due, p.rounding"
        " HAVING p.due + p.rounding <> COALESCE(SUM(t.amount), 0)",
    ),
    "tender_status": (
        "a tender is {0} while its payment is {1}",
        "SELECT t.id, t.status, p.status AS paid FROM tender t JOIN payment p ON p.id = t.payment_id"
        f" WHERE (p.status IN {_PAID}) <> (t.status = 'captured') AND p.status <> 'pending'",
    ),
    "redemption_status": (
        "it is {0} while its payment is {1}",
        "SELECT r.id, r.status, p.status AS paid FROM redemption r JOIN payment p ON p.id = r.payment_id"
        f" WHERE (r.status IN {_USED}) <> (p.status IN {_PAID}) OR (r.status = 'pending') <> (p.status = 'pending')"
        # A reward is taken back by itself, and what was handed over stays when all else is refunded.
        " OR (r.status = 'reversed') <> (p.status = 'refunded') AND r.kind <> 'reward'",
    ),
    "sold_voucher": (
        "it is {0}, the sale that sold it is {1}",
        "SELECT v.id, v.status, p.status AS sale FROM voucher v JOIN payment p ON p.id = v.payment_id"
        " WHERE (v.status = 'issued') <> (p.status = 'pending')"
        " OR (v.status <> 'void' AND p.status IN ('declined', 'canceled', 'expired'))",
    ),
    "voucher_time": (
        "it was drawn on at {0}, and it was good until {1}",
        "SELECT r.id, r.created_at, v.expires_at FROM redemption r JOIN voucher v ON v.id = r.voucher_id"
        " WHERE r.created_at > v.expires_at",
    ),
    "refunded_quantity": (
        "of line {0}, {1} are marked refunded and {2} came back",
        "SELECT l.order_id, l.no, l.refunded, COALESCE(SUM(rl.quantity), 0) AS back FROM order_line l"
        " JOIN payment p ON p.order_id = l.order_id LEFT JOIN refund f ON f.payment_id = p.id"
        " LEFT JOIN refund_line rl ON rl.refund_id = f.id AND rl.line_no = l.no"
        " GROUP BY l.order_id, l.no, l.refunded HAVING l.refunded <> COALESCE(SUM(rl.quantity), 0)",
    ),
    "refunded_amount": (
        "{0} is marked refunded, the refunds sum to {1}",
        "SELECT p.id, p.refunded_amount, COALESCE(SUM(f.amount), 0) AS back FROM payment p"
        " LEFT JOIN refund f ON f.payment_id = p.id"
        " GROUP BY p.id, p.refunded_amount HAVING p.refunded_amount <> COALESCE(SUM(f.amount), 0)",
    ),
    "refund_status": (
        "it is {0} with {1} of {2} units back",
        "SELECT p.id, p.status, SUM(l.refunded) AS back, SUM(l.quantity) AS sold FROM payment p"
        f" JOIN order_line l ON l.order_id = p.order_id WHERE p.status IN {_PAID} GROUP BY p.id, p.status"
        " HAVING p.status <> CASE WHEN SUM(l.refunded) = 0 THEN 'captured'"
        " WHEN SUM(l.refunded) = SUM(l.quantity) THEN 'refunded' ELSE 'partially_refunded' END",
    ),
    "refund_lines": (
        "the lines sum to {1}, the refund is {0}",
        "SELECT f.id, f.amount, COALESCE(SUM(rl.amount), 0) AS lines FROM refund f"
        " LEFT JOIN refund_line rl ON rl.refund_id = f.id"
        " GROUP BY f.id, f.amount HAVING f.amount <> COALESCE(SUM(rl.amount), 0)",
    ),
    "refunded_line": (
        "{1} was paid for line {0}, the refunds gave {2} back",
        "SELECT l.order_id, l.no, l.total, SUM(rl.amount) AS back FROM order_line l"
        " JOIN payment p ON p.order_id = l.order_id JOIN refund f ON f.payment_id = p.id"
        " JOIN refund_line rl ON rl.refund_id = f.id AND rl.line_no = l.no"
        " GROUP BY l.order_id, l.no, l.total HAVING SUM(rl.amount) > l.total",
    ),
    "refund_tenders": (
        "{0} goes back after rounding, the tenders give {1}",
        "SELECT f.id, f.amount + f.rounding, COALESCE(SUM(t.amount), 0) AS given FROM refund f"
        " LEFT JOIN refund_tender t ON t.refund_id = f.id"
        " GROUP BY f.id, f.amount, f.rounding HAVING f.amount + f.rounding <> COALESCE(SUM(t.amount), 0)",
    ),
    "tender_refunded": (
        "{0} is marked given back, the refunds gave {1}",
        "SELECT t.id, t.refunded, COALESCE(SUM(b.amount), 0) AS back FROM tender t"
        " LEFT JOIN refund_tender b ON b.tender_id = t.id"
        " GROUP BY t.id, t.refunded HAVING t.refunded <> COALESCE(SUM(b.amount), 0)",
    ),
    "voucher_refunded": (
        "{0} is marked reversed, the refunds gave {1} back",
        "SELECT r.id, r.reversed, COALESCE(SUM(b.amount), 0) AS back FROM redemption r"
        " LEFT JOIN refund_tender b ON b.redemption_id = r.id"
        " WHERE r.voucher_id IS NOT NULL GROUP BY r.id, r.reversed HAVING r.reversed <> COALESCE(SUM(b.amount), 0)",
    ),
    "refund_revision": (
        "its revision is {0}, it has {1} refunds",
        "SELECT p.id, p.revision, COUNT(f.id) AS refunds FROM payment p LEFT JOIN refund f ON f.payment_id = p.id"
        " GROUP BY p.id, p.revision HAVING p.revision <> COUNT(f.id)",
    ),
    "refund_points": (
        "it earned {0} points, its refunds took {1} back",
        "SELECT p.id, p.points, COALESCE(SUM(f.points), 0) AS back FROM payment p"
        " LEFT JOIN refund f ON f.payment_id = p.id GROUP BY p.id, p.points, p.status"
        " HAVING COALESCE(SUM(f.points), 0) > p.points"
        " OR p.status = 'refunded' AND COALESCE(SUM(f.points), 0) <> p.points",
    ),
    "refund_credit": (
        "what it gave as credit and the vouchers for it differ by {0}",
        "SELECT COALESCE(v.source_id, e.cause) AS refund, SUM(e.amount) AS rest FROM ledger_entry e"
        " LEFT JOIN voucher v ON v.id = e.cause WHERE e.account = 'tender:credit'"
        " GROUP BY COALESCE(v.source_id, e.cause) HAVING SUM(e.amount) <> 0",
    ),
    "receipts": (
        "{0} receipts were numbered up to {1}, the counter stands at {2}",
        "SELECT t.id, COUNT(n.receipt) AS numbered, COALESCE(MAX(n.receipt), 0) AS highest, t.receipts FROM till t"
        " LEFT JOIN (SELECT till_id, receipt FROM payment WHERE receipt IS NOT NULL"
        " UNION ALL SELECT till_id, receipt FROM refund) n ON n.till_id = t.id GROUP BY t.id, t.receipts"
        " HAVING COUNT(n.receipt) <> t.receipts OR COUNT(DISTINCT n.receipt) <> t.receipts OR COALESCE(MAX(n.receipt), 0) <> t.receipts",
    ),
    "one_code": (
        "a coupon and a voucher have the same code",
        "SELECT c.id FROM coupon c JOIN voucher v ON v.code_key = c.code_key",
    ),
    "order_settings": (
        "the order is in {0}, the shop's settings are others",
        "SELECT o.id, o.currency FROM orders o CROSS JOIN shop s"
        " WHERE o.currency <> s.currency OR o.prices_include_tax <> s.prices_include_tax",
    ),
    "sale_time": (
        "it was made at {0}, its order at {1}",
        "SELECT p.id, p.created_at, o.created_at AS ordered FROM payment p JOIN orders o ON o.id = p.order_id"
        " WHERE p.created_at <> o.created_at"
        " UNION ALL SELECT r.id, r.created_at, p.created_at FROM redemption r JOIN payment p ON p.id = r.payment_id"
        # A reward may have been claimed before the sale that it was used on.
        " WHERE r.created_at > p.created_at OR r.created_at < p.created_at AND r.kind <> 'reward'"
        " UNION ALL SELECT v.id, v.created_at, p.created_at FROM voucher v JOIN payment p ON p.id = v.payment_id"
        " WHERE v.created_at <> p.created_at",
    ),
    "hold_time": (
        "it holds what it uses until {0}",
        "SELECT id, expires_at FROM payment WHERE COALESCE(expires_at, 0) <>"
        f" CASE WHEN status = 'pending' THEN created_at + {HOLD} ELSE 0 END",
    ),
    "reward_points": (
        "it is {0} and cost {1} points, its ledger took {2}",
        "SELECT r.id, r.status, r.points, COALESCE(SUM(e.amount), 0) AS taken FROM redemption r"
        " LEFT JOIN ledger_entry e ON e.cause = r.id AND e.account = 'points_given' WHERE r.kind = 'reward'"
        " GROUP BY r.id, r.status, r.points HAVING COALESCE(SUM(e.amount), 0) <>"
        " CASE WHEN r.status IN ('released', 'reversed') THEN 0 ELSE r.points END",
    ),
    "reward_credit": (
        "it is {0} and gave {1} vouchers of its value, {2} of them void",
        "SELECT r.id, r.status, COUNT(v.id) AS given, COUNT(CASE WHEN v.status = 'void' THEN 1 END) AS void"
        " FROM redemption r JOIN reward w ON w.id = r.reward_id LEFT JOIN voucher v"
        " ON v.source_id = r.id AND v.kind = 'money' AND v.initial_value = w.credit_value WHERE w.kind = 'credit'"
        " GROUP BY r.id, r.status HAVING COUNT(v.id) <> CASE WHEN r.status IN ('applied', 'reversed') THEN 1 ELSE 0 END"
        " OR (r.status = 'reversed' AND COUNT(CASE WHEN v.status = 'void' THEN 1 END) = 0)",
    ),
    "reward_kept": (
        "a {1} that is {0} isn't kept as one",
        "SELECT r.id, r.status, COALESCE(w.kind, r.kind) FROM redemption r LEFT JOIN reward w ON w.id = r.reward_id WHERE"
        " (w.kind = 'discount' AND r.payment_id IS NULL AND (r.code IS NULL OR r.status NOT IN ('pending', 'reversed')))"
        " OR (w.id IS NOT NULL AND r.payment_id IS NULL AND (r.amount <> 0 OR r.forfeited <> 0))"
        " OR (w.kind = 'item' AND r.status = 'applied') OR (w.id IS NOT NULL AND r.multiplier IS NOT NULL)"
        " OR (COALESCE(w.kind, '') <> 'item' AND (r.status IN ('fulfillment_pending', 'fulfilled')"
        " OR r.shipping IS NOT NULL OR r.tracking IS NOT NULL))"
        " OR (COALESCE(w.kind, '') <> 'discount' AND r.code IS NOT NULL)",
    ),
    "shift_perpetual": (
        "the till's grand total grew from {0} to {1}, its sales came to {2}",
        "SELECT s.id, COALESCE(b.perpetual, 0), s.perpetual, COALESCE(SUM(p.amount), 0) AS taken FROM shift s"
        " LEFT JOIN shift b ON b.till_id = s.till_id AND b.no = s.no - 1 LEFT JOIN payment p"
        " ON p.till_id = s.till_id AND p.receipt > COALESCE(b.last_receipt, 0) AND p.receipt <= s.last_receipt"
        " WHERE s.closed_at IS NOT NULL GROUP BY s.id, b.perpetual, s.perpetual"
        " HAVING s.perpetual - COALESCE(b.perpetual, 0) <> COALESCE(SUM(p.amount), 0)",
    ),
    "shift_range": (
        "shift {0} of its till covers the receipts after {1} up to {2}, the one before up to {3}",
        "SELECT s.id, s.no, s.first_receipt, s.last_receipt, b.last_receipt AS before FROM shift s"
        " LEFT JOIN shift b ON b.till_id = s.till_id AND b.no = s.no - 1 WHERE (s.no > 1 AND b.closed_at IS NULL)"
        " OR s.first_receipt < COALESCE(b.last_receipt, 0) OR s.last_receipt < s.first_receipt",
    ),
    "shift_head": (
        "its journal's head is {0}, the journal was at {1}",
        "SELECT s.id, s.journal_head, b.hash FROM shift s JOIN event e ON e.subject = s.id AND e.type = 'shift.closed'"
        " JOIN event b ON b.till_id = e.till_id AND b.till_seq = e.till_seq - 1 WHERE s.journal_head <> b.hash",
    ),
    "shift_difference": (
        "{0} more was counted than expected, {1} is booked",
        "SELECT s.id, s.counted - s.expected, COALESCE(SUM(e.amount), 0) AS booked FROM shift s"
        " LEFT JOIN ledger_entry e ON e.cause = s.id AND e.account = 'difference' WHERE s.closed_at IS NOT NULL"
        " GROUP BY s.id, s.counted, s.expected HAVING s.counted - s.expected <> COALESCE(SUM(e.amount), 0)",
    ),
    "cash_moved": (
        "{0} was moved, {1} is booked",
        "SELECT m.id, m.amount, COALESCE(SUM(e.amount), 0) AS booked FROM cash_movement m"
        " LEFT JOIN ledger_entry e ON e.cause = m.id AND e.account = 'cash_moved'"
        " GROUP BY m.id, m.amount HAVING m.amount <> COALESCE(SUM(e.amount), 0)",
    ),
    "code_series": (
        "the series of minted codes and the codes do not belong together",
        f"SELECT c.prefix FROM ({_MINTED}) c LEFT JOIN code_series s ON s.prefix = c.prefix AND s.kind = c.kind"
        " WHERE s.prefix IS NULL UNION ALL SELECT s.prefix FROM code_series s"
        f" LEFT JOIN ({_MINTED}) c ON c.prefix = s.prefix AND c.kind = s.kind WHERE c.prefix IS NULL",
    ),
}
"""For each check, what is wrong in words, and the statement that returns a row (subject, figures …) per breach."""
