"""Figures that people read side by side must not contradict each other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.run.figures import unrounded_text
from calibration.conformity import round_to_step
from calibration.rule_files import load_rule_set, rule_set_names

STEPS = sorted(
    {step for name in rule_set_names() for step in load_rule_set(name).rounding_steps_pct.values()}
)


@pytest.mark.parametrize(
    ("mean_pct", "said"),
    [
        (1.05, "1.0500"),
        (1.05004, "1.050040"),
        (1.04996, "1.049960"),
        (-0.85001, "-0.850010"),
        (0.1234567, "0.1235"),
        (0.0, "0.0000"),
    ],
)
def test_beside_its_rounded_value_an_error_has_the_digits_that_tell_it_from_a_half(
    mean_pct: float, said: str
) -> None:
    assert unrounded_text(mean_pct) == said


@given(micros=st.integers(-3_000_000, 3_000_000), step=st.sampled_from(STEPS))
def test_what_is_shown_rounds_to_what_is_shown_beside_it(micros: int, step: Decimal) -> None:
    mean_pct = micros / 1e6
    shown = unrounded_text(mean_pct)
    assert shown is not None
    assert round_to_step(shown, step) == round_to_step(mean_pct, step)
