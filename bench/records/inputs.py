"""What a run's results are computed with, as its records hold it: frozen when it starts, and at each window."""

from __future__ import annotations

from collections.abc import Mapping

from bench.canonical import JsonObject
from bench.configuration.config import Config
from bench.methods.steps import CountPulses
from bench.plans.plan import CheckedPlan
from bench.records.frozen import to_json
from bench.records.versions import computation
from calibration.quantities import InstrumentFault

FORMAT = 2
"""Of a run's records. Format 1 knew load points of basic error only and did not keep its rule set."""


_OF_LABORATORY = ("smallest_uncertainty_pct", "years_of_validity", "validity")
"""What certificates of the run may say of its results; names, addresses and persons are none of the record's."""


def frozen_inputs(checked: CheckedPlan) -> JsonObject:
    """What a run's results are computed with, as far as it follows from the plan."""
    return {
        "format": FORMAT,
        "computation": computation(),
        "plan": checked.source,
        "decision_rule": checked.plan.decision_rule,
        "rule_set": {
            "name": checked.plan.rule_set,
            "edition": checked.rules.edition,
            "sha256": checked.rules.sha256,
            "text": checked.rules_text,
        },
        "meters": {position: to_json(meter) for position, meter in checked.meters.items()},
        "test_points": [
            {
                "item": p.item.value,
                "load_point": to_json(p.load_point),
                "positions": list(p.positions),
                "mpe_pct": to_json(p.mpe_pct),
            }
            for p in checked.points
        ],
    }


def recorded_configuration(config: Config) -> JsonObject:
    """bench.toml for the record: without where its files lie, which may name a user, and without the letterhead."""
    recorded: JsonObject = to_json(config)
    recorded["bench"] = {k: v for k, v in recorded["bench"].items() if k not in ("state_dir", "socket")}
    recorded["laboratory"] = {k: recorded["laboratory"][k] for k in _OF_LABORATORY}
    return recorded


def was_with(started: JsonObject, reference_serial: str, *, is_simulated: bool) -> bool:
    """Whether the run with these inputs was made with this reference standard, on a simulated bench or else a real
    one. A run of format 1, which keeps no verdicts, counts as neither."""
    if "format" not in started or started["reference_card"]["serial"] != reference_serial:
        return False
    return (started["station"]["kind"] == "simulated") is is_simulated


def counted(step: CountPulses) -> JsonObject:
    """Of one run at a load point: what the method asked for, which a replay must find asked again."""
    return {
        "point": step.point,
        "attempt": step.attempt,
        "run_number": step.run,
        "load_point": to_json(step.load_point),
        "stability_pct": to_json(step.stability_pct),
        "wanted_uncertainty_pct": to_json(step.wanted_uncertainty_pct),
    }


def window_inputs(
    step: CountPulses,
    run_ns: tuple[int, int],
    clock_slew_ppm: float,
    line_faults: Mapping[str, tuple[InstrumentFault, ...]],
    decided_at_ns: Mapping[str, int],
) -> JsonObject:
    """The same, and what else beside the raw files its results were computed from."""
    return {
        **counted(step),
        "run_first_ns": run_ns[0],
        "run_last_ns": run_ns[1],
        "decided_at_ns": dict(decided_at_ns),
        "clock_slew_ppm": to_json(clock_slew_ppm),
        "line_faults": {p: [to_json(f) for f in faults] for p, faults in line_faults.items()},
    }
