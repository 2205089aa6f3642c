"""Going on after an interruption: what an earlier run of the same plan has given already.

A verdict is taken over where it is final and valid (PASS, FAIL, measured and not judged), and only if the plan, the
rule set and the reference's card are to the letter those of the earlier run; INVALID is measured again. The new run
names the earlier one, whose records and raw files keep the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.errors import OperatorError
from bench.frozen import completed, to_json
from bench.journal import RUN_STARTED, JournalReader
from bench.methods.briefing import TakenOver
from bench.plan import CheckedPlan
from calibration.equipment import ReferenceCard
from calibration.quantities import Outcome


@dataclass(frozen=True)
class Resumed:
    """verdicts: by test point and position."""

    run_id: str
    verdicts: Mapping[tuple[int, str], TakenOver]


def resume(state_dir: Path, run_id: str, checked: CheckedPlan, card: ReferenceCard) -> Resumed:
    """Errors: OperatorError where there is no such run, or it was of another plan, rule set or reference."""
    journal = JournalReader(state_dir)
    try:
        if run_id not in (known := journal.run_ids()):
            named = ", ".join(known[-10:]) or "no runs"
            raise OperatorError(f"{run_id} is not in this journal; it has {named}")
        records = [record.fields() | {"kind": record.kind} for record in journal.run(run_id)]
    finally:
        journal.close()
    started = next(fields for fields in records if fields["kind"] == RUN_STARTED)
    if started.get("plan") != checked.source:
        raise OperatorError(f"{run_id} was of another plan; start a new run, or give the plan that it had")
    if started["rule_set"]["sha256"] != checked.rules.sha256:
        raise OperatorError(f"{run_id} was of another edition of its rule set; start a new run")
    if completed(ReferenceCard, started["reference_card"]) != to_json(card):
        raise OperatorError(f"{run_id} had another card of the reference standard; start a new run")
    verdicts = {
        (t["point"], t["position"]): TakenOver(Outcome(t["outcome"]), _real(t["mean_pct"]))
        for t in started.get("taken_over", [])
    }
    for fields in records:
        if fields["kind"] == "verdict" and not fields["is_repeated"] and fields["verdict"] != Outcome.INVALID:
            mean = fields["mean"]
            taken = TakenOver(Outcome(fields["verdict"]), None if mean is None else _real(mean["mean_pct"]))
            verdicts[fields["point"], fields["position"]] = taken
    return Resumed(run_id, verdicts)


def _real(text: str | None) -> float | None:
    return None if text is None else float(text)
