"""What a code can be: coupons, vouchers, batches of both, and the campaigns that group them."""
