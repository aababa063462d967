"""What a sale comes to: from its facts, by one pure function, to a quote and its reasons."""
