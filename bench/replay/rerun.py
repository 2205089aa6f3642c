"""What a recorded run was asked to do: its briefing, put together again from the record of its frozen inputs.

The counterpart of `PreparedRun.frozen`.
"""

from __future__ import annotations

from bench.canonical import JsonObject
from bench.measurement.environment import EnvironmentReading, at_ambient
from bench.methods.briefing import Briefing, TakenOver
from bench.methods.meter_identity import Compared
from bench.plans.forecast import forecast
from bench.plans.plan import parse_plan
from bench.records.frozen import from_json
from calibration.reference_standard import ReferenceCard
from calibration.runs import PooledRepeatability

Given = dict[tuple[int, str], TakenOver]
"""Verdicts by test point and position."""


def taken_over_by(started: JsonObject) -> Given:
    """What a run took over from an earlier one."""
    return {(t["point"], t["position"]): from_json(TakenOver, t) for t in started.get("taken_over", [])}


def reading_before(started: JsonObject) -> EnvironmentReading | None:
    """Of the environment; None where there was no sensor."""
    reading = started.get("environment")
    return None if reading is None else from_json(EnvironmentReading, reading)


def briefing_of(started: JsonObject) -> Briefing:
    """Errors: OperatorError where its plan cannot be read; DAMAGED where the record is not as written."""
    text = started["rule_set"]["text"]
    checked = parse_plan(started["plan"], list(started["meters"]), "the recorded plan", text)
    checked = at_ambient(checked, reading_before(started))
    card = from_json(ReferenceCard, started["reference_card"])
    poll_interval_s = float(started["station"]["configuration"]["reference"]["poll_interval_s"])
    pooled, U_ppm = started["pooled_repeatability"], started["clock_frequency_U_ppm"]
    return Briefing(
        checked,
        card,
        forecast(checked, card, poll_interval_s),
        None if pooled is None else from_json(PooledRepeatability, pooled),
        None if U_ppm is None else float(U_ppm),
        taken_over_by(started),
        {p: Compared(compared) for p, compared in started.get("meter_identities", {}).items()},
        None if (pps_U_ppm := started.get("pps_U_ppm")) is None else float(pps_U_ppm),
    )
