"""The schema's history. `HEAD` is what this version of the program works with.

`TRIALS` are schemas from before the first release: their shops were for trying out, and nothing leads on from them.
"""

HEAD = "0002"
TRIALS = ("0001",)
