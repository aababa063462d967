"""The verbs of a sale: what can be done, each in one transaction."""
