"""The runner takes the load away on every way out, and every way out is recorded."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.app import compose
from bench.errors import InstrumentError, OperatorError
from bench.methods.steps import ApplyLoad, CountPulses, RemoveLoad, Settle
from bench.ports import EdgeBatch, LoadSource, PulseInput, ReferenceSample, ReferenceStandard
from bench.process import MeasuringProcess
from bench.run.equipment import Equipment
from bench.run.interlock import LoadState, why_not
from calibration.load_points import LoadPoint
from calibration.quantities import Kind, Outcome
from calibration.reasons import Reason
from firmware_io.switching_off import switch_off
from tests.bench_process.support import PLAN, bench_config, plan_of, virtual_bench


class DefectError(Exception):
    """Something that no driver is allowed to raise."""


class Saboteur:
    """Raises at the n-th call it is asked about."""

    def __init__(self, at_call: int, error: Exception) -> None:
        self.left = at_call
        self.error = error
        self.has_struck = False

    def look(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.has_struck = True
            raise self.error


class WatchedSource:
    """A load source that knows whether its load is on."""

    def __init__(self, inner: LoadSource, saboteur: Saboteur) -> None:
        self._inner, self._saboteur = inner, saboteur
        self.is_on = False

    def apply(self, load_point: LoadPoint) -> None:
        self.is_on = True
        self._inner.apply(load_point)
        self._saboteur.look()

    def remove(self) -> None:
        self._inner.remove()
        self.is_on = False

    def close(self) -> None:
        self._inner.close()


class SabotagedReference:
    def __init__(self, inner: ReferenceStandard, saboteur: Saboteur) -> None:
        self._inner, self._saboteur = inner, saboteur

    def poll(self) -> ReferenceSample:
        self._saboteur.look()
        return self._inner.poll()

    def close(self) -> None:
        self._inner.close()


class SabotagedInput:
    is_metrological = True

    def __init__(self, inner: PulseInput, saboteur: Saboteur) -> None:
        self._inner, self._saboteur = inner, saboteur

    def read(self) -> EdgeBatch:
        self._saboteur.look()
        return self._inner.read()

    def close(self) -> None:
        self._inner.close()


def sabotaged(state_dir: Path, saboteur: Saboteur) -> tuple[MeasuringProcess, WatchedSource]:
    config = bench_config(state_dir)
    equipment: Equipment = compose(config, lambda line: None)
    source = WatchedSource(equipment.load_source, saboteur)

    watched = dataclasses.replace(
        equipment,
        load_source=source,
        reference=SabotagedReference(equipment.reference, saboteur),
        pulse_inputs={p: SabotagedInput(i, saboteur) for p, i in equipment.pulse_inputs.items()},
    )
    return MeasuringProcess(config, watched), source


@settings(max_examples=25, deadline=None)
@given(at_call=st.integers(1, 900), is_defect=st.booleans())
def test_the_load_is_off_whatever_raises_whenever(at_call: int, is_defect: bool) -> None:
    saboteur = Saboteur(at_call, DefectError("boom") if is_defect else InstrumentError("the device is gone"))
    with TemporaryDirectory() as folder:
        process, source = sabotaged(Path(folder), saboteur)
        with process:
            try:
                process.run(plan_of())
            except (DefectError, InstrumentError):
                assert saboteur.has_struck
            assert not source.is_on
            kinds = [record.kind for record in process.recorder.read(0, 100)]
        assert kinds[0] == "run_started"
        assert kinds[-1] == "run_ended"


def test_a_source_that_fails_half_way_is_switched_off(tmp_path: Path) -> None:
    process, source = sabotaged(tmp_path, Saboteur(10_000, DefectError()))
    source._saboteur = Saboteur(1, InstrumentError("source: no answer"))
    with process, pytest.raises(InstrumentError, match="no answer"):
        process.run(plan_of())
    assert not source.is_on


def test_a_stop_ends_the_run_invalid_with_the_load_off(tmp_path: Path) -> None:
    with virtual_bench(tmp_path) as process:
        process.live.listen(
            lambda number, patch, state: patch.get("phase") == "measuring" and process.stop_run()
        )
        summary = process.run(plan_of())
        records = process.recorder.read(0, 100)
    assert summary.verdict is Outcome.INVALID
    assert records[-1].fields()["findings"] == [{"reason": "stopped_by_operator", "values": {}}]
    (shown,) = summary.results["1"].values()
    assert (shown["load_point"], shown["verdict"]) == ("Imax 1.0", "INVALID")
    assert shown["reasons"] == [{"reason": "stopped_by_operator", "values": {}}]


def test_only_a_position_of_the_run_is_skipped_and_only_with_a_reason(tmp_path: Path) -> None:
    refused: list[str] = []

    def skip(sequence: int, patch: object, state: object) -> None:
        for position, why in (("9", "no lamp"), ("1", " "), ("1", "two\nlines")):
            with pytest.raises(OperatorError) as error:
                process.skip(position, why)
            refused.append(str(error.value))

    with virtual_bench(tmp_path) as process:
        with pytest.raises(OperatorError, match="no run is under way"):
            process.skip("1", "no lamp")
        process.live.listen(skip)
        summary = process.run(plan_of())
    assert summary.verdict is Outcome.PASS
    assert set(refused) == {
        "no position '9' is in this run; it has 1",
        "say why in one line of 1 to 200 characters",
    }


def test_the_state_says_that_a_position_is_skipped_before_its_test_point_is_over(tmp_path: Path) -> None:
    told: list[tuple[bool, int]] = []

    def skip(sequence: int, patch: object, state: dict) -> None:
        if state["phase"] == "measuring":
            (shown,) = state["positions"].values()
            told.append((shown["is_skipped"], len(shown["results"])))
            if len(told) == 1:
                process.skip("1", "no lamp")

    with virtual_bench(tmp_path) as process:
        process.live.listen(skip)
        assert process.run(plan_of()).verdict is Outcome.INVALID
    assert told[0] == (False, 0)
    assert (True, 0) in told


def test_a_good_meter_passes_with_the_truth_inside_its_interval(tmp_path: Path) -> None:
    with virtual_bench(tmp_path) as process:
        summary = process.run(plan_of())
    (shown,) = summary.results["1"].values()
    assert summary.verdict is Outcome.PASS
    assert summary.kind is Kind.SIMULATED
    distance = abs(float(shown["percentage_error_pct"]) - float(shown["true_error_pct"]))
    assert distance <= float(shown["expanded_uncertainty_pct"])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("lost_edge@12", Reason.PULSES_LOST),
        ("reference_silent@12", None),
        ("energy_reset@12", Reason.REFERENCE_RESET),
        ("unplugged_line@12", None),
    ],
)
def test_an_invalid_window_is_repeated_once_and_stays_visible(
    tmp_path: Path, fault: str, reason: Reason | None
) -> None:
    with virtual_bench(tmp_path, f'faults = ["{fault}"]') as process:
        summary = process.run(plan_of())
        records = [record.fields() for record in process.recorder.read(0, 100)]
    verdicts = [record for record in records if record["kind"] == "verdict"]
    if reason is None:  # a fault without a duration may be over before it hurts; it must never be wrong
        assert verdicts[-1]["verdict"] == "PASS"
        return
    assert [v["verdict"] for v in verdicts] == ["INVALID", "PASS"]
    assert reason.value in {finding["reason"] for finding in verdicts[0]["findings"]}
    assert summary.verdict is Outcome.PASS
    assert summary.results["1"]["0"]["verdict"] == "PASS"


def test_a_load_that_is_not_reached_is_invalid_and_says_what_was_read(tmp_path: Path) -> None:
    plan = plan_of().plan
    assert plan.repeats_of_invalid == 1
    faults = 'faults = ["load_trips@0#1", "load_trips@0#2"]'
    with virtual_bench(tmp_path, faults) as process:
        summary = process.run(plan_of())
    assert summary.verdict is Outcome.INVALID
    reasons = summary.results["1"]["0"]["reasons"]
    assert [r["reason"] for r in reasons] == ["load_not_reached"]


def test_too_large_an_uncertainty_is_invalid_and_not_repeated(tmp_path: Path) -> None:
    text = PLAN.replace("load_points", "wanted_uncertainty = 0.001\nload_points")
    with virtual_bench(tmp_path) as process:
        summary = process.run(plan_of(text))
        records = [record.fields() for record in process.recorder.read(0, 100)]
    assert summary.verdict is Outcome.INVALID
    assert [r["reason"] for r in summary.results["1"]["0"]["reasons"]] == ["uncertainty_too_large"]
    assert sum(record["kind"] == "verdict" for record in records) == 1


def test_interlock_lets_no_load_replace_another_and_nothing_be_counted_unsettled() -> None:
    point = LoadPoint("Ib 1.0", 220.0, 5.0, 1.0)
    count = CountPulses(0, 0, point, {}, 1.0, 1, 1.0, 1.0)
    assert why_not(LoadState.OFF, ApplyLoad(0, point)) is None
    assert why_not(LoadState.APPLIED, ApplyLoad(0, point)) is not None
    assert why_not(LoadState.OFF, Settle(0, point)) is not None
    assert why_not(LoadState.APPLIED, count) is not None
    assert why_not(LoadState.STEADY, count) is None
    assert all(why_not(state, RemoveLoad()) is None for state in LoadState)


@pytest.mark.parametrize(("failures", "is_off"), [(2, True), (100, False)])
def test_a_removal_that_fails_is_tried_again_and_never_passed_over(
    tmp_path: Path, failures: int, is_off: bool
) -> None:
    process, source = sabotaged(tmp_path, Saboteur(10**9, DefectError()))
    remove, left = source.remove, [failures]

    def stubborn() -> None:
        if source.is_on and left[0]:
            left[0] -= 1
            raise InstrumentError("load source: no answer")
        remove()

    # As every driver does; nobody above repeats what it has given up.
    source.remove = lambda: switch_off(stubborn, "source", lambda: None)  # type: ignore[method-assign]
    with process:
        if is_off:
            assert process.run(plan_of()).verdict is Outcome.PASS
        else:
            with pytest.raises(InstrumentError, match="switch the source off by hand"):
                process.run(plan_of())
            last = process.recorder.read(0, 100)[-1].fields()
            assert (last["kind"], last["verdict"]) == ("run_ended", "INVALID")
            left[0] = 0
    assert not source.is_on
