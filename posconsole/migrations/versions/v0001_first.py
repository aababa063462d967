"""The first schema: a sale with coupons and vouchers, taken and given back."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "code_series",
        sa.Column("prefix", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_code_series")),
    )
    op.create_table(
        "coupon",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("code_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("percent_off", sa.Integer(), nullable=True),
        sa.Column("amount_off", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("min_order_value", sa.BigInteger(), nullable=True),
        sa.Column("max_discount", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.BigInteger(), nullable=True),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("customer_limit", sa.Integer(), nullable=True),
        sa.Column("product_ids", sa.Text(), nullable=False),
        sa.Column("excluded_product_ids", sa.Text(), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("stackable", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("max_redemptions", sa.BigInteger(), nullable=True),
        sa.Column("times_redeemed", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(percent_off IS NULL) <> (amount_off IS NULL)", name=op.f("ck_coupon_one_value")),
        sa.CheckConstraint(
            "amount_off IS NULL OR (amount_off > 0 AND currency IS NOT NULL)", name=op.f("ck_coupon_amount_off")
        ),
        sa.CheckConstraint(
            "max_redemptions IS NULL OR times_redeemed + held <= max_redemptions", name=op.f("ck_coupon_cap")
        ),
        sa.CheckConstraint("percent_off BETWEEN 1 AND 10000", name=op.f("ck_coupon_percent_off")),
        sa.CheckConstraint("times_redeemed >= 0 AND held >= 0", name=op.f("ck_coupon_uses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon")),
        sa.UniqueConstraint("code_key", name=op.f("uq_coupon_code_key")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_entry_amount")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_entry")),
    )
    op.create_index(op.f("ix_ledger_entry_account_subject"), "ledger_entry", ["account", "subject"], unique=False)
    op.create_index(op.f("ix_ledger_entry_cause"), "ledger_entry", ["cause"], unique=False)
    op.create_table(
        "member",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("phone_key", sa.String(), nullable=True),
        sa.Column("card", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("card", name=op.f("uq_member_card")),
        sa.UniqueConstraint("phone_key", name=op.f("uq_member_phone_key")),
    )
    op.create_table(
        "product",
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("barcode", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("voucher_value", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_product_price")),
        sa.CheckConstraint("tax_rate BETWEEN 0 AND 10000", name=op.f("ck_product_tax_rate")),
        sa.CheckConstraint(
            "voucher_value IS NULL OR (voucher_value > 0 AND tax_rate = 0)", name=op.f("ck_product_voucher")
        ),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_product")),
        sa.UniqueConstraint("barcode", name=op.f("uq_product_barcode")),
    )
    op.create_table(
        "shop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("smallest_coin", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_shop_one_row")),
        sa.CheckConstraint("smallest_coin > 0", name=op.f("ck_shop_coin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
    )
    op.create_table(
        "till",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("receipts", sa.BigInteger(), nullable=False),
        sa.Column("journal_seq", sa.BigInteger(), nullable=False),
        sa.Column("journal_head", sa.String(), nullable=False),
        sa.CheckConstraint("receipts >= 0 AND journal_seq >= 0", name=op.f("ck_till_counters")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till")),
    )
    op.create_table(
        "event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("till_id", sa.String(), nullable=False),
        sa.Column("till_seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_event_till_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("till_id", "till_seq", name=op.f("uq_event_till_id_till_seq")),
    )
    op.create_index(op.f("ix_event_subject"), "event", ["subject"], unique=False)
    op.create_index(op.f("ix_event_type_seq"), "event", ["type", "seq"], unique=False)
    op.create_table(
        "member_use",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.CheckConstraint("uses >= 0", name=op.f("ck_member_use_uses")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_use_member_id")),
        sa.PrimaryKeyConstraint("subject", "member_id", name=op.f("pk_member_use")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("till_id", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("order_amount", sa.BigInteger(), nullable=False),
        sa.Column("discount_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount = order_amount - discount_amount + CASE WHEN prices_include_tax THEN 0 ELSE tax_amount END",
            name=op.f("ck_orders_adds_up"),
        ),
        sa.CheckConstraint(
            "order_amount >= 0 AND discount_amount BETWEEN 0 AND order_amount AND tax_amount >= 0",
            name=op.f("ck_orders_signs"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_orders_member_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_orders_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    op.create_index(op.f("ix_orders_member_id"), "orders", ["member_id"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("voucher_value", sa.BigInteger(), nullable=True),
        sa.Column("refunded", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0 AND refunded BETWEEN 0 AND quantity", name=op.f("ck_order_line_quantity")),
        sa.CheckConstraint("total >= 0 AND tax >= 0", name=op.f("ck_order_line_total")),
        sa.CheckConstraint(
            "unit_price >= 0 AND discount BETWEEN 0 AND unit_price * quantity", name=op.f("ck_order_line_discount")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_line_order_id")),
        sa.PrimaryKeyConstraint("order_id", "no", name=op.f("pk_order_line")),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("till_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("voucher_amount", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("rounding", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.BigInteger(), nullable=True),
        sa.Column("refunded_amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("captured_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(receipt IS NOT NULL) = (status IN ('captured', 'partially_refunded', 'refunded'))",
            name=op.f("ck_payment_receipt"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'captured', 'declined', 'canceled', 'expired', 'partially_refunded', 'refunded')",
            name=op.f("ck_payment_status"),
        ),
        sa.CheckConstraint(
            "due = amount - voucher_amount AND due >= 0 AND voucher_amount >= 0", name=op.f("ck_payment_adds_up")
        ),
        sa.CheckConstraint("refunded_amount BETWEEN 0 AND amount", name=op.f("ck_payment_refunded")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payment_order_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_payment_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("order_id", name=op.f("uq_payment_order_id")),
        sa.UniqueConstraint("till_id", "receipt", name=op.f("uq_payment_till_id_receipt")),
    )
    op.create_table(
        "open_basket",
        sa.Column("till_id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_open_basket_payment_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_open_basket_till_id")),
        sa.PrimaryKeyConstraint("till_id", name=op.f("pk_open_basket")),
    )
    op.create_table(
        "refund",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("till_id", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("receipt", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("rounding", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refund_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_refund_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("till_id", "receipt", name=op.f("uq_refund_till_id_receipt")),
    )
    op.create_index(op.f("ix_refund_payment_id"), "refund", ["payment_id"], unique=False)
    op.create_table(
        "tender",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tendered", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("approval_code", sa.String(), nullable=True),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'captured', 'declined', 'unknown', 'canceled')", name=op.f("ck_tender_status")
        ),
        sa.CheckConstraint("amount >= 0 AND tendered = amount + change AND change >= 0", name=op.f("ck_tender_amount")),
        sa.CheckConstraint("refunded BETWEEN 0 AND amount", name=op.f("ck_tender_refunded")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_tender_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender")),
    )
    op.create_index(op.f("ix_tender_payment_id"), "tender", ["payment_id"], unique=False)
    op.create_table(
        "voucher",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("code_key", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("initial_value", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("single_use", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=True),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status = 'active' OR balance = 0", name=op.f("ck_voucher_funded")),
        sa.CheckConstraint("status IN ('issued', 'active', 'void')", name=op.f("ck_voucher_status")),
        sa.CheckConstraint("balance >= 0 AND balance <= initial_value", name=op.f("ck_voucher_balance")),
        sa.CheckConstraint("held >= 0 AND held <= balance", name=op.f("ck_voucher_held")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_voucher_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher")),
        sa.UniqueConstraint("code_key", name=op.f("uq_voucher_code_key")),
    )
    op.create_index(op.f("ix_voucher_payment_id"), "voucher", ["payment_id"], unique=False)
    op.create_table(
        "redemption",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("coupon_id", sa.String(), nullable=True),
        sa.Column("voucher_id", sa.String(), nullable=True),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("forfeited", sa.BigInteger(), nullable=False),
        sa.Column("reversed", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'applied', 'released', 'reversed')", name=op.f("ck_redemption_status")
        ),
        sa.CheckConstraint("(coupon_id IS NULL) <> (voucher_id IS NULL)", name=op.f("ck_redemption_one_target")),
        sa.CheckConstraint(
            "amount >= 0 AND forfeited >= 0 AND reversed BETWEEN 0 AND amount", name=op.f("ck_redemption_amount")
        ),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupon.id"], name=op.f("fk_redemption_coupon_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_redemption_member_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_redemption_payment_id")),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"], name=op.f("fk_redemption_voucher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption")),
        sa.UniqueConstraint("payment_id", "coupon_id", name=op.f("uq_redemption_payment_id_coupon_id")),
        sa.UniqueConstraint("payment_id", "voucher_id", name=op.f("uq_redemption_payment_id_voucher_id")),
    )
    op.create_index(op.f("ix_redemption_coupon_id"), "redemption", ["coupon_id"], unique=False)
    op.create_index(op.f("ix_redemption_voucher_id"), "redemption", ["voucher_id"], unique=False)
    op.create_table(
        "refund_line",
        sa.Column("refund_id", sa.String(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refund_line_amount")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_refund_line_quantity")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_refund_line_refund_id")),
        sa.PrimaryKeyConstraint("refund_id", "line_no", name=op.f("pk_refund_line")),
    )
    op.create_table(
        "refund_tender",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("refund_id", sa.String(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("voucher_id", sa.String(), nullable=True),
        sa.Column("tender_id", sa.String(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'captured')", name=op.f("ck_refund_tender_status")),
        sa.CheckConstraint("(voucher_id IS NULL) <> (tender_id IS NULL)", name=op.f("ck_refund_tender_one_target")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refund_tender_amount")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_refund_tender_refund_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_refund_tender_tender_id")),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"], name=op.f("fk_refund_tender_voucher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_tender")),
    )
    op.create_index(op.f("ix_refund_tender_refund_id"), "refund_tender", ["refund_id"], unique=False)
    op.create_table(
        "discount_share",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("redemption_id", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_discount_share_amount")),
        sa.ForeignKeyConstraint(
            ["order_id", "line_no"],
            ["order_line.order_id", "order_line.no"],
            name=op.f("fk_discount_share_order_id_line_no"),
        ),
        sa.ForeignKeyConstraint(["redemption_id"], ["redemption.id"], name=op.f("fk_discount_share_redemption_id")),
        sa.PrimaryKeyConstraint("order_id", "line_no", "redemption_id", name=op.f("pk_discount_share")),
    )
