"""Giving back: what comes back, in one transaction, and what devices still owe."""
