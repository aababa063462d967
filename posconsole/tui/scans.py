"""Tells a scanner's keys from a person's, by the keys around a code or, where there are none, by their rhythm."""

from __future__ import annotations

from dataclasses import dataclass, field

QUICK = 0.035
"""Seconds: no person types two keys closer than this; scanners, and lines that batch keys, do."""
RUN = 4
"""So many quick keys in a row are a scanner's."""
BARCODE = 8
"""The fewest figures of a barcode: so many as fast as a scanner sends them are one."""
PATIENCE = 1.0
"""Seconds without a key after which a scan that never got its end is given up; a busy machine makes gaps in one."""


@dataclass(slots=True)
class ScanRouter:
    """Watches every key on its way in.

    `prefix` and `suffix` are names of the keys that the scanner sends around a code (`f20`, `ctrl+b`; the suffix
    is Enter when none is named). With a prefix the router takes the whole scan out of the key stream; without,
    keys pass and `quick` and `run` say whether the last ones came at a scanner's speed. `begins` says that the last
    key is the first of a text, `text` is what has come of it so far.
    """

    prefix: str = ""
    suffix: str = ""
    run: int = 0
    begins: bool = True
    text: str = ""
    _quick: int = 0
    _last: float = 0.0
    _ended: bool = True
    _held: list[str] | None = field(default=None)

    @property
    def quick(self) -> bool:
        """Say whether the last key followed the one before it faster than a person types."""
        return self.run > 1

    @property
    def scanning(self) -> bool:
        """Say whether enough quick keys came in a row to be a scanner's."""
        return self.run >= RUN or bool(self.barcode)

    @property
    def barcode(self) -> str:
        """Return the barcode that has just come at a scanner's speed, or nothing."""
        text = self.text
        return text if text.isdecimal() and len(text) >= BARCODE and 2 * self._quick > len(text) else ""

    def feed(self, key: str, character: str | None, at: float) -> tuple[bool, str | None]:
        """Note a key. Returns whether the router keeps it, and the whole scan once its suffix has come."""
        quick = at - self._last < QUICK
        waited, self._last = at - self._last, at
        self.run = self.run + 1 if quick else 1
        sign = character if character and character.isprintable() else ""
        figures = waited < PATIENCE and (self.text + sign).isdecimal()
        # A scanner sends signs and Enter: any other key ends what was typed.
        self.begins = self._ended or not self.text or not (quick or figures) or not (sign or key == "enter")
        self._ended = key == "enter"
        self.text = ("" if self.begins else self.text) + sign
        self._quick = 0 if self.begins else self._quick + quick
        if not self.prefix:
            return False, None
        if key == self.prefix:
            self._held = []
            return True, None
        if self._held is None or waited > PATIENCE:
            self._held = None
            return False, None
        if key == (self.suffix or "enter"):
            text, self._held = "".join(self._held), None
            return True, text
        self._held.append(character or "")
        return True, None
