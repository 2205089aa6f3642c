"""What a recorded step gave, computed anew from the raw files. The counterpart of `observer.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.canonical import JsonObject
from bench.line_names import PPS_LINE, REFERENCE_LINE, clock_line
from bench.measurement.environment import Ambient
from bench.measurement.measuring import early_outcome
from bench.measurement.observing import (
    faults_between,
    pulses_of,
    read_between,
    seconds_pulses,
    with_load,
    with_rate,
)
from bench.methods.steps import (
    Answered,
    ApplyLoad,
    Ask,
    AskSkipped,
    ClockWatch,
    Counted,
    CountPulses,
    Hold,
    MetersRead,
    PassEnergy,
    PulseWatch,
    ReadMeters,
    RemoveLoad,
    Settle,
    Settled,
    Skipped,
    Step,
    StepResult,
    WatchClock,
    WatchPulses,
)
from bench.plans.plan import Plan
from bench.records.differences import Difference, compare
from bench.records.frozen import completed, from_json, to_json
from bench.records.journal_reading import POSITIONS_SKIPPED, VERDICT
from bench.records.raw_reading import RawRun
from bench.records.results import read_findings, read_result, result_figures
from calibration.evaluation import evaluate
from calibration.held_load import screen_held_load
from calibration.load_points import LoadPoint
from calibration.nameplate import MeterUnderTest
from calibration.quantities import RISING, ErrorResult
from calibration.reference_standard import ReferenceCard

_KINDS: dict[type[Step], tuple[str, ...]] = {
    ApplyLoad: ("load_applied",),
    Settle: ("load_steady", "load_not_reached"),
    RemoveLoad: ("load_removed",),
    CountPulses: ("window",),
    WatchPulses: ("pulses_watched",),
    WatchClock: ("clock_watched",),
    Hold: ("load_held",),
    PassEnergy: ("energy_passed",),
    ReadMeters: ("meters_read",),
    Ask: ("answered",),
    AskSkipped: (POSITIONS_SKIPPED,),
}
Found = tuple[StepResult, list[Difference]]
LOST: StepResult = {}
"""The course of the method and that of the records part here; nothing after it can be compared."""


class Recompute:
    """Of one run. `results`: how many windows, counts and readings were computed anew."""

    def __init__(
        self,
        meters: Mapping[str, MeterUnderTest],
        card: ReferenceCard,
        raw: RawRun,
        plan: Plan | None,
        pps_edge: int = RISING,
        ambient: Ambient | None = None,
    ) -> None:
        """plan: None for a record of format 1, of which only the windows are computed anew.

        pps_edge: kind of the edge that is the second.
        """
        self._meters = meters
        self._card = card
        self._plan = plan
        self._raw = raw
        self._pps_edge = pps_edge
        self.ambient = Ambient(None, None) if ambient is None else ambient
        self.results = 0
        self.spoilt_points: set[int] = set()
        """Test points of which a raw file is not what was recorded."""

    def answer(self, step: Step, kind: str, number: int, fields: JsonObject) -> Found:
        """What the method gets for this step; LOST (with a difference) where the record is of another step."""
        if kind not in _KINDS.get(type(step), ()):
            wanted = " or ".join(_KINDS.get(type(step), (VERDICT,)))
            return LOST, [Difference(f"record {number} stands in the place of {wanted}", kind, wanted)]
        match step:
            case ApplyLoad() | RemoveLoad():
                return None, self._same_load(number, fields, step)
            case Settle():
                return Settled(read_findings(fields["findings"]) if kind == "load_not_reached" else ()), []
            case CountPulses():
                return self._count(step, number, fields)
            case Ask():
                return Answered(fields["answers"]), []
            case AskSkipped():
                return Skipped(fields["why"]), []
        spoilt = self._raw.changed_files(number, fields)
        asked = compare(f"record {number}: step", _completed(step, fields["step"]), to_json(step))
        if spoilt:
            self.spoilt_points.add(step.point)
            return _as_recorded(step, fields), spoilt + asked
        answer, key = self._measured(step, fields), _ANSWER_KEY[type(step)]
        recorded = {key: _as_now(step, fields[key])}
        self.results += 1
        anew = to_json(answer.findings if isinstance(answer, Settled) else answer)
        return answer, asked + compare(f"record {number}", recorded[key], anew)

    def _same_load(self, number: int, fields: JsonObject, step: ApplyLoad | RemoveLoad) -> list[Difference]:
        if isinstance(step, RemoveLoad):
            return []
        recorded = completed(LoadPoint, fields["load_point"])
        return compare(f"record {number}: load_point", recorded, to_json(step.load_point))

    # --- windows

    def _count(self, step: CountPulses, number: int, fields: JsonObject) -> Found:
        anew = {
            "point": step.point,
            "attempt": step.attempt,
            "run_number": step.run,
            "load_point": to_json(step.load_point),
            "stability_pct": to_json(step.stability_pct),
            "wanted_uncertainty_pct": to_json(step.wanted_uncertainty_pct),
        }
        recorded = {key: fields.get(key) for key in anew}
        recorded["load_point"] = completed(LoadPoint, fields["load_point"])
        asked = compare(f"record {number}", recorded, anew)
        results, found = self.window(number, fields)
        if results is None:
            self.spoilt_points.add(step.point)
            results = {p: read_result(r) for p, r in fields["results"].items()}
        early = {p: early_outcome(step, p, results[p]) for p in fields.get("decided_at_ns", {})}
        return Counted(results, {p: o for p, o in early.items() if o is not None}), asked + found

    def window(
        self, number: int, fields: JsonObject
    ) -> tuple[dict[str, ErrorResult] | None, list[Difference]]:
        """The results of one window; None where they cannot be recomputed, since a raw file is damaged."""
        if changed := self._raw.changed_files(number, fields):
            return None, changed
        decided_at_ns = fields.get("decided_at_ns", {})
        results: dict[str, ErrorResult] = {}
        for last_ns in {*decided_at_ns.values(), fields["run_last_ns"]}:
            here = [p for p in fields["results"] if decided_at_ns.get(p, fields["run_last_ns"]) == last_ns]
            if here:
                results |= self._evaluate(fields, here, last_ns)
        self.results += len(results)
        differences = [
            d
            for p, result in results.items()
            for d in compare(f"record {number}, position {p}", fields["results"][p], result_figures(result))
        ]
        return {p: results[p] for p in fields["results"]}, differences

    def _evaluate(self, fields: JsonObject, positions: list[str], last_ns: int) -> dict[str, ErrorResult]:
        first_ns = fields["run_first_ns"]
        load_point = from_json(LoadPoint, fields["load_point"])
        faults = {p: [f for f in fields["line_faults"][p] if f["at_ns"] <= last_ns] for p in positions}
        return evaluate(
            {p: self._raw.edges(p) for p in positions},
            self._raw.acquisition.readings_since(first_ns),
            reference_edges=self._raw.edges(REFERENCE_LINE) if self._raw.has_line(REFERENCE_LINE) else None,
            meters=self._meters,
            card=self._card.at(load_point, self.ambient.temperature_C(first_ns)),
            load_point=load_point,
            stability_pct=float(fields["stability_pct"]),
            run_ns=(first_ns, last_ns),
            clock_slew_ppm=float(fields["clock_slew_ppm"]),
            line_findings={p: read_findings(f["finding"] for f in faults[p]) for p in positions},
        )

    # --- the other measuring steps

    def _measured(self, step: Step, fields: JsonObject) -> Any:
        span_ns = (fields["first_ns"], fields["last_ns"])
        readings = self._raw.acquisition.readings_since(span_ns[0])
        match step:
            case WatchPulses():
                found = {line: read_findings(f) for line, f in fields["line_findings"].items()}
                seen = {
                    p: pulses_of(self._raw.edges(p), self._meters[p], span_ns, longest_s, found[p])
                    for p, longest_s in step.longest_s.items()
                }
                assert self._plan is not None, "a record of format 1 has no watches"
                stability_pct = self._plan.stability_pct
                return with_load(seen, step, readings, self._card, span_ns[0], stability_pct)
            case WatchClock():
                recorded = {p: from_json(ClockWatch, w) for p, w in fields["results"].items()}
                watched = {p: self._clock(step, p, fields, recorded[p]) for p in step.positions}
                if not self._raw.has_line(PPS_LINE):
                    return watched
                pps_findings = read_findings(fields["line_findings"][PPS_LINE])
                return with_rate(watched, self._raw.edges(PPS_LINE), self._pps_edge, span_ns, pps_findings)
            case Hold():
                return Settled(
                    screen_held_load(readings, self._card, step.load_point, span_ns, step.stability_pct)
                )
            case PassEnergy():
                return Settled(faults_between(readings.faults, span_ns))
            case ReadMeters():
                recorded_read = from_json(MetersRead, fields["read"])
                return self._meters_read(recorded_read, fields, span_ns)
        raise AssertionError(step)

    def _clock(self, step: WatchClock, position: str, fields: JsonObject, recorded: Any) -> Any:
        line = clock_line(position)
        if not self._raw.has_line(line):
            return recorded
        found = read_findings(fields["line_findings"][line])
        edges = self._raw.edges(line)
        return seconds_pulses(edges, fields["first_ns"], step.windows, step.window_s, found)

    def _meters_read(self, recorded: MetersRead, fields: JsonObject, span_ns: tuple[int, int]) -> MetersRead:
        """What the ports said is taken from the record; reference and pulses are found anew."""
        lines = {p: self._raw.edges(p) for p in recorded.findings}
        own = {p: read_findings(fields["port_findings"][p]) for p in recorded.findings}
        faults = {p: read_findings(fields["line_findings"][p]) for p in recorded.findings}
        return read_between(
            lines, self._meters, self._raw.acquisition.energy_Wh.since(0),
            self._raw.acquisition.readings_since(span_ns[0]).faults, span_ns, recorded.registers, own, faults,
        )  # fmt: skip


_ANSWER_KEY: dict[type[Step], str] = {
    WatchPulses: "results",
    WatchClock: "results",
    Hold: "findings",
    PassEnergy: "findings",
    ReadMeters: "read",
}


def _completed(step: Step, recorded: JsonObject) -> JsonObject:
    """A recorded step, its load point with the defaults of fields that are newer than the record."""
    if not isinstance(getattr(step, "load_point", None), LoadPoint):
        return recorded
    return {**recorded, "load_point": completed(LoadPoint, recorded["load_point"])}


def _as_now(step: Step, recorded: Any) -> Any:
    """A recorded answer with the defaults of fields that are newer than the record."""
    match step:
        case ReadMeters():
            return to_json(from_json(MetersRead, recorded))
        case WatchClock():
            return {p: to_json(from_json(ClockWatch, watch)) for p, watch in recorded.items()}
    return recorded


def _as_recorded(step: Step, fields: JsonObject) -> StepResult:
    match step:
        case WatchPulses():
            return {p: from_json(PulseWatch, w) for p, w in fields["results"].items()}
        case WatchClock():
            return {p: from_json(ClockWatch, w) for p, w in fields["results"].items()}
        case ReadMeters():
            return from_json(MetersRead, fields["read"])
    return Settled(read_findings(fields["findings"]))
