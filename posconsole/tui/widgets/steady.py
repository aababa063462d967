"""Painting no more than what changed: over a slow line, a key must not write the whole screen again."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self


def differing(before: Sequence[Content], after: Sequence[Content], width: int, top: int = 0) -> list[Region]:
    """Return the rows, from `top` on and `width` wide, in which two texts differ: a blank one differs from none."""
    pairs = enumerate(zip_longest(before, after), top)
    return [Region(0, y, width, 1) for y, (was, now) in pairs if was is None or now is None or not was.is_same(now)]


class Steady(Static):
    """A text of which only the rows that differ are painted again, as long as they all fit and none moves."""

    def __init__(self, content: str | Content = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(content, id=id, classes=classes, markup=False)
        self._only: list[Region] = []

    def update(self, content: Any = "", *, layout: bool = True) -> None:
        """Show another text."""
        now = content if isinstance(content, Content) else Content(str(content))
        was = self.content if isinstance(self.content, Content) else Content(str(self.content))
        if was.is_same(now):
            return
        before, after = self._lines(was), self._lines(now)
        width, height = self.content_size
        at, same = self.styles.content_align_vertical, len(before) == len(after)
        still = same or (at == "top" and not self.styles.is_auto_height)
        kept = still and 0 < max(len(before), len(after)) <= height
        if kept:
            top = {"top": 0, "middle": (height - len(after)) // 2, "bottom": height - len(after)}[at]
            self._only = differing(before, after, width, top)
        super().update(now, layout=layout and not kept)

    def _lines(self, content: Content) -> list[Content]:
        width = self.content_size.width
        nowrap = self.styles.text_wrap == "nowrap" or not width
        return content.split("\n", allow_blank=True) if nowrap else content.wrap(width)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Paint again; what an update found to differ, or all."""
        only, self._only = self._only, []
        return super().refresh(*(regions or only), repaint=repaint, layout=layout, recompose=recompose)
