"""Where the plot of errors puts what; heights are parts of an axis that is symmetric about zero."""

from __future__ import annotations

import pytest

from bench.certificate.plot import plot_of
from tests.certificate.samples import FEW, MANY, error_row


def test_columns_are_grouped_by_power_factor_and_fall_with_the_current() -> None:
    rows = [error_row("0.1Ib", "1", "1.0"), error_row("Ib", "10", "0.5L"), error_row("Imax", "60", "1.0")]
    plot = plot_of(rows, with_limits=True)
    assert [column["label"] for column in plot["columns"]] == ["Imax 1.0", "0.1Ib 1.0", "Ib 0.5L"]
    assert plot["groups"] == [
        {"label": "PF 1.0", "first": 0, "last": 1},
        {"label": "PF 0.5L", "first": 2, "last": 2},
    ]


def test_one_loaded_phase_is_a_group_of_its_own() -> None:
    rows = [error_row("Ib", "10", "1.0"), error_row("Ib", "10", "1.0 A")]
    assert [g["label"] for g in plot_of(rows, with_limits=True)["groups"]] == ["PF 1.0", "PF 1.0 A"]


def test_heights_are_those_of_the_figures() -> None:
    """An axis from -1.5 to +1.5: 0.3 is at (0.3 + 1.5)/3."""
    row = error_row("Ib", "10", "1.0", error_pct="+0.300", expanded_uncertainty_pct="0.090", mpe_pct="1.0")
    plot = plot_of([row], with_limits=True)
    assert [tick["label"] for tick in plot["ticks"]] == ["−1.5", "−1", "−0.5", "0", "+0.5", "+1", "+1.5"]
    (column,) = plot["columns"]
    assert column["at"] == pytest.approx(0.6)
    assert column["bar"] == pytest.approx([0.57, 0.63])
    assert column["limits"] == pytest.approx([0.5 / 3, 2.5 / 3], abs=1e-5)


def test_without_a_verdict_there_are_no_limits_and_the_axis_is_that_of_the_errors() -> None:
    plot = plot_of([error_row(*load) for load in FEW], with_limits=False)
    assert all(column["limits"] is None for column in plot["columns"])
    assert plot["ticks"][-1]["label"] == "+0.2"


@pytest.mark.parametrize("error", ["+0.000", "-19.000", "+0.004", "+123.000"])
def test_everything_is_inside_whatever_the_error_is(error: str) -> None:
    rows = [
        error_row("Ib", "10", "1.0", error_pct=error),
        *(error_row(*load, i) for i, load in enumerate(MANY)),
    ]
    for with_limits in (True, False):
        plot = plot_of(rows, with_limits=with_limits)
        heights = [h for c in plot["columns"] for h in (c["at"], *c["bar"], *(c["limits"] or ()))]
        assert 0.0 < min(heights) <= max(heights) < 1.0
        assert 3 <= len(plot["ticks"]) <= 13
        assert plot["ticks"][0]["at"] == 0.0
        assert plot["ticks"][-1]["at"] == 1.0
