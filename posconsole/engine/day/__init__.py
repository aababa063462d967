"""The day at a till, and its figures."""
