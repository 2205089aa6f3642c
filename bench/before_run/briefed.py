"""What the methods of a run will know, by its plan and the configuration."""

from __future__ import annotations

from collections.abc import Mapping

from bench.configuration.config import Config
from bench.methods.briefing import Briefing, TakenOver
from bench.methods.meter_identity import compared_at
from bench.plans.forecast import forecast
from bench.plans.plan import CheckedPlan


def briefed(
    checked: CheckedPlan, config: Config, taken_over: Mapping[tuple[int, str], TakenOver] | None = None
) -> Briefing:
    """taken_over: verdicts that an earlier run has given, by test point and position."""
    card, pps = config.reference.card.as_card(), config.clock.pps
    return Briefing(
        checked,
        card,
        forecast(checked, card, config.reference.poll_interval_s),
        config.repeatability.as_pooled(),
        config.clock.frequency_U_ppm,
        {} if taken_over is None else taken_over,
        {p.name: c for p in config.position if p.name in checked.meters and (c := compared_at(p))},
        None if pps is None else pps.U_ppm,
    )
