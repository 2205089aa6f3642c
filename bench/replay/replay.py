"""Recompute a run from its raw files and frozen inputs, and compare every digit with what was recorded.

The method of the run is carried out again. In the place of devices stand the records: each step that it asks for must
be the next one that was recorded, and what the step gave is computed anew from the raw files (as long as they were
then, with the SHA-256 that was recorded). So windows, counts, readings, the course of the verification and its verdicts
are all found again or named with both figures. Nothing of the live program takes part but its pure functions.

A raw file that is not the one that was recorded is named, and what was computed from it is taken as it stands.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from bench.canonical import JsonObject
from bench.errors import OperatorError
from bench.measurement.environment import Ambient, EnvironmentReading
from bench.methods.steps import AskSkipped, Conclude, Skipped, Step, StepResult
from bench.methods.verification import verification
from bench.records.differences import DAMAGED, Difference, compare, damaged
from bench.records.frozen import completed, from_json, to_json
from bench.records.inputs import frozen_inputs
from bench.records.journal_reading import StoredRecord
from bench.records.kinds import (
    ENVIRONMENT_READ,
    INTERRUPTED,
    MACHINE_READ,
    POSITIONS_SKIPPED,
    RUN_ENDED,
    RUN_STARTED,
    VERDICT,
    WINDOW,
)
from bench.records.raw_reading import RawFiles, RawRun, ReaderFor
from bench.records.results import conclusion, read_findings
from bench.records.versions import Computation, computation_of
from bench.registry.cards import Card, figures_of
from bench.replay.recomputing import LOST, Recompute
from bench.replay.rerun import briefing_of, reading_before
from bench.run.verdicts import RunVerdicts, overall
from calibration.load_points import LoadPoint
from calibration.nameplate import MeterUnderTest
from calibration.quantities import FALLING, RISING, Outcome
from calibration.reference_standard import ReferenceCard


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it: how many results were recomputed, and what differed."""

    run_id: str
    results: int
    differences: tuple[Difference, ...]
    was_interrupted: bool
    has_ended: bool
    """False while it is under way, and after its program was killed until the bench has started again."""
    has_verdicts: bool
    """False for a record of format 1, which does not keep its rule set: only its results are recomputed."""


def replay(records: Sequence[StoredRecord], files: RawFiles, reader_for: ReaderFor) -> Replay:
    """Recompute one run.

    Errors: OperatorError where there is no such run, a raw file is missing or cannot be read, or the
    run was computed with other versions than the installed ones.
    """
    first = next((r for r in records if r.kind == RUN_STARTED), None)
    if first is None:
        raise OperatorError("the run has no start in this journal")
    course = None
    has_verdicts = False
    try:
        started = first.fields()
        computed = computation_of(started)
        raw = RawRun(files, reader_for(started), records)
        has_verdicts = "format" in started
        course = (
            _Course(first.number, started, raw, computed)
            if has_verdicts
            else _Windows(started, raw, computed)
        )
        course.follow([r for r in records if r.number > first.number])
        results, differences = course.results, course.differences
    except DAMAGED as error:
        results = 0 if course is None else course.results
        differences = [*([] if course is None else course.differences), damaged(first.number, error)]
    kinds = {r.kind for r in records}
    was_interrupted = INTERRUPTED in kinds
    has_ended = was_interrupted or RUN_ENDED in kinds
    return Replay(first.run_id, results, tuple(differences), was_interrupted, has_ended, has_verdicts)


def _ever_skipped(records: Sequence[StoredRecord]) -> frozenset[str]:
    """Positions that somebody took out of the run. A record that cannot be read is named when its turn comes."""
    skipped: set[str] = set()
    for record in records:
        if record.kind == POSITIONS_SKIPPED:
            with contextlib.suppress(*DAMAGED):
                skipped |= record.fields()["why"].keys()
    return frozenset(skipped)


class _Windows:
    """The windows of a record of format 1."""

    def __init__(self, started: JsonObject, raw: RawRun, computed: Computation) -> None:
        meters = {p: from_json(MeterUnderTest, m) for p, m in started["meters"].items()}
        card = from_json(ReferenceCard, started["reference_card"])
        self._recompute = Recompute(meters, card, raw, computed)
        self.differences: list[Difference] = []

    @property
    def results(self) -> int:
        return self._recompute.results

    def follow(self, records: Sequence[StoredRecord]) -> None:
        for record in records:
            if record.kind == WINDOW:
                try:
                    _, found = self._recompute.window(record.number, record.fields())
                except DAMAGED as error:
                    found = [damaged(record.number, error)]
                self.differences += found


