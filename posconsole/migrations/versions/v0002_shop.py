"""The schema: the shop, its codes, members and offers, its sales, and the journal of all that happened."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = None


def upgrade() -> None:

    op.create_table(
        "campaign",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("budget IS NULL OR spent + held <= budget", name=op.f("ck_campaign_budget")),
        sa.CheckConstraint("spent >= 0 AND held >= 0", name=op.f("ck_campaign_money")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_table(
        "code_series",
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('voucher', 'coupon', 'reward')", name=op.f("ck_code_series_kind")),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_code_series")),
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
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("phone_key", sa.String(), nullable=True),
        sa.Column("card", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("points_debt", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("merged_into IS NULL OR (points = 0 AND points_debt = 0)", name=op.f("ck_member_merged")),
        sa.CheckConstraint(
            "points >= 0 AND points_debt >= 0 AND (points = 0 OR points_debt = 0)", name=op.f("ck_member_points")
        ),
        sa.ForeignKeyConstraint(["merged_into"], ["member.id"], name=op.f("fk_member_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("account_id", name=op.f("uq_member_account_id")),
        sa.UniqueConstraint("card", name=op.f("uq_member_card")),
        sa.UniqueConstraint("phone_key", name=op.f("uq_member_phone_key")),
    )
    op.create_index(
        op.f("ix_member_merged_into"),
        "member",
        ["merged_into"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_table(
        "operator",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("pin_hash", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("role IN ('cashier', 'manager')", name=op.f("ck_operator_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator")),
        sa.UniqueConstraint("name_key", name=op.f("uq_operator_name_key")),
    )
    op.create_table(
        "printed",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("prints", sa.Integer(), nullable=False),
        sa.CheckConstraint("prints > 0", name=op.f("ck_printed_prints")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed")),
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
        "reward",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("percent_off", sa.Integer(), nullable=True),
        sa.Column("amount_off", sa.BigInteger(), nullable=True),
        sa.Column("max_discount", sa.BigInteger(), nullable=True),
        sa.Column("min_order_value", sa.BigInteger(), nullable=True),
        sa.Column("product_ids", sa.Text(), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("credit_value", sa.BigInteger(), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("shipping", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'credit') = (credit_value IS NOT NULL) AND (credit_value IS NULL OR credit_value > 0)",
            name=op.f("ck_reward_credit"),
        ),
        sa.CheckConstraint(
            "(kind = 'discount') = ((percent_off IS NULL) <> (amount_off IS NULL))", name=op.f("ck_reward_discount")
        ),
        sa.CheckConstraint("kind IN ('discount', 'item', 'credit')", name=op.f("ck_reward_kind")),
        sa.CheckConstraint("amount_off > 0", name=op.f("ck_reward_amount_off")),
        sa.CheckConstraint("percent_off BETWEEN 1 AND 10000", name=op.f("ck_reward_percent_off")),
        sa.CheckConstraint("percent_off IS NULL OR amount_off IS NULL", name=op.f("ck_reward_one_value")),
        sa.CheckConstraint("points > 0", name=op.f("ck_reward_points")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_reward_stock")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward")),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('list', 'rule')", name=op.f("ck_segment_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("name", name=op.f("uq_segment_name")),
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
        sa.Column("points_rate", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_shop_one_row")),
        sa.CheckConstraint("points_rate >= 0", name=op.f("ck_shop_points")),
        sa.CheckConstraint("smallest_coin > 0", name=op.f("ck_shop_coin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
    )
    op.create_table(
        "throttle",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_throttle")),
    )
    op.create_table(
        "till",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("receipts", sa.BigInteger(), nullable=False),
        sa.Column("journal_seq", sa.BigInteger(), nullable=False),
        sa.Column("journal_head", sa.String(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("receipts >= 0 AND journal_seq >= 0", name=op.f("ck_till_counters")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("minted", sa.Integer(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=True),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('coupon', 'voucher')", name=op.f("ck_batch_kind")),
        sa.CheckConstraint("status <> 'completed' OR minted = count", name=op.f("ck_batch_whole")),
        sa.CheckConstraint("status IN ('running', 'completed', 'canceled')", name=op.f("ck_batch_status")),
        sa.CheckConstraint("minted BETWEEN 0 AND count", name=op.f("ck_batch_minted")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_batch_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_status"), "batch", ["status"], unique=False)
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
        "offer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("incentive", sa.String(), nullable=False),
        sa.Column("multiplier", sa.Integer(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("percent_off", sa.Integer(), nullable=True),
        sa.Column("max_discount", sa.BigInteger(), nullable=True),
        sa.Column("reward_id", sa.String(), nullable=True),
        sa.Column("segments", sa.Text(), nullable=False),
        sa.Column("tiers", sa.Text(), nullable=False),
        sa.Column("min_balance", sa.BigInteger(), nullable=True),
        sa.Column("enrolled_before", sa.BigInteger(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("activation", sa.String(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("max_redemptions", sa.BigInteger(), nullable=True),
        sa.Column("per_member_limit", sa.Integer(), nullable=True),
        sa.Column("times_redeemed", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=True),
        sa.Column("expired_told", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(incentive = 'gift_reward') = (reward_id IS NOT NULL)", name=op.f("ck_offer_gift")),
        sa.CheckConstraint(
            "(incentive = 'percentage_discount') = (percent_off IS NOT NULL)", name=op.f("ck_offer_percent")
        ),
        sa.CheckConstraint(
            "(incentive = 'points_bonus') = (points IS NOT NULL) AND (points > 0)", name=op.f("ck_offer_points")
        ),
        sa.CheckConstraint(
            "(incentive = 'points_multiplier') = (multiplier IS NOT NULL) AND (multiplier > 10000)",
            name=op.f("ck_offer_multiplier"),
        ),
        sa.CheckConstraint("activation IN ('auto', 'opt_in')", name=op.f("ck_offer_activation")),
        sa.CheckConstraint(
            "incentive IN ('points_multiplier', 'points_bonus', 'percentage_discount', 'gift_reward')",
            name=op.f("ck_offer_incentive"),
        ),
        sa.CheckConstraint("state IN ('draft', 'published', 'paused')", name=op.f("ck_offer_state")),
        sa.CheckConstraint(
            "max_redemptions IS NULL OR times_redeemed + held <= max_redemptions", name=op.f("ck_offer_cap")
        ),
        sa.CheckConstraint("percent_off BETWEEN 1 AND 10000", name=op.f("ck_offer_percent_off")),
        sa.CheckConstraint("times_redeemed >= 0 AND held >= 0", name=op.f("ck_offer_uses")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_offer_campaign_id")),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name=op.f("fk_offer_reward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_index(
        op.f("ix_offer_campaign_id"),
        "offer",
        ["campaign_id"],
        unique=False,
        sqlite_where=sa.text("campaign_id IS NOT NULL"),
        postgresql_where=sa.text("campaign_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_offer_state"), "offer", ["state"], unique=False)
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
        sa.Column("points_base", sa.BigInteger(), nullable=False),
        sa.Column("points_rate", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount = order_amount - discount_amount + CASE WHEN prices_include_tax THEN 0 ELSE tax_amount END",
            name=op.f("ck_orders_adds_up"),
        ),
        sa.CheckConstraint(
            "order_amount >= 0 AND discount_amount BETWEEN 0 AND order_amount AND tax_amount >= 0",
            name=op.f("ck_orders_signs"),
        ),
        sa.CheckConstraint("points_base >= 0 AND points_rate >= 0", name=op.f("ck_orders_points")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_orders_member_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_orders_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    op.create_index(op.f("ix_orders_member_id"), "orders", ["member_id"], unique=False)
    op.create_table(
        "parked_basket",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("till_id", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("parked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_parked_basket_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_basket")),
    )
    op.create_table(
        "print_job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("till_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("copied", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (status IN ('queued', 'printing'))", name=op.f("ck_print_job_ended")),
        sa.CheckConstraint("(status = 'printing') = (worker IS NOT NULL)", name=op.f("ck_print_job_held")),
        sa.CheckConstraint(
            "kind IN ('receipt', 'refund', 'shift', 'voucher', 'drawer')", name=op.f("ck_print_job_kind")
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'printing', 'printed', 'failed', 'canceled')", name=op.f("ck_print_job_status")
        ),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_print_job_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
    )
    op.create_index(op.f("ix_print_job_created_at"), "print_job", ["created_at"], unique=False)
    op.create_index(
        op.f("ix_print_job_till_id_created_at_id"),
        "print_job",
        ["till_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("status IN ('queued', 'printing')"),
        postgresql_where=sa.text("status IN ('queued', 'printing')"),
    )
    op.create_table(
        "segment_member",
        sa.Column("segment_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_segment_member_member_id")),
        sa.ForeignKeyConstraint(["segment_id"], ["segment.id"], name=op.f("fk_segment_member_segment_id")),
        sa.PrimaryKeyConstraint("segment_id", "member_id", name=op.f("pk_segment_member")),
    )
    op.create_index(
        op.f("ix_segment_member_member_id"),
        "segment_member",
        ["member_id"],
        unique=False,
        sqlite_where=sa.text("member_id IS NOT NULL"),
        postgresql_where=sa.text("member_id IS NOT NULL"),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("till_id", sa.String(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opening_float", sa.BigInteger(), nullable=False),
        sa.Column("first_receipt", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_receipt", sa.BigInteger(), nullable=True),
        sa.Column("expected", sa.BigInteger(), nullable=True),
        sa.Column("counted", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("totals", sa.Text(), nullable=True),
        sa.Column("perpetual", sa.BigInteger(), nullable=True),
        sa.Column("journal_head", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (counted IS NULL) AND (closed_at IS NULL) = (totals IS NULL) AND (closed_at IS NULL) = (last_receipt IS NULL)",
            name=op.f("ck_shift_closed"),
        ),
        sa.CheckConstraint("opening_float >= 0 AND (counted IS NULL OR counted >= 0)", name=op.f("ck_shift_money")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_shift_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
        sa.UniqueConstraint("till_id", "no", name=op.f("uq_shift_till_id_no")),
    )
    op.create_index(
        "uq_shift_open",
        "shift",
        ["till_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "cash_movement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("shift_id", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_cash_movement_amount")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_cash_movement_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_movement")),
    )
    op.create_index(op.f("ix_cash_movement_shift_id"), "cash_movement", ["shift_id"], unique=False)
    op.create_table(
        "coupon",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("code_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("percent_off", sa.Integer(), nullable=True),
        sa.Column("amount_off", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("reward_id", sa.String(), nullable=True),
        sa.Column("duration", sa.String(), nullable=False),
        sa.Column("duration_in_months", sa.Integer(), nullable=True),
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
        sa.Column("campaign_id", sa.String(), nullable=True),
        sa.Column("batch_id", sa.String(), nullable=True),
        sa.Column("batch_no", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("expired_told", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(duration = 'repeating') = (duration_in_months IS NOT NULL) AND duration_in_months > 0",
            name=op.f("ck_coupon_months"),
        ),
        sa.CheckConstraint("duration IN ('once', 'repeating', 'forever')", name=op.f("ck_coupon_duration")),
        sa.CheckConstraint(
            "(percent_off IS NOT NULL AND amount_off IS NULL AND points IS NULL AND reward_id IS NULL) OR (percent_off IS NULL AND amount_off IS NOT NULL AND points IS NULL AND reward_id IS NULL) OR (percent_off IS NULL AND amount_off IS NULL AND points IS NOT NULL AND reward_id IS NULL) OR (percent_off IS NULL AND amount_off IS NULL AND points IS NULL AND reward_id IS NOT NULL)",
            name=op.f("ck_coupon_one_value"),
        ),
        sa.CheckConstraint(
            "amount_off IS NULL OR (amount_off > 0 AND currency IS NOT NULL)", name=op.f("ck_coupon_amount_off")
        ),
        sa.CheckConstraint(
            "max_redemptions IS NULL OR times_redeemed + held <= max_redemptions", name=op.f("ck_coupon_cap")
        ),
        sa.CheckConstraint("percent_off BETWEEN 1 AND 10000", name=op.f("ck_coupon_percent_off")),
        sa.CheckConstraint("points > 0", name=op.f("ck_coupon_points")),
        sa.CheckConstraint("times_redeemed >= 0 AND held >= 0", name=op.f("ck_coupon_uses")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_coupon_batch_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_coupon_campaign_id")),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name=op.f("fk_coupon_reward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon")),
        sa.UniqueConstraint("code_key", name=op.f("uq_coupon_code_key")),
    )
    op.create_index(
        op.f("ix_coupon_batch_id_batch_no"),
        "coupon",
        ["batch_id", "batch_no"],
        unique=True,
        sqlite_where=sa.text("batch_id IS NOT NULL"),
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_coupon_campaign_id"),
        "coupon",
        ["campaign_id"],
        unique=False,
        sqlite_where=sa.text("campaign_id IS NOT NULL"),
        postgresql_where=sa.text("campaign_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_coupon_created_at_id"), "coupon", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_coupon_valid_until"),
        "coupon",
        ["valid_until"],
        unique=False,
        sqlite_where=sa.text("valid_until IS NOT NULL AND NOT expired_told"),
        postgresql_where=sa.text("valid_until IS NOT NULL AND NOT expired_told"),
    )
    op.create_table(
        "offer_activation",
        sa.Column("offer_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("activated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_offer_activation_member_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_activation_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", "member_id", name=op.f("pk_offer_activation")),
    )
    op.create_index(
        op.f("ix_offer_activation_member_id"),
        "offer_activation",
        ["member_id"],
        unique=False,
        sqlite_where=sa.text("member_id IS NOT NULL"),
        postgresql_where=sa.text("member_id IS NOT NULL"),
    )
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
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
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
    op.create_index(
        op.f("ix_payment_captured_at"),
        "payment",
        ["captured_at"],
        unique=False,
        sqlite_where=sa.text("captured_at IS NOT NULL"),
        postgresql_where=sa.text("captured_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_payment_expires_at"),
        "payment",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
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
        sa.Column("payment_id", sa.String(), nullable=True),
        sa.Column("till_id", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("receipt", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("rounding", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
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
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("initial_value", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("adjusted", sa.BigInteger(), nullable=False),
        sa.Column("single_use", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("member_id", sa.String(), nullable=True),
        sa.Column("pin_hash", sa.String(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=True),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("campaign_id", sa.String(), nullable=True),
        sa.Column("batch_id", sa.String(), nullable=True),
        sa.Column("batch_no", sa.Integer(), nullable=True),
        sa.Column("expired_told", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('money', 'points') AND (kind = 'points') = (currency = 'PTS')", name=op.f("ck_voucher_kind")
        ),
        sa.CheckConstraint("status = 'active' OR balance = 0", name=op.f("ck_voucher_funded")),
        sa.CheckConstraint("status IN ('issued', 'active', 'void')", name=op.f("ck_voucher_status")),
        sa.CheckConstraint("balance >= 0 AND balance <= initial_value + adjusted", name=op.f("ck_voucher_balance")),
        sa.CheckConstraint("held >= 0 AND held <= balance", name=op.f("ck_voucher_held")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_voucher_batch_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_voucher_campaign_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_voucher_member_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_voucher_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher")),
        sa.UniqueConstraint("code_key", name=op.f("uq_voucher_code_key")),
    )
    op.create_index(
        op.f("ix_voucher_batch_id_batch_no"),
        "voucher",
        ["batch_id", "batch_no"],
        unique=True,
        sqlite_where=sa.text("batch_id IS NOT NULL"),
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_voucher_created_at_id"), "voucher", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_voucher_expires_at"),
        "voucher",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL AND NOT expired_told"),
        postgresql_where=sa.text("expires_at IS NOT NULL AND NOT expired_told"),
    )
    op.create_index(
        op.f("ix_voucher_member_id"),
        "voucher",
        ["member_id"],
        unique=False,
        sqlite_where=sa.text("member_id IS NOT NULL"),
        postgresql_where=sa.text("member_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_voucher_payment_id"), "voucher", ["payment_id"], unique=False)
    op.create_index(
        op.f("ix_voucher_source_id"),
        "voucher",
        ["source_id"],
        unique=False,
        sqlite_where=sa.text("source_id IS NOT NULL"),
        postgresql_where=sa.text("source_id IS NOT NULL"),
    )
    op.create_table(
        "redemption",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("coupon_id", sa.String(), nullable=True),
        sa.Column("voucher_id", sa.String(), nullable=True),
        sa.Column("offer_id", sa.String(), nullable=True),
        sa.Column("reward_id", sa.String(), nullable=True),
        sa.Column("campaign_id", sa.String(), nullable=True),
        sa.Column("payment_id", sa.String(), nullable=True),
        sa.Column("member_id", sa.String(), nullable=True),
        sa.Column("granted_by", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("forfeited", sa.BigInteger(), nullable=False),
        sa.Column("reversed", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("multiplier", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("code_key", sa.String(), nullable=True),
        sa.Column("shipping", sa.Text(), nullable=True),
        sa.Column("tracking", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'coupon') = (coupon_id IS NOT NULL) AND (kind = 'voucher') = (voucher_id IS NOT NULL) AND (kind = 'offer') = (offer_id IS NOT NULL) AND (kind = 'reward') = (reward_id IS NOT NULL)",
            name=op.f("ck_redemption_one_target"),
        ),
        sa.CheckConstraint("kind IN ('coupon', 'voucher', 'reward', 'offer')", name=op.f("ck_redemption_kind")),
        sa.CheckConstraint(
            "status IN ('pending', 'applied', 'released', 'reversed', 'fulfillment_pending', 'fulfilled')",
            name=op.f("ck_redemption_status"),
        ),
        sa.CheckConstraint(
            "amount >= 0 AND forfeited >= 0 AND reversed BETWEEN 0 AND amount AND points >= 0",
            name=op.f("ck_redemption_amount"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_redemption_campaign_id")),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupon.id"], name=op.f("fk_redemption_coupon_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["redemption.id"], name=op.f("fk_redemption_granted_by")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_redemption_member_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_redemption_offer_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_redemption_payment_id")),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name=op.f("fk_redemption_reward_id")),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"], name=op.f("fk_redemption_voucher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption")),
        sa.UniqueConstraint("code_key", name=op.f("uq_redemption_code_key")),
        sa.UniqueConstraint("payment_id", "coupon_id", name=op.f("uq_redemption_payment_id_coupon_id")),
        sa.UniqueConstraint("payment_id", "offer_id", name=op.f("uq_redemption_payment_id_offer_id")),
        sa.UniqueConstraint("payment_id", "voucher_id", name=op.f("uq_redemption_payment_id_voucher_id")),
    )
    op.create_index(
        op.f("ix_redemption_campaign_id"),
        "redemption",
        ["campaign_id"],
        unique=False,
        sqlite_where=sa.text("campaign_id IS NOT NULL"),
        postgresql_where=sa.text("campaign_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_redemption_coupon_id"), "redemption", ["coupon_id"], unique=False)
    op.create_index(
        op.f("ix_redemption_granted_by"),
        "redemption",
        ["granted_by"],
        unique=False,
        sqlite_where=sa.text("granted_by IS NOT NULL"),
        postgresql_where=sa.text("granted_by IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_redemption_member_id"),
        "redemption",
        ["member_id"],
        unique=False,
        sqlite_where=sa.text("member_id IS NOT NULL"),
        postgresql_where=sa.text("member_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_redemption_offer_id"),
        "redemption",
        ["offer_id"],
        unique=False,
        sqlite_where=sa.text("offer_id IS NOT NULL"),
        postgresql_where=sa.text("offer_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_redemption_reward_id"),
        "redemption",
        ["reward_id"],
        unique=False,
        sqlite_where=sa.text("reward_id IS NOT NULL"),
        postgresql_where=sa.text("reward_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_redemption_voucher_id"), "redemption", ["voucher_id"], unique=False)
    op.create_table(
        "refund_line",
        sa.Column("refund_id", sa.String(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("tax_rate", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refund_line_amount")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_refund_line_quantity")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_refund_line_refund_id")),
        sa.PrimaryKeyConstraint("refund_id", "line_no", name=op.f("pk_refund_line")),
    )
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
    op.create_table(
        "refund_tender",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("refund_id", sa.String(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("voucher_id", sa.String(), nullable=True),
        sa.Column("tender_id", sa.String(), nullable=True),
        sa.Column("redemption_id", sa.String(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("settled_as", sa.String(), nullable=True),
        sa.CheckConstraint("status IN ('pending', 'captured', 'declined')", name=op.f("ck_refund_tender_status")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refund_tender_amount")),
        sa.CheckConstraint("voucher_id IS NULL OR tender_id IS NULL", name=op.f("ck_refund_tender_one_target")),
        sa.ForeignKeyConstraint(["redemption_id"], ["redemption.id"], name=op.f("fk_refund_tender_redemption_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_refund_tender_refund_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_refund_tender_tender_id")),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"], name=op.f("fk_refund_tender_voucher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_tender")),
    )
    op.create_index(op.f("ix_refund_tender_refund_id"), "refund_tender", ["refund_id"], unique=False)
