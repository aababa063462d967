"""The audit: every invariant, checked against what the database holds now."""
