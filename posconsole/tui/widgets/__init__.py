"""The parts of a till's screen."""
