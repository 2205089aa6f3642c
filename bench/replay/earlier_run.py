"""What a recorded run has given to one that goes on with it, and in what the two runs differ."""

from __future__ import annotations

from collections.abc import Sequence

from bench.canonical import JsonObject
from bench.methods.briefing import TakenOver
from bench.records.differences import Difference, compare
from bench.records.frozen import completed
from bench.records.journal_reading import StoredRecord
from bench.records.kinds import RUN_STARTED, VERDICT
from bench.replay.rerun import Given, taken_over_by
from bench.toml_reader import parse_toml
from calibration.quantities import Outcome
from calibration.reference_standard import ReferenceCard


def given_by(records: Sequence[StoredRecord]) -> Given:
    """The verdicts of a run that are final and valid, with those that it took over itself."""
    given: Given = {}
    for fields in (record.fields() for record in records):
        if fields["kind"] == RUN_STARTED:
            given |= taken_over_by(fields)
        elif fields["kind"] == VERDICT and not fields["is_repeated"]:
            outcome, mean = Outcome(fields["verdict"]), fields["mean"]
            if outcome is not Outcome.INVALID:
                mean_pct = None if mean is None else float(mean["mean_pct"])
                given[fields["point"], fields["position"]] = TakenOver(outcome, mean_pct)
    return given


def first_that_differs(earlier: JsonObject, later: JsonObject) -> Difference | None:
    """The first frozen input in which two runs differ, so that the later one may take over nothing; `recorded` is
    that of the earlier run.

    What may differ is what no verdict hangs on: comments and title of the plan, timing of the loops, the simulation's
    faults.
    """
    before, now = _inputs(earlier), _inputs(later)
    for where in before:
        if found := compare(where, before[where], now[where]):
            return found[0]
    lost = _reasons(earlier) - _reasons(later)
    if lost:  # its verdicts were worth less than those of the later run would be
        return Difference("not_official_because", ", ".join(sorted(lost)), "no longer so")
    return None


def _inputs(started: JsonObject) -> JsonObject:
    """All that a verdict hangs on, in the order in which it is compared."""
    rule_set, station = started["rule_set"], started["station"]
    return {
        "plan": {
            key: said for key, said in parse_toml(started["plan"], "the plan").items() if key != "title"
        },
        "rule_set": {key: rule_set[key] for key in ("name", "edition", "sha256")},
        "computation": started["computation"],
        "reference_card": completed(ReferenceCard, started["reference_card"]),
        "reference_profile": station["reference_profile"],
        "kind": station["kind"],
        # One meter is tested by one person from start to end; a record from before persons names none.
        "verifier": station.get("verifier", ""),
        "case": started.get("case", ""),
        "pooled_repeatability": started["pooled_repeatability"],
        "clock_frequency_U_ppm": started["clock_frequency_U_ppm"],
        "pps_U_ppm": started.get("pps_U_ppm"),
    }


def _reasons(started: JsonObject) -> set[str]:
    return {finding["reason"] for finding in started["station"]["not_official_because"]}
