"""What takes a number away, what lowers a run's worth, and which load is not steady yet."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.acquisition import Acquisition
from bench.app import compose
from bench.approvals import Approval, approval_of, approve
from bench.canonical import JsonObject
from bench.errors import InstrumentError
from bench.ports import EdgeBatch, PulseInput, ReferenceSample, StampedValue
from bench.process import MeasuringProcess
from bench.settling import LoadWatch
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Kind, Outcome
from calibration.reasons import Reason
from tests.bench_process.support import PLAN, bench_config, plan_of

ONE_ATTEMPT = PLAN.replace("load_points", "repeats_of_invalid = 0\nload_points")
MID_RUN_S = 15.0
"""After the start of the bench: the load is steady and its pulses are counted."""


class FailsOnce:
    """A simulated pulse line whose driver cannot be read once, in the middle of the run; it loses nothing."""

    is_metrological = True

    def __init__(self, line: PulseInput, now_ns: Callable[[], int]) -> None:
        self._line, self._now_ns = line, now_ns
        self._fails_at_ns: int | None = now_ns() + round(MID_RUN_S * NS_PER_S)

    def read(self) -> EdgeBatch:
        if self._fails_at_ns is not None and self._now_ns() >= self._fails_at_ns:
            self._fails_at_ns = None
            raise InstrumentError("pulse line 1: the cable was pulled")
        return self._line.read()

    def close(self) -> None:
        self._line.close()


def refused_for(shown: JsonObject) -> set[str]:
    assert shown["verdict"] == "INVALID"
    assert shown["percentage_error_pct"] is None
    assert shown["expanded_uncertainty_pct"] is None
    return {reason["reason"] for reason in shown["reasons"]}


def test_a_line_that_failed_during_the_run_gives_no_number(tmp_path: Path) -> None:
    config = bench_config(tmp_path)
    equipment = compose(config, lambda line: None)
    failing = FailsOnce(equipment.pulse_inputs["1"], equipment.clock.now_ns)
    with MeasuringProcess(config, dataclasses.replace(equipment, pulse_inputs={"1": failing})) as process:
        summary = process.run(plan_of(ONE_ATTEMPT))
    assert summary.verdict is Outcome.INVALID
    assert "device_failed" in refused_for(summary.results["1"]["0"])


@pytest.mark.parametrize("queue", ["put_edges", "put_samples"])
def test_raw_material_that_was_not_recorded_gives_no_number(
    tmp_path: Path, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = bench_config(tmp_path)
    with MeasuringProcess(config, compose(config, lambda line: None)) as process:
        full_at_ns = process.clock.now_ns() + round(MID_RUN_S * NS_PER_S)
        put = getattr(process.recorder, queue)

        def full_once(*what: object) -> bool:
            nonlocal full_at_ns
            if process.clock.now_ns() < full_at_ns:
                return bool(put(*what))
            full_at_ns = 2**62
            return False

        monkeypatch.setattr(process.recorder, queue, full_once)
        summary = process.run(plan_of(ONE_ATTEMPT))
    assert summary.verdict is Outcome.INVALID
    assert "device_failed" in refused_for(summary.results["1"]["0"])


BY_THE_BOOK = PLAN.replace("load_points", "repeats = 2\nambient_temperature_C = 23.0\nload_points")


@pytest.mark.parametrize(
    ("worth", "is_approved", "card", "plan", "kind", "because"),
    [
        (Kind.OFFICIAL, True, {}, {}, Kind.OFFICIAL, []),
        (Kind.OFFICIAL, True, {"valid_until": "2999-12-31"}, {}, Kind.OFFICIAL, []),
        (Kind.OFFICIAL, False, {}, {}, Kind.INFORMATIVE, ["rules_provisional"]),
        (Kind.OFFICIAL, True, {"lag_known": False}, {}, Kind.INFORMATIVE, ["lag_unknown"]),
        (Kind.OFFICIAL, True, {"valid_until": "2001-01-01"}, {}, Kind.INFORMATIVE, ["certificate_expired"]),
        (Kind.OFFICIAL, True, {"accuracy_class_pct": 0.5}, {}, Kind.INFORMATIVE, ["reference_too_weak"]),
        (Kind.OFFICIAL, True, {}, {"repeats": 1}, Kind.INFORMATIVE, ["too_few_repeats"]),
        (Kind.OFFICIAL, True, {}, {"ambient_temperature_C": None}, Kind.INFORMATIVE, ["conditions_unknown"]),
        (Kind.OFFICIAL, True, {}, {"ambient_temperature_C": 31.0}, Kind.INFORMATIVE, ["conditions_unmet"]),
        (
            Kind.OFFICIAL, True, {}, {"wanted_uncertainty": 0.5}, Kind.INFORMATIVE,
            ["uncertainty_part_too_large"],
        ),
        (Kind.INFORMATIVE, True, {}, {}, Kind.INFORMATIVE, []),
        (Kind.SIMULATED, True, {}, {}, Kind.SIMULATED, []),
        (
            Kind.SIMULATED, False, {"lag_known": False}, {}, Kind.SIMULATED,
            ["rules_provisional", "lag_unknown"],
        ),
    ],
)  # fmt: skip
def test_a_run_is_worth_the_least_of_its_parts_and_names_each(
    tmp_path: Path,
    worth: Kind,
    is_approved: bool,
    card: dict[str, object],
    plan: dict[str, object],
    kind: Kind,
    because: list[str],
) -> None:
    config = bench_config(tmp_path)
    reference = config.reference
    reference = dataclasses.replace(reference, card=dataclasses.replace(reference.card, **card))
    config = dataclasses.replace(config, reference=reference)
    equipment = dataclasses.replace(compose(config, lambda line: None), worth=worth)
    checked = plan_of(BY_THE_BOOK)
    checked = dataclasses.replace(checked, plan=dataclasses.replace(checked.plan, **plan))
    if is_approved:
        approve(tmp_path, checked.rules, "A. Verifier", "2026-11-24T00:00:00+00:00")
    with MeasuringProcess(config, equipment) as process:
        found, reasons = process.worth_of(checked)
    assert (found, [finding.reason.value for finding in reasons]) == (kind, because)


def test_a_reference_too_weak_for_the_class_is_refused_with_the_ratio_and_what_would_do(
    tmp_path: Path,
) -> None:
    config = bench_config(tmp_path)
    reference = config.reference
    weak = dataclasses.replace(reference.card, accuracy_class_pct=0.5)
    config = dataclasses.replace(config, reference=dataclasses.replace(reference, card=weak))
    with MeasuringProcess(config, compose(config, lambda line: None)) as process:
        _, reasons = process.worth_of(plan_of(BY_THE_BOOK))
    (found,) = [f for f in reasons if f.reason is Reason.REFERENCE_TOO_WEAK]
    # A limit of 1 % is twice a reference of class 0.5; class 0.2 would do (JJG 596-2012).
    assert found.values == {"have": "0.5", "needed": "0.2", "meter_class": "1", "ratio": "2.0"}


def test_an_approval_lapses_when_the_rule_set_changes(tmp_path: Path) -> None:
    rules = plan_of().rules
    approve(tmp_path, rules, "A. Verifier", "2026-11-24T00:00:00+00:00")
    changed = dataclasses.replace(rules, sha256="0" * 64)
    assert approval_of(tmp_path, rules) == Approval("A. Verifier", "2026-11-24T00:00:00+00:00")
    assert approval_of(tmp_path, changed) is None


WANTED = LoadPoint("Imax 1.0", 230.0, 10.0, 1.0)
WATCH = LoadWatch(reached_within_pct=5.0, steady_for_s=4.0, timeout_s=60.0)


@pytest.mark.parametrize(
    ("from_pct", "to_pct", "is_steady"),
    [(0.0, 0.0, True), (-4.0, 4.0, False), (4.0, -4.0, False), (0.0, 3.0, False), (-0.4, 0.4, True)],
)
def test_a_ramp_near_the_wanted_load_is_not_steady(from_pct: float, to_pct: float, is_steady: bool) -> None:
    acquisition = Acquisition(())
    for i in range(51):
        power_W = WANTED.compared_power * (1 + (from_pct + (to_pct - from_pct) * i / 50) / 100)
        at_ns = i * NS_PER_S // 10
        acquisition.add_sample(ReferenceSample((), None, StampedValue(power_W, at_ns, at_ns + 1)))
    watch = WATCH.begin(WANTED, 0)
    assert watch.is_steady(acquisition, 5 * NS_PER_S) is is_steady
