"""What happened: the events, chained per till, and the one ledger."""
