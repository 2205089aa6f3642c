"""What a recorded run was asked to do: its briefing, put together again from the record of its frozen inputs."""

from __future__ import annotations

from bench.canonical import JsonObject
from bench.measurement.environment import EnvironmentReading, at_ambient
from bench.methods.briefing import Briefing
from bench.methods.meter_identity import Compared
from bench.plans.forecast import forecast
from bench.plans.plan import parse_plan
from bench.records.frozen import from_json
from bench.replay.earlier_run import read_taken_over
from calibration.reference_standard import ReferenceCard
from calibration.runs import PooledRepeatability


def briefing_of(started: JsonObject) -> Briefing:
    """Errors: OperatorError where its plan cannot be read; DAMAGED where the record is not as written."""
    text = started["rule_set"]["text"]
    checked = parse_plan(started["plan"], list(started["meters"]), "the recorded plan", text)
    if (reading := started.get("environment")) is not None:
        checked = at_ambient(checked, from_json(EnvironmentReading, reading))
    card = from_json(ReferenceCard, started["reference_card"])
    poll_interval_s = float(started["station"]["configuration"]["reference"]["poll_interval_s"])
    pooled, U_ppm = started["pooled_repeatability"], started["clock_frequency_U_ppm"]
    return Briefing(
        checked,
        card,
        forecast(checked, card, poll_interval_s),
        None if pooled is None else from_json(PooledRepeatability, pooled),
        None if U_ppm is None else float(U_ppm),
        read_taken_over(started["taken_over"]),
        {p: Compared(compared) for p, compared in started.get("meter_identities", {}).items()},
        None if (pps_U_ppm := started.get("pps_U_ppm")) is None else float(pps_U_ppm),
    )
