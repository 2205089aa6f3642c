"""The other methods without a device and without a clock."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bench.methods.briefing import Briefing
from bench.methods.clock import clock
from bench.methods.conclusions import Concluded
from bench.methods.register_verdict import judge_registers
from bench.methods.steps import (
    Answered,
    Ask,
    AskSkipped,
    ClockWatch,
    Conclude,
    Hold,
    MetersRead,
    PassEnergy,
    PulseWatch,
    ReadMeters,
    Settle,
    Settled,
    Skipped,
    Step,
    WatchClock,
    WatchPulses,
)
from bench.methods.verification import verification
from bench.plans.forecast import forecast
from bench.ports import MeterReading
from calibration.quantities import Finding, Outcome
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from tests.bench_process.support import METER, PLAN, plan_of

CARD = ReferenceCard("m", "s", 0.05, energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
LOST = Finding(Reason.PULSES_LOST, {"lost": "3"})


def conclude(
    item: str,
    watches: dict[str, PulseWatch],
    meters: list[MetersRead] | None = None,
    answers: object = None,
    nameplate: str = "register_decimals = 2\n",
    constant: str = "1200.0",
) -> Conclude:
    """The last conclusion of a plan of one item; watches: what a line shows in each stage."""
    text = PLAN.replace("load_points", f'tests = ["{item}"]\nrepeats_of_invalid = 0\nload_points')
    checked = plan_of(text.replace("1200.0", constant) + nameplate)
    method = verification(Briefing(checked, CARD, forecast(checked, CARD, 0.045)))
    readings = iter(meters or [])
    step: Step = next(method)
    while not isinstance(step, Conclude):
        answer: object = None
        match step:
            case Settle() | Hold() | PassEnergy():
                answer = Settled()
            case WatchPulses():
                answer = {"1": watches[step.stage]}
            case ReadMeters():
                answer = next(readings)
            case Ask():
                answer = Answered({"1": answers} if answers else {})  # type: ignore[dict-item]
            case AskSkipped():
                answer = Skipped({})
        step = method.send(answer)  # type: ignore[arg-type]
    return step


ALIVE = PulseWatch(3.3, (1.6, 3.3))
DEAD = PulseWatch(11.5, ())


def silent(test: PulseWatch, before: PulseWatch = ALIVE, after: PulseWatch = ALIVE) -> dict[str, PulseWatch]:
    return {"line_before": before, "test": test, "line_after": after}


@pytest.mark.parametrize(
    ("pulses_s", "outcome"), [((), "PASS"), ((700.0,), "PASS"), ((700.0, 900.0), "FAIL")]
)
def test_creep_allows_one_pulse_and_fails_at_the_second(pulses_s: tuple[float, ...], outcome: str) -> None:
    concluded = conclude("no_load", silent(PulseWatch(1894.0, pulses_s)))
    assert concluded.verdict.outcome == outcome


def test_starting_wants_two_pulses_each_in_time() -> None:
    # Class 1, 10 A, 220 V, 1200 imp/kWh: 40 mA, 8.8 W, a pulse each 340.9 s, at most 409.1 s.
    for pulses_s, outcome in (
        ((300.0, 650.0), "PASS"),
        ((300.0, 720.0), "FAIL"),
        ((300.0,), "FAIL"),
        ((), "FAIL"),
    ):
        concluded = conclude("starting", silent(PulseWatch(818.2, pulses_s)))
        assert concluded.verdict.outcome == outcome, pulses_s


@pytest.mark.parametrize("item", ["no_load", "starting"])
@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (DEAD, ALIVE, Reason.LINE_NOT_ALIVE),
        (ALIVE, DEAD, Reason.LINE_DIED),
        (ALIVE, PulseWatch(3.3, (1.6, 3.3), (LOST,)), Reason.PULSES_LOST),
    ],
)
def test_silence_on_a_line_that_is_not_alive_is_invalid_and_no_pass_and_no_fail(
    item: str, before: PulseWatch, after: PulseWatch, reason: Reason
) -> None:
    concluded = conclude(item, silent(PulseWatch(1894.0, ()), before, after))
    assert concluded.verdict.outcome is Outcome.INVALID
    assert [finding.reason for finding in concluded.verdict.findings] == [reason]


def test_pulses_closer_than_a_meter_can_emit_are_a_fault_of_the_line() -> None:
    close = PulseWatch(818.2, (300.0, 300.0004))
    for item in ("no_load", "starting"):
        for watches in (silent(close), silent(PulseWatch(818.2, ()), before=close)):
            concluded = conclude(item, watches)
            assert [finding.reason for finding in concluded.verdict.findings] == [Reason.PULSE_DOUBLED]
    # 4.09 s apart is 220 W: beyond any creep that is known, but the meter's own.
    assert conclude("no_load", silent(PulseWatch(1894.0, (700.0, 704.1)))).verdict.outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("pulses_s", "longest", "unended"),
    [
        ((300.0, 650.0), "350.0", None),
        ((54.8,), "763.4", "763.4"),
        ((500.0,), "500.0", "318.2"),
        ((), "818.2", "818.2"),
    ],
)
def test_the_longest_wait_is_told_even_where_it_never_ended(
    pulses_s: tuple[float, ...], longest: str, unended: str | None
) -> None:
    figures = conclude("starting", silent(PulseWatch(818.2, pulses_s))).figures
    assert (figures["longest_wait_s"], figures.get("unended_wait_s")) == (longest, unended)


def read(total: str, pulses: int, reference_Wh: float, told: str | None = "1200") -> MetersRead:
    constant = None if told is None else Decimal(told)
    reading = MeterReading(Decimal(total), (), 2, constant, 0)
    return MetersRead(reference_Wh, {"1": pulses}, {"1": reading}, {"1": ()})


@pytest.mark.parametrize(
    ("total", "pulses", "reference_Wh", "told", "outcome", "reason"),
    [
        ("110.05", 12_060, 10_000.0, "1200", "PASS", None),  # JJG 596, class 1: +0.5 % of 10 kWh
        ("110.15", 12_180, 10_000.0, "1200", "FAIL", None),  # +1.5 %
        ("109.95", 11_940, 10_020.0, "1200", "INVALID", Reason.REGISTER_TOO_COARSE),  # as older runs ended
        ("110.17", 12_204, 10_220.0, "1200", "PASS", None),  # -0.5 %
        ("110.07", 12_084, 10_220.0, "1200", "FAIL", None),  # -1.5 %: beyond the limit
        ("109.90", 11_880, 10_220.0, "1200", "FAIL", None),  # -3.1 %: no digit could save it
        # Register and reference agree, the pulses are alone: lost, or a constant of 1230 or 1300 in truth.
        ("110.05", 11_000, 10_000.0, "1200", "INVALID", Reason.CONSTANT_DIFFERS),
        ("110.00", 11_940, 10_000.0, "1200", "INVALID", Reason.CONSTANT_DIFFERS),
        ("110.05", 11_700, 10_000.0, None, "INVALID", Reason.CONSTANT_DIFFERS),
        ("110.00", 12_300, 10_000.0, None, "INVALID", Reason.CONSTANT_DIFFERS),
        ("110.00", 13_000, 10_000.0, None, "INVALID", Reason.CONSTANT_DIFFERS),
        # The register is alone, or no two agree.
        ("110.25", 12_000, 10_000.0, "1200", "FAIL", Reason.REGISTER_DISAGREES),
        ("110.80", 12_060, 10_000.0, "1200", "FAIL", Reason.REGISTER_DISAGREES),
        ("110.25", 12_300, 10_000.0, None, "FAIL", None),  # both 2.5 % fast: the meter
        ("110.80", 12_300, 10_000.0, None, "INVALID", Reason.REGISTER_DISAGREES),
        (
            "113.00",
            15_600,
            10_000.0,
            None,
            "INVALID",
            Reason.METER_CONSTANT_SUSPECT,
        ),  # the reference is alone
        ("110.05", 0, 10_000.0, "1200", "INVALID", Reason.CONSTANT_DIFFERS),  # an unplugged line
        ("100.00", 12_000, 10_000.0, "1200", "FAIL", Reason.REGISTER_DISAGREES),
        ("110.05", 24_120, 10_000.0, None, "INVALID", Reason.CONSTANT_DIFFERS),
        ("110.05", 24_120, 10_000.0, "2400", "INVALID", Reason.CONSTANT_DIFFERS),
        ("110.05", 24_120, 10_000.0, "1200", "INVALID", Reason.CONSTANT_DIFFERS),  # or a bouncing contact
        ("101.00", 1_200, 1_000.0, "1200", "INVALID", Reason.REGISTER_TOO_COARSE),
    ],
)
def test_register_pulses_and_reference_are_compared_and_who_is_alone_is_named(
    total: str, pulses: int, reference_Wh: float, told: str | None, outcome: str, reason: Reason | None
) -> None:
    before, after = read("100.00", 0, 0.0, told), read(total, pulses, reference_Wh, told)
    concluded = conclude("meter_constant", {}, [before, after])
    assert concluded.verdict.outcome == outcome, concluded
    if reason is not None:
        assert [finding.reason for finding in concluded.verdict.findings] == [reason]


@pytest.mark.parametrize(
    ("before", "after"),
    [("99995.00", "5.02"), ("100.00", "90.00"), ("100.00", "110.0"), ("100.0", "110.00")],
)
def test_readings_that_cannot_be_subtracted_are_invalid_and_say_what_to_do(before: str, after: str) -> None:
    """Rolled over, mistyped, digits left out."""

    def reading(total: str, pulses: int, reference_Wh: float) -> MetersRead:
        told = replace(
            read(total, pulses, reference_Wh, None).registers["1"], decimals=len(total.partition(".")[2])
        )
        return MetersRead(reference_Wh, {"1": pulses}, {"1": told}, {"1": ()})

    concluded = conclude("meter_constant", {}, [reading(before, 0, 0.0), reading(after, 12_024, 10_020.0)])
    assert concluded.verdict.outcome is Outcome.INVALID
    (finding,) = concluded.verdict.findings
    assert finding == Finding(Reason.READINGS_DO_NOT_FIT, {"before": before, "after": after})


def test_without_a_limit_a_register_that_is_alone_is_told_and_not_judged() -> None:
    checked = plan_of('tests = ["meter_constant"]\n' + METER + "register_decimals = 2\n")
    b = Briefing(checked, CARD, forecast(checked, CARD, 0.045))
    without_limit = replace(checked.points[0], mpe_pct={})
    before, after = read("100.00", 0, 0.0), read("110.80", 12_000, 10_000.0)
    verdict = judge_registers(b, without_limit, "1", before, after).verdict
    assert verdict.outcome is Outcome.UNJUDGED
    assert [f.reason for f in verdict.findings] == [Reason.NOT_JUDGED, Reason.REGISTER_DISAGREES]


@pytest.mark.parametrize(("after", "outcome"), [("1105.00", "PASS"), ("1115.00", "FAIL")])
def test_register_and_constant_of_a_primary_meter_count_the_primary_side(after: str, outcome: str) -> None:
    """CT 10, VT 10: 1 kWh at the terminals is 100 kWh on the display; its constant of 12 is 1200 at the terminals."""
    nameplate = "register_decimals = 2\nct_ratio = 10.0\nvt_ratio = 10.0\nconstant_is_primary = true\n"
    pulses = round((Decimal(after) - 100) * 12)
    meters = [read("100.00", 0, 0.0, "12"), read(after, pulses, 10_000.0, "12")]
    concluded = conclude("meter_constant", {}, meters, nameplate=nameplate, constant="12.0")
    assert concluded.verdict.outcome == outcome, concluded
    figures = concluded.figures
    assert (figures["configured_constant_imp_per_kWh"], figures["read_constant_imp_per_kWh"]) == ("12", "12")
    assert float(figures["measured_constant_imp_per_kWh"]) == pytest.approx(12.0, rel=0.02)
    assert float(figures["reference_kWh"]) == pytest.approx(1000.0)
    assert float(figures["pulses_kWh"]) == pytest.approx(float(figures["register_kWh"]), rel=1e-4)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (dict.fromkeys(("nameplate", "seals", "housing", "display", "terminals"), "ok"), "PASS"),
        (dict.fromkeys(("nameplate", "seals", "housing", "display"), "ok"), "INVALID"),
        (dict.fromkeys(("nameplate", "housing", "display", "terminals"), "ok") | {"seals": "broken"}, "FAIL"),
        (None, "INVALID"),
    ],
)
def test_an_inspection_needs_every_answer_and_fails_by_one_remark(answers: object, outcome: str) -> None:
    assert conclude("visual", {}, answers=answers).verdict.outcome == outcome


def test_a_clock_is_not_tested_by_a_bench_clock_that_nobody_knows() -> None:
    concluded = conclude("clock", {})
    assert [finding.reason for finding in concluded.verdict.findings] == [Reason.CLOCK_NOT_TRACEABLE]


def clock_concluded(error_s_per_day: float, rule: str) -> Concluded:
    """Of a bench whose clock's rate is known to 2 ppm, so U is 0.173 s/d."""
    text = PLAN.replace("load_points", f'tests = ["clock"]\ndecision_rule = "{rule}"\nload_points')
    checked = plan_of(text)
    b = Briefing(checked, CARD, forecast(checked, CARD, 0.045), clock_frequency_U_ppm=2.0)
    method = clock(b, checked.points[0], 0, ("1",))
    step = next(method)
    try:
        while True:
            answer: object = Settled()
            if isinstance(step, WatchClock):
                answer = {"1": ClockWatch((1.0 / (1.0 + error_s_per_day / 86_400.0),) * step.windows)}
            step = method.send(answer)  # type: ignore[arg-type]
    except StopIteration as end:
        concluded: Concluded = end.value["1"]
        return concluded


