"""What waits for a printer."""
