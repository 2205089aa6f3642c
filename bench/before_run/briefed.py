"""What the methods of a run will know, by its plan and the configuration."""

from __future__ import annotations

from bench.configuration.config import Config
from bench.methods.briefing import Briefing
from bench.methods.meter_identity import compared_at
from bench.plans.forecast import forecast
from bench.plans.plan import CheckedPlan


def briefed(checked: CheckedPlan, config: Config) -> Briefing:
    """Of a run that goes on with no earlier one."""
    card, pps = config.reference.card.as_card(), config.clock.pps
    return Briefing(
        checked,
        card,
        forecast(checked, card, config.reference.poll_interval_s),
        config.repeatability.as_pooled(),
        config.clock.frequency_U_ppm,
        identities={p.name: c for p in config.position if p.name in checked.meters and (c := compared_at(p))},
        pps_U_ppm=None if pps is None else pps.U_ppm,
    )
