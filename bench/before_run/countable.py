"""No plan asks for more pulses a second than half of what this bench was seen to count without loss."""

from __future__ import annotations

from bench.before_run.limits import loads_of
from bench.canonical import JsonObject
from bench.configuration.config import Config
from bench.errors import OperatorError
from bench.plans.plan import CheckedPlan
from bench.registry import commissioning as bench_card
from calibration.load_points import LoadPoint
from calibration.quantities import WH_PER_KWH, WS_PER_KWH

USABLE_SHARE = 0.5
"""Of the highest rate at which nothing was lost: nothing is verified above it."""


def known_lossless_Hz(record: JsonObject | None) -> float | None:
    """What the bench's card says of it; None where it was never measured. record: of the last commissioning."""
    rate = (record or {}).get("edge_rate")
    return None if rate is None else float(rate["lossless_Hz"]) or None


def require_countable(checked: CheckedPlan, config: Config) -> None:
    """Errors: OperatorError for the first load that is too fast for a line. A bench that was not measured has no
    limit."""
    lossless_Hz = known_lossless_Hz(bench_card.latest(config.state_dir))
    if lossless_Hz is None:
        return
    constants = {
        f"position {position}": meter.constant_at_terminals_imp_per_kWh
        for position, meter in checked.meters.items()
    }
    per_Wh = config.reference.card.as_card().reference_pulses_per_Wh
    if config.reference.pulses is not None and per_Wh is not None:
        constants["the reference's pulses"] = per_Wh * WH_PER_KWH
    for load_point in dict.fromkeys(loads_of(checked)):
        for line, constant in constants.items():
            _require(line, constant, load_point, USABLE_SHARE * lossless_Hz)


def _require(line: str, constant_imp_per_kWh: float, load_point: LoadPoint, allowed_Hz: float) -> None:
    rate_Hz = pulse_rate_Hz(constant_imp_per_kWh, load_point)
    if rate_Hz > allowed_Hz:
        raise OperatorError(
            f"load point {load_point.name}: {line} would give {hertz(rate_Hz)} pulses a second, and this bench "
            f"counts {hertz(allowed_Hz)} (half of what bench check --loopback found); take it out of the plan, or put "
            "a divider in front of the line"
        )


def hertz(rate_Hz: float) -> str:
    """Three digits and no power of ten."""
    return f"{rate_Hz:.0f}" if rate_Hz >= 100.0 else f"{rate_Hz:.3g}"


def pulse_rate_Hz(constant_imp_per_kWh: float, load_point: LoadPoint) -> float:
    """Pulses a second of a meter, or of a reference standard's output, at a load."""
    return constant_imp_per_kWh * abs(load_point.compared_power) / WS_PER_KWH
