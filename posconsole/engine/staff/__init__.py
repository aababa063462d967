"""Who stands at a till, and what they may do."""
