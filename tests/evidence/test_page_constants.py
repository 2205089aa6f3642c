"""Every threshold of the verifier page's arithmetic is that of the bench.

Two computations that agree on clean windows must also refuse the same ones, and few windows lie near a threshold.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bench.evidence
from calibration import (
    alignment,
    evaluation,
    meter_edges,
    pulse_screening,
    quantities,
    reference_screening,
    reference_standard,
    set_membership,
    student_t,
    timebase,
    uncertainty,
)
from calibration.estimators import fused, tick_gated, tick_line
from firmware_io import edge_records, reference_profiles

NUMBERS = Path(bench.evidence.__path__[0]) / "page/numbers"
_CONSTANT = re.compile(r"^(?:export )?const ([A-Z][A-Z0-9_]*) = ([-0-9.e* ,\[\]]+);", re.MULTILINE)

BENCH = {
    "alignment": {
        "POLLS_A_REFRESH": alignment.POLLS_PER_REFRESH,
        "RATES_APART": alignment._CLOCKS_APART,
        "FEWEST_REFRESHES": alignment._FEWEST_REFRESHES,
        "CLEAR_BY": 3,
        "UNKNOWN_LAG_REFRESHES": alignment.UNCOMMISSIONED_LAG_U_IN_REFRESHES,
    },
    "budget": {
        "COVERAGE_PROBABILITY": uncertainty.COVERAGE_PROBABILITY,
        "AS_NORMAL_FROM": student_t.AS_GOOD_AS_INFINITE,
    },
    "edge_screening": {
        "COUNTER": quantities.SEQNO_MODULUS,
        "LEAST_TOLERANCE": pulse_screening._LEAST_TOLERANCE,
        "MOST_SCATTER": pulse_screening._MOST_SCATTER,
        "SCATTER_FACTOR": pulse_screening._SCATTER_FACTOR,
        "EXPLAINED_FRAMES": pulse_screening._LATTICE_PERIODS,
        "COARSE_FRAME": pulse_screening._COARSE_LATTICE,
        "COARSE_SWING": pulse_screening._COARSE_SWING,
        "FEW_INTERVALS": pulse_screening._FEW_INTERVALS,
        "MOST_UNEVEN": pulse_screening._MOST_UNEVEN,
        "ABOUT_ONE": pulse_screening._ABOUT_ONE,
        "ABOUT_TWO": pulse_screening._ABOUT_TWO,
        "STRETCH": pulse_screening._STRETCH,
        "STRIP_MARGIN": pulse_screening._STRIP_MARGIN,
        "OVERDUE_INTERVALS": pulse_screening._OVERDUE_INTERVALS,
        "LONGEST_FRAME_S": meter_edges.LONGEST_FRAME_S,
        "FULL_WITHIN_FRAMES": evaluation._FRAME_PART,
    },
    "estimators": {
        "FUSED_TICKS": fused.MIN_TICKS,
        "GATED_TICKS": tick_gated.MIN_TICKS,
        "LINE_TICKS": tick_line.MIN_TICKS,
        "WIDENINGS": list(fused.GATE_WIDENINGS),
        "FINE_REGISTER": fused.FINE_REGISTER_RATIO,
        "CURVE_NOISE": fused.CURVE_RELATIVE_NOISE,
        "RESIDUALS_AT_MOST": 4,
        "LAG_AT_MOST": 4,
        "BENCH_CLOCK_PPM": uncertainty.BENCH_CLOCK_LIMIT_PPM,
    },
    "evaluate": {
        "EVALUATIONS": [evaluation.VERSION],
        "DISAGREE_BEYOND": evaluation.AGREEMENT_LIMIT,
        "FEWEST_INTERVALS": evaluation.LEAST_INTERVALS,
        "MOST_SLEWING_PPM": evaluation.SLEW_LIMIT_PPM,
    },
    "gates": {"SLOPES": len(set_membership._GRID), "MOST_LOOKS": set_membership._MAX_ZOOMS},
    "lattice": {
        "LONGEST_LATTICE_S": meter_edges.LONGEST_FRAME_S,
        "DECIMAL_FRAMES_S": list(meter_edges.DECIMAL_FRAMES_S),
        "METER_CLOCK_PPM": meter_edges.LATTICE_CLOCK_PPM,
        "ON_FRAMES": meter_edges.LATTICE_STRENGTH,
        "FRAME_JITTER_S": meter_edges.LATTICE_JITTER_S,
        "STRAYS_FROM_PULSES": meter_edges._FEWEST_PULSES_WITH_STRAY,
        "STRAY_SCATTERS": meter_edges._STRAY_SCATTERS,
        "CERTAIN_FROM_PULSES": meter_edges.LATTICE_PULSES,
        "FIRST_PULSES": meter_edges._FIRST_LOOK_PULSES,
        "FIRST_STRENGTH": meter_edges._FIRST_LOOK_STRENGTH,
    },
    "profile": {"MOST_REGISTERS": reference_profiles.MOST_REGISTERS},
    "pulse_energy": {"STAMP_JITTER_S": meter_edges.STAMP_JITTER_S, "GATE_WIDENINGS": [1, 2, 4]},
    "raw": {"EDGE_BYTES": edge_records.RECORD_BYTES, "WORD_BYTES": 2},
    "readings": {
        "SILENCE_S": reference_screening._SILENCE_S,
        "SILENT_POLLS": reference_screening._SILENCE_POLLS,
        "LONG_BLOCK_S": reference_screening._BLOCK_S,
        "SHORT_BLOCK_S": reference_screening._SHORT_BLOCK_S,
        "ABRUPT_SHARE": reference_screening._ABRUPT_SHARE,
        "EXCURSION": reference_screening._EXCURSION,
        "EXCURSION_S": reference_screening._EXCURSION_S,
        "FLICKER": reference_screening._FLICKER,
        "STRIP_FACTOR": reference_screening._STRIP_FACTOR,
        "GAIN_STEADINESS": reference_screening._GAIN_STEADINESS,
        "LIVELY_STEPS": reference_screening._LIVELY_STEPS,
        "LIVELY_REFRESHES": reference_screening._LIVELY_REFRESHES,
    },
    "reference_standard": {
        "SAME_PLACE": reference_standard._SAME,
        "SAME_VOLTAGE": reference_standard._SAME_VOLTAGE,
    },
    "refresh_clock": {
        "FEWEST_CHANGES": timebase.MIN_CHANGES,
        "PERIODIC_WITHIN": timebase.PERIODICITY_LIMIT,
        "CORRELATED": timebase._CORRELATION_LIMIT,
        "KEEPS_STEP": timebase._STEP_LIMIT,
        "TOO_SMOOTH": timebase._SMALLEST_RESIDUAL,
    },
    "strips": {"STEEPEST": 1},
}
"""By module of the page; a figure where the bench has it without a name."""


@pytest.mark.parametrize("path", sorted(NUMBERS.glob("*.js")), ids=lambda path: path.stem)
def test_the_page_has_the_constants_of_the_bench(path: Path) -> None:
    found = {name: _value(text) for name, text in _CONSTANT.findall(path.read_text("utf-8"))}

    assert found == BENCH.get(path.stem, {})


def _value(text: str) -> float | list[float]:
    if text.startswith("["):
        return [float(part) for part in text.strip("[]").split(",")]
    base, _, exponent = text.partition("**")
    return float(base) ** float(exponent) if exponent else float(base)
