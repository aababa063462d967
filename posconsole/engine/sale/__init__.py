"""From a basket to the money: holds, capture, what a crash left open."""