@pytest.mark.parametrize(
    ("error_s_per_day", "rule", "outcome", "reasons", "judged"),
    [
        (0.4, "regulation", "PASS", (), None),
        (0.6, "regulation", "FAIL", (Reason.CLOCK_BEYOND_LIMIT,), "+0.60"),
        (0.4, "guarded", "FAIL", (Reason.ERROR_IN_GUARD_BAND,), "+0.4000"),
        (-0.6, "simple", "FAIL", (Reason.CLOCK_BEYOND_LIMIT,), "-0.6000"),
    ],
)
def test_a_clock_is_judged_by_the_plan_s_rule_and_its_fail_says_of_which_figure(
    error_s_per_day: float, rule: str, outcome: str, reasons: tuple[Reason, ...], judged: str | None
) -> None:
    verdict = clock_concluded(error_s_per_day, rule).verdict
    assert (verdict.outcome, tuple(f.reason for f in verdict.findings)) == (outcome, reasons)
    for finding in verdict.findings:
        assert (finding.values["error"], finding.values["limit"]) == (judged, "0.5")
        assert finding.values.get("unit", "s/d") == "s/d"
    in_pct = (verdict.mpe_pct, verdict.acceptance_limit_pct, verdict.decided_value)
    assert in_pct == (None, None, None), "these are in %"
