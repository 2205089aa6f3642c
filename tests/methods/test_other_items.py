"""The other methods without a device and without a clock."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bench.forecast import forecast
from bench.methods.briefing import Briefing
from bench.methods.verification import verification
from bench.ports import MeterReading
from bench.steps import (
    Answered,
    Ask,
    AskSkipped,
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
    WatchPulses,
)
from calibration.equipment import ReferenceCard
from calibration.quantities import Finding, Outcome
from calibration.reasons import Reason
from tests.bench_process.support import PLAN, plan_of

CARD = ReferenceCard("m", "s", 0.05, energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
LOST = Finding(Reason.PULSES_LOST, {"lost": "3"})


def conclude(
    item: str, watches: dict[str, PulseWatch], meters: list[MetersRead] | None = None, answers: object = None
) -> Conclude:
    """The last conclusion of a plan of one item; watches: what a line shows in each stage."""
    text = PLAN.replace("load_points", f'tests = ["{item}"]\nrepeats_of_invalid = 0\nload_points')
    checked = plan_of(text + "register_decimals = 2\n")
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
        ("110.05", 11_000, 10_000.0, "1200", "INVALID", Reason.REGISTER_DISAGREES),  # the pulses are alone
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
