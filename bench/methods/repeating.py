"""What becomes of a conclusion before it stands: it is tried again where that may help, or is informative alone."""

from __future__ import annotations

from dataclasses import replace

from bench.methods.briefing import Briefing
from bench.methods.conclusions import Concluded, unjudged
from calibration.quantities import Outcome, Verdict
from calibration.reasons import Reason

_STAYS = frozenset(
    {
        Reason.UNCERTAINTY_TOO_LARGE,
        Reason.TIME_TOO_SHORT,
        Reason.TOO_FEW_PULSES,
        Reason.METER_CONSTANT_SUSPECT,
        Reason.CONSTANT_DIFFERS,
        Reason.CLOCK_NOT_TRACEABLE,
        Reason.REGISTER_TOO_COARSE,
        Reason.METER_NOT_READ,
        Reason.NOT_ANSWERED,
        Reason.RULES_ASK_NOTHING,
        Reason.GUARD_BAND_TOO_WIDE,
    }
)
"""Reasons that a repetition of the same length cannot cure."""


def is_repeatable(verdict: Verdict) -> bool:
    """An instrument's fault may be gone the second time; too little time would be too little again."""
    return verdict.outcome is Outcome.INVALID and not {f.reason for f in verdict.findings} & _STAYS


def as_unjudged(b: Briefing, position: str, concluded: Concluded) -> Concluded:
    """Nothing is judged of a meter whose energy the rule set is not about; what was found of it stays."""
    verdict = concluded.verdict
    if verdict.outcome is Outcome.INVALID or b.checked.rules.judges(b.checked.meters[position]):
        return concluded
    beside = tuple(f for f in verdict.findings if f.reason is not Reason.NOT_JUDGED)
    return replace(concluded, verdict=unjudged(Reason.REACTIVE_UNSURE, *beside))