class _Course:
    """A run carried out again on its records."""

    def __init__(self, number: int, started: JsonObject, raw: RawRun, computed: Computation) -> None:
        self._briefing = briefing = briefing_of(started)
        checked = briefing.checked
        pps = started["station"]["configuration"].get("clock", {}).get("pps")
        edge = RISING if pps is None or pps["edge"] == "rising" else FALLING
        ambient = Ambient(checked.plan.ambient_temperature_C, reading_before(started))
        self._recompute = Recompute(
            checked.meters, briefing.card, raw, computed, checked.plan.stability_pct, edge, ambient
        )
        self.differences = self._frozen(number, started)
        self._skipped = Skipped({})
        taken_over = {where: taken.outcome for where, taken in briefing.taken_over.items()}
        self._verdicts = RunVerdicts(briefing.checked, taken_over)

    @property
    def results(self) -> int:
        return self._recompute.results

    def follow(self, records: Sequence[StoredRecord]) -> None:
        method = verification(self._briefing)
        self._recompute.skipped = _ever_skipped(records)
        answer: StepResult = None
        for record in records:
            if record.kind == INTERRUPTED:
                return
            try:
                if record.kind == ENVIRONMENT_READ:
                    self._recompute.ambient.add(from_json(EnvironmentReading, record.fields()))
                    continue
                if record.kind == MACHINE_READ:
                    continue  # no figure rests on it
                if record.kind == RUN_ENDED:
                    self._ended(record.number, record.fields())
                    return
                step = method.send(answer)
                while isinstance(step, AskSkipped) and record.kind != POSITIONS_SKIPPED:
                    step = method.send(self._skipped)
                answer, found = self._answer(step, record)
                if isinstance(answer, Skipped):
                    self._skipped = answer
            except StopIteration:
                self.differences.append(
                    Difference(f"record {record.number}", record.kind, "nothing: everything was concluded")
                )
                return
            except DAMAGED as error:
                self.differences.append(damaged(record.number, error))
                return
            self.differences += found
            if answer is LOST:
                return

    def _answer(self, step: Step, record: StoredRecord) -> tuple[StepResult, list[Difference]]:
        fields = record.fields()
        if isinstance(step, Conclude) and record.kind == VERDICT:
            return None, self._verdict(step, record.number, fields)
        return self._recompute.answer(step, record.kind, record.number, fields)

    def _verdict(self, step: Conclude, number: int, fields: JsonObject) -> list[Difference]:
        where = f"record {number}, verdict of position {step.position}"
        anew = conclusion(step)
        is_spoilt = step.point in self._recompute.spoilt_points  # its raw file is named already
        outcome = Outcome(fields["verdict"]) if is_spoilt else step.verdict.outcome
        found = read_findings(fields["findings"]) if is_spoilt else step.verdict.findings
        if not step.will_repeat:
            self._verdicts.conclude(step.point, step.position, outcome, [f.reason for f in found])
        if is_spoilt:
            return []
        return compare(where, {key: fields.get(key) for key in anew}, anew)

    def _frozen(self, number: int, started: JsonObject) -> list[Difference]:
        """The frozen inputs against the plan and the configuration that they came from."""
        anew = frozen_inputs(self._briefing.checked)
        anew["computation"] = started["computation"]  # with which it is computed anew
        recorded = {key: started.get(key) for key in anew}
        recorded["meters"] = {p: completed(MeterUnderTest, m) for p, m in started["meters"].items()}
        recorded["test_points"] = [
            {**each, "load_point": each["load_point"] and completed(LoadPoint, each["load_point"])}
            for each in started["test_points"]
        ]
        card = completed(ReferenceCard, started["reference_card"])
        station = started["station"]
        configured = station["configuration"]["reference"]["card"]
        if station["configuration"]["reference"].get("card_id"):
            configured = configured | to_json(figures_of(from_json(Card, station["equipment"][0])))
        return [
            *compare(f"record {number}", recorded, anew),
            *compare(f"record {number}: reference_card", card, completed(ReferenceCard, configured)),
            *compare(f"record {number}: planned", started["planned"], to_json(self._briefing.planned)),
        ]

    def _ended(self, number: int, fields: JsonObject) -> None:
        """The verdict of the whole run; a run that nothing ended early has one for every test point."""
        checked = self._briefing.checked
        verdicts = self._verdicts.of_positions()
        anew: JsonObject = {
            "verdict": overall(list(verdicts.values())).value,
            "positions": {p: outcome.value for p, outcome in verdicts.items()},
        }
        recorded = {key: fields[key] for key in anew}
        if (environment := self._recompute.ambient.summary()) is not None:
            anew["environment"], recorded["environment"] = environment, fields.get("environment")
            anew["not_official_because"] = to_json(self._recompute.ambient.why_not(checked.rules.conditions))
            recorded["not_official_because"] = fields.get("not_official_because")
        self.differences += compare(f"record {number}, verdict of the run", recorded, anew)
        if fields["findings"]:
            return
        self.differences += [
            Difference(f"position {p}, test point {point.index}", "finished", "no verdict")
            for point in checked.points
            for p in point.positions
            if not self._verdicts.has(point.index, p)
        ]
