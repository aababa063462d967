"""What the journal proves of segments: that just those are on a list who were put there, and not taken off since."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from posconsole.engine.views import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from posconsole.engine.journal.chains import Told
    from posconsole.engine.sale.salerows import Fields


def findings(places: list[Fields], told: Iterable[Told]) -> Iterator[Finding]:
    """Check the members' places on lists against what is told, in the order of its writing."""
    now = {(row["segment_id"], row["member_id"]) for row in places}
    listed = {(segment, member) for member, segments in _listed(told).items() for segment in segments}
    for segment, member in sorted(now ^ listed):
        yield Finding("altered", segment, f"member {member} came on its list, or off it, past the journal")


def _listed(told: Iterable[Told]) -> dict[str, set[str]]:
    """Return each member's segments. With a merger a duplicate's are those of the one who is kept."""
    segments: dict[str, set[str]] = defaultdict(set)
    for one in told:
        if one.kind in ("segment.created", "segment.updated"):
            for member in one.data.get("added", ()):
                segments[member].add(one.subject)
            for member in one.data.get("removed", ()):
                segments[member].discard(one.subject)
        elif one.kind == "member.merged":
            segments[one.subject] |= segments.pop(one.data.get("duplicate", ""), set())
    return segments
