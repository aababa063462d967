"""How much Hypothesis tries: few and always the same by default, many and always others when asked to.

`HYPOTHESIS_PROFILE=deep pytest tests/engine/test_stateful.py` is for a night, or before a release.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
_PLAIN = tuple(phase for phase in Phase if phase is not Phase.explain)


def examples(few: int, many: int, steps: int = 50) -> settings:
    """Return settings for `few` examples, or `many` in the deep profile, of up to `steps` steps each."""
    return settings(
        max_examples=many if DEEP else few,
        stateful_step_count=steps,
        derandomize=not DEEP,
        database=None,
        deadline=None,
        phases=_PLAIN,
        suppress_health_check=list(HealthCheck),
    )
