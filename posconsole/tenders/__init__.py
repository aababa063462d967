"""What takes the money. Nothing here knows the database."""
