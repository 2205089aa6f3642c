"""What a customer hid and what the bench found, written."""

from __future__ import annotations

from typing import Any

import pytest

from web.trial.words import hidden_text, trial_words


def outcome(hidden: str = "1.30", error: str = "+1.3104", U: str = "0.0612") -> dict[str, Any]:
    point = {
        "name": "Imax 1.0", "percentage_error_pct": error, "expanded_uncertainty_pct": U, "mpe_pct": "1.0",
        "verdict": "FAIL",
    }  # fmt: skip
    other = point | {"name": "Ib 1.0", "percentage_error_pct": "+1.2950"}
    funnel = [["10.0", "+1.5", "0.4"], ["60.0", error, U]]
    return {
        "error_pct": hidden, "verdict": "FAIL", "points": [point, other], "funnel": funnel, "seconds": "3.1",
    }  # fmt: skip


def test_the_reveal_says_both_figures_with_sign_and_give_or_take() -> None:
    words = trial_words(outcome(), "en")
    assert words.reveal == "You hid +1.30\u00a0%; the bench found +1.310\u00a0%, give or take 0.061\u00a0%."
    assert words.holds is True
    assert words.funnel is not None
    assert len(words.points) == 2


@pytest.mark.parametrize(
    ("found", "holds"), [("+1.3600", True), ("+1.3612", True), ("+1.3613", False), ("+1.2387", False)]
)
def test_what_was_hidden_lies_within_or_it_is_told_that_it_does_not(found: str, holds: bool) -> None:
    assert trial_words(outcome(error=found), "zh").holds is holds


def test_a_trial_without_a_figure_says_so() -> None:
    made = outcome() | {"points": [], "funnel": [], "verdict": "INVALID"}
    words = trial_words(made, "en")
    assert words.holds is None
    assert "no figure" in words.reveal
    assert not words.has_plot


@pytest.mark.parametrize(("sent", "shown"), [("0", "+0.00"), ("-0.5", "−0.50"), ("20", "+20.00")])
def test_what_was_hidden_has_a_sign(sent: str, shown: str) -> None:
    assert hidden_text(sent) == f"{shown}\u00a0%"
