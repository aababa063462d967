"""The schema's history. `HEAD` is what this version of the program works with."""

HEAD = "0001"
