"""What takes a number away, what lowers a run's worth, and which load is not steady yet."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.app import compose
from bench.before_run.worth import why_not_official
from bench.canonical import JsonObject
from bench.errors import InstrumentError, OperatorError
from bench.items import Item
from bench.measurement.acquisition import Acquisition
from bench.measurement.settling import LoadWatch
from bench.plans.plan import parse_plan
from bench.ports import EdgeBatch, PulseInput, ReferenceSample, StampedValue
from bench.process import MeasuringProcess
from bench.registry.approvals import Approval, approve
from bench.registry.standing import registered
from bench.words import item_names
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Finding, Kind, Outcome
from calibration.reasons import Reason, sentence
from calibration.rule_files import load_rule_set, rule_set_names
from tests.bench_process.support import METER, PLAN, bench_config, plan_of
from tests.registry.laboratory import CERTIFICATE, laboratory, with_reference
from tests.registry.test_approvals import approval_of

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


BY_THE_BOOK = (
    """
tests = ["visual", "no_load", "starting", "basic_error", "meter_constant", "clock"]
decision_rule = "regulation"
repeats = 2
ambient_temperature_C = 23.0
"""
    + METER
    + "register_decimals = 2\n"
)


@pytest.mark.parametrize(
    ("worth", "is_approved", "card", "plan", "kind", "because"),
    [
        (Kind.OFFICIAL, True, {}, {}, Kind.OFFICIAL, []),
        (Kind.OFFICIAL, True, {"valid_until": "2999-12-31"}, {}, Kind.OFFICIAL, []),
        (Kind.OFFICIAL, False, {}, {}, Kind.INFORMATIVE, ["rules_provisional"]),
        (Kind.OFFICIAL, True, {"lag_known": False}, {}, Kind.INFORMATIVE, ["lag_unknown"]),
        (Kind.OFFICIAL, True, {"valid_until": "2001-01-01"}, {}, Kind.INFORMATIVE, ["equipment_expired"]),
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
    card: dict[str, Any],
    plan: dict[str, object],
    kind: Kind,
    because: list[str],
) -> None:
    lab = laboratory(tmp_path)
    card = dict(card)
    certificate = dataclasses.replace(CERTIFICATE, valid_until=card.pop("valid_until", "2999-12-31"))
    accuracy_class_pct = card.pop("accuracy_class_pct", 0.05)
    config = with_reference(bench_config(tmp_path), lab, certificate, accuracy_class_pct)
    reference = config.reference
    reference = dataclasses.replace(reference, card=dataclasses.replace(reference.card, **card))
    config = registered(dataclasses.replace(config, reference=reference))
    equipment = dataclasses.replace(compose(config, lambda line: None), worth=worth)
    checked = plan_of(BY_THE_BOOK)
    checked = dataclasses.replace(checked, plan=dataclasses.replace(checked.plan, **plan))
    if is_approved:
        approve(tmp_path, checked.rules, lab.checker, "2026-11-24T00:00:00+00:00")
    with MeasuringProcess(config, equipment) as process:
        run = process.prepare(checked, verifier=lab.verifier)
    assert (run.kind, [finding.reason.value for finding in run.because]) == (kind, because)


def test_a_reference_too_weak_for_the_class_is_refused_with_the_ratio_and_what_would_do(
    tmp_path: Path,
) -> None:
    config = bench_config(tmp_path)
    reference = config.reference
    weak = dataclasses.replace(reference.card, accuracy_class_pct=0.5)
    config = dataclasses.replace(config, reference=dataclasses.replace(reference, card=weak))
    with MeasuringProcess(config, compose(config, lambda line: None)) as process:
        reasons = process.prepare(plan_of(BY_THE_BOOK)).because
    (found,) = [f for f in reasons if f.reason is Reason.REFERENCE_TOO_WEAK]
    # A limit of 1 % is twice a reference of class 0.5; class 0.2 would do (JJG 596-2012).
    assert found.values == {"have": "0.5", "needed": "0.2", "meter_class": "1", "ratio": "2.0"}


NAMEPLATE = """
[[meter]]
position = "1"
serial = "M-1"
accuracy_class = "{accuracy_class}"
connection = "{connection}"
meter_constant_imp_per_kWh = 1200.0
nominal_voltage_V = 220.0
basic_current_A = 10.0
transitional_current_A = 1.0
minimum_current_A = 0.3
starting_current_A = 0.04
maximum_current_A = 60.0
"""


def kept_from_official(
    folder: Path, rules: str, accuracy_class: str, card: dict[str, object], wanted: float
) -> list[Finding]:
    """Of all items of a rule set, approved, on a bench that could give official results but for its card."""
    config = bench_config(folder)
    reference = dataclasses.replace(
        config.reference,
        card=dataclasses.replace(config.reference.card, **card),  # type: ignore[arg-type]
    )
    config = dataclasses.replace(config, reference=reference)
    items = ", ".join(f'"{item}"' for item in load_rule_set(rules).items)
    checked = plan_of(
        f'rule_set = "{rules}"\ntests = [{items}]\nwanted_uncertainty = {wanted}\n'
        + NAMEPLATE.format(
            accuracy_class=accuracy_class, connection="ct" if accuracy_class.endswith("S") else "direct"
        )
    )
    return list(why_not_official(checked, config, {}, "2026-11-24", registered=()))


OF_OTHERS = {"conditions_unknown", "too_few_repeats", "other_decision_rule"}


@pytest.mark.parametrize("name", rule_set_names())
def test_no_rule_set_takes_a_reference_as_weak_as_the_meter(tmp_path: Path, name: str) -> None:
    rules = load_rule_set(name)
    accuracy_class = rules.accuracy_classes[-1]
    limit_pct = rules.smallest_limit_pct(accuracy_class)
    weak = {"accuracy_class_pct": limit_pct or 1.0, "calibration_U_pct": 0.5 * (limit_pct or 1.0)}
    found = kept_from_official(tmp_path, name, accuracy_class, weak, 0.6)
    reasons = [f.reason.value for f in found if f.reason.value not in OF_OTHERS]
    ours = "" if name == "jjg596-2012" else "_by_ours"
    expected = [f"reference_too_weak{ours}", f"uncertainty_part_too_large{ours}"]
    assert reasons == (expected if rules.limits else [])
    for finding in found if rules.limits else []:
        if finding.reason.value in expected:
            assert "—" not in sentence(finding.reason, finding.values, "zh")
            said = sentence(finding.reason, finding.values, "en")
            assert "would do" in said
            assert ("ours and unsure" in said) == bool(ours)
    good = {"accuracy_class_pct": 0.02, "calibration_U_pct": 0.005}
    assert {
        f.reason.value for f in kept_from_official(tmp_path, name, accuracy_class, good, 0.2)
    } <= OF_OTHERS


def test_a_part_of_the_limit_that_is_too_large_is_said_once_for_the_plan(tmp_path: Path) -> None:
    second = METER.replace('position = "1"', 'position = "2"').replace("M-1", "M-2")
    checked = parse_plan("wanted_uncertainty = 0.5\n" + METER + second, ["1", "2"])
    found = why_not_official(checked, bench_config(tmp_path), {}, "2026-11-24", registered=())
    (said,) = (f for f in found if f.reason is Reason.UNCERTAINTY_PART_TOO_LARGE)
    assert said.values == {"have": "0.5", "ratio": "2.0", "needed": "0.33", "needed_ratio": "3.0"}


@pytest.mark.parametrize(
    ("old", "new", "reason", "said_zh", "said_en"),
    [
        ('"no_load", ', "", "items_left_out", "潜动试验", "no load (creep)"),
        (
            "repeats",
            'load_points = ["Imax 1.0"]\nrepeats',
            "load_points_left_out",
            "0.1Ib 0.5L",
            "0.1Ib 0.5L",
        ),
        ('"regulation"', '"simple"', "other_decision_rule", "化整", "the plan uses simple"),
    ],
)
def test_a_plan_that_leaves_out_what_the_rule_set_asks_is_not_official(
    tmp_path: Path, old: str, new: str, reason: str, said_zh: str, said_en: str
) -> None:
    assert old in BY_THE_BOOK
    checked = plan_of(BY_THE_BOOK.replace(old, new, 1))
    (found,) = why_not_official(checked, bench_config(tmp_path), {}, "2026-11-24", registered=())
    assert found.reason.value == reason
    assert said_zh in sentence(found.reason, found.values, "zh")
    assert said_en in sentence(found.reason, found.values, "en")


def test_a_load_point_that_is_written_in_another_way_is_not_left_out(tmp_path: Path) -> None:
    checked = plan_of(BY_THE_BOOK)
    names = [p.load_point.name for p in checked.points if p.item is Item.BASIC_ERROR and p.load_point]
    assert "Ib 1.0" in names
    other = ", ".join('"10Itr 1.0"' if n == "Ib 1.0" else f'"{n}"' for n in names)
    rewritten = plan_of(BY_THE_BOOK.replace("repeats", f"load_points = [{other}]\nrepeats", 1))
    assert why_not_official(rewritten, bench_config(tmp_path), {}, "2026-11-24", registered=()) == ()


def test_an_approval_lapses_when_the_rule_set_changes(tmp_path: Path) -> None:
    rules = plan_of().rules
    approve(tmp_path, rules, "A. Verifier", "2026-11-24T00:00:00+00:00")
    changed = dataclasses.replace(rules, sha256="0" * 64)
    assert approval_of(tmp_path, rules) == Approval("A. Verifier", "2026-11-24T00:00:00+00:00", rules.sha256)
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


def test_several_tests_are_named_in_a_sentence_by_each_language() -> None:
    named = item_names((Item.STARTING, Item.NO_LOAD))
    assert named == {"items_zh": "起动试验、潜动试验", "items_en": "starting, no load (creep)"}


def test_a_nameplate_that_lacks_a_current_which_the_rule_set_asks_for_is_refused(tmp_path: Path) -> None:
    meter = METER.replace("basic_current_A = 10.0", "transitional_current_A = 1.0")
    meter = meter.replace('accuracy_class = "1"', 'accuracy_class = "B"')
    checked = parse_plan('rule_set = "oiml-r46-2012"\nload_points = ["Itr 1.0"]\n' + meter, ["1"])
    with pytest.raises(OperatorError, match="meter M-1: Imin: the nameplate has no Imin; give it"):
        why_not_official(checked, bench_config(tmp_path), {}, "2026-11-24", registered=())
