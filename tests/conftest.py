"""Fixtures that every ring of the tests shares: Hypothesis profiles and what may be skipped where."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("default", max_examples=60, deadline=None, derandomize=True)
settings.register_profile(
    "soak", max_examples=3_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("TALLYSTICK_HYPOTHESIS", "default"))
