"""A load that is held while a meter is watched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.held_load import screen_held_load
from calibration.load_points import LoadPoint
from calibration.quantities import (
    NS_PER_S,
    Finding,
    FloatArray,
    InstrumentFault,
    PolledRegister,
    ReferenceReadings,
)
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard

CARD = ReferenceCard("m", "s", 0.05, energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
ALONE = LoadPoint("1.15Un", 253.0, 0.0, 1.0)
STARTING = LoadPoint("Ist 1.0", 220.0, 0.01, 1.0)
SPAN_S = 100
SPAN_NS = (0, SPAN_S * NS_PER_S)
POLL_S = 0.1
AT_S = np.arange(0.0, SPAN_S + POLL_S, POLL_S)


def register(value: FloatArray) -> PolledRegister:
    request_ns = np.rint(AT_S * NS_PER_S).astype(np.int64)
    return PolledRegister(request_ns, request_ns + 20_000_000, value)


def read(voltage_V: FloatArray, power_W: FloatArray) -> ReferenceReadings:
    energy_Wh = np.floor(np.cumsum(power_W) * POLL_S / 3600.0 / 0.01) * 0.01
    return ReferenceReadings(register(energy_Wh), register(power_W), voltage_V=register(voltage_V))


def reasons(readings: ReferenceReadings, load_point: LoadPoint = ALONE) -> list[Reason]:
    return [f.reason for f in screen_held_load(readings, CARD, load_point, SPAN_NS, 2.0)]


STEADY_V, NOTHING_W = np.full_like(AT_S, 252.0), np.zeros_like(AT_S)
HALF = len(AT_S) // 2


def test_a_voltage_that_is_read_all_the_time_is_held() -> None:
    assert reasons(read(STEADY_V, NOTHING_W)) == []


@pytest.mark.parametrize("share", [0.0, 0.9, 1.1])
def test_one_reading_of_another_voltage_is_enough(share: float) -> None:
    voltage_V = STEADY_V.copy()
    voltage_V[HALF] *= share
    assert reasons(read(voltage_V, NOTHING_W)) == [Reason.VOLTAGE_NOT_HELD]


def test_a_voltage_that_was_never_read_is_not_held() -> None:
    without = replace(read(STEADY_V, NOTHING_W), voltage_V=PolledRegister.empty())
    assert reasons(without) == [Reason.VOLTAGE_NOT_HELD]


def test_a_current_where_there_should_be_none_is_no_test_of_silence() -> None:
    power_W = NOTHING_W.copy()
    power_W[HALF : HALF + 150] = 50.0
    assert reasons(read(STEADY_V, power_W)) == [Reason.LOAD_NOT_REACHED]
    flicker_W = np.where(np.arange(len(AT_S)) % 2, 1.5, -1.5)
    assert reasons(read(STEADY_V, flicker_W)) == []


def test_a_reference_that_fell_silent_or_failed_in_the_span_and_not_after_it() -> None:
    readings = read(STEADY_V, NOTHING_W)
    kept = PolledRegister(
        readings.power_W.request_ns[:HALF], readings.power_W.reply_ns[:HALF], NOTHING_W[:HALF]
    )
    assert reasons(replace(readings, power_W=kept)) == [Reason.REFERENCE_SILENT]
    fault = Finding(Reason.REFERENCE_GARBLED, {"detail": "CRC"})
    for at_ns, found in ((5, [Reason.REFERENCE_GARBLED]), (SPAN_NS[1] + 1, [])):
        assert reasons(replace(readings, faults=(InstrumentFault(at_ns, fault),))) == found


def test_a_weak_load_between_two_steps_of_the_power_register_is_steady_and_one_that_trips_is_not() -> None:
    # 2.2 W in steps of 0.1 W: one step is 4.5 %.
    power_W = np.where(AT_S < SPAN_S / 2, 2.2, 2.3)
    assert reasons(read(STEADY_V, power_W), STARTING) == []
    assert reasons(read(STEADY_V, np.where(AT_S < SPAN_S / 2, 2.2, 0.0)), STARTING) == [Reason.LOAD_UNSTEADY]


def test_one_step_of_a_coarse_power_register_to_and_fro_is_no_change_of_its_range() -> None:
    weak = replace(STARTING, current_A=0.00136)
    power_W = np.where((AT_S > 50.0) & (AT_S < 51.0), 0.2, 0.3)
    assert reasons(read(STEADY_V, power_W), weak) == []


def told(
    readings: ReferenceReadings,
    load_point: LoadPoint = ALONE,
    card: ReferenceCard = CARD,
    stability_pct: float = 2.0,
) -> list[tuple[Reason, dict[str, str]]]:
    found = screen_held_load(readings, card, load_point, SPAN_NS, stability_pct)
    return [(f.reason, dict(f.values)) for f in found]


@pytest.mark.parametrize(("off_V", "is_held"), [(12.6, True), (-12.6, True), (12.7, False), (-12.7, False)])
def test_a_voltage_is_held_within_a_twentieth(off_V: float, is_held: bool) -> None:
    """Of 253 V: 12.65 V. The reading that was furthest off is told."""
    voltage_V = np.full_like(AT_S, 255.0)
    voltage_V[HALF] = 253.0 + off_V
    said = {"wanted": "253", "read": f"{253.0 + off_V:.1f}"}
    assert told(read(voltage_V, NOTHING_W)) == ([] if is_held else [(Reason.VOLTAGE_NOT_HELD, said)])


def test_a_voltage_that_was_never_read_is_told_with_a_dash() -> None:
    without = replace(read(STEADY_V, NOTHING_W), voltage_V=PolledRegister.empty())
    assert told(without) == [(Reason.VOLTAGE_NOT_HELD, {"wanted": "253", "read": "—"})]


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(
    ("power_W", "step_W", "said"),
    [(0.99, 0.1, None), (1.02, 0.1, "1.0"), (1.9, 2.0, None), (2.1, 2.0, "2.1"), (1.0, 0.1, None)],
)
def test_a_watt_or_a_step_beside_no_current_is_the_references_own(
    power_W: float, step_W: float, said: str | None, sign: float
) -> None:
    """Ten seconds of it, the last of the span: the last block of ten."""
    flowing_W = np.where(np.arange(len(AT_S)) >= len(AT_S) - 100, sign * power_W, 0.0)
    found = told(read(STEADY_V, flowing_W), card=replace(CARD, power_step_W=step_W))
    read_W = "" if said is None else f"{'-' if sign < 0 else ''}{said}"
    assert found == ([] if said is None else [(Reason.LOAD_NOT_REACHED, {"wanted": "0.0", "read": read_W})])


def test_beside_no_current_it_is_means_of_ten_seconds_that_count() -> None:
    """For a second 8 W are 0.8 W of its ten, 12 W are 1.2 W."""
    for power_W, is_told in ((8.0, False), (12.0, True)):
        flowing_W = np.where((AT_S > 20.95) & (AT_S < 21.95), power_W, 0.0)
        assert [r for r, _ in told(read(STEADY_V, flowing_W))] == [Reason.LOAD_NOT_REACHED] * is_told


def test_a_span_shorter_than_a_block_is_one() -> None:
    readings = read(STEADY_V, np.full_like(AT_S, 1.3))
    (finding,) = screen_held_load(readings, CARD, ALONE, (0, 4 * NS_PER_S), 2.0)
    assert dict(finding.values) == {"wanted": "0.0", "read": "1.3"}
    # Two polls in a span of twenty seconds are two blocks at most.
    few = ReferenceReadings(
        *(PolledRegister(*(part[::600] for part in (r.request_ns, r.reply_ns, r.value)))
          for r in (readings.energy_Wh, readings.power_W)),
        voltage_V=readings.voltage_V,
    )  # fmt: skip
    assert Reason.LOAD_NOT_REACHED in [f.reason for f in screen_held_load(few, CARD, ALONE, SPAN_NS, 2.0)]


@pytest.mark.parametrize(
    ("power_W", "change_pct", "stability_pct", "is_steady"),
    [
        (1000.0, 1.4, 2.0, True), (1000.0, 1.9, 2.0, False), (1000.0, 1.9, 3.0, True), (1000.0, 3.5, 3.0, False),
        # Two steps of 0.1 W are 10 % of 2 W, of which an abrupt one may have three quarters.
        (2.0, 7.0, 2.0, True), (2.0, 8.0, 2.0, False),
    ],
)  # fmt: skip
def test_a_load_is_steady_as_declared_or_within_two_steps_of_what_it_is_read_in(
    power_W: float, change_pct: float, stability_pct: float, is_steady: bool
) -> None:
    """Import and export alike: by the size of the load."""
    load = LoadPoint("Ist 1.0", 200.0, power_W / 200.0, 1.0)
    flowing_W = np.where(AT_S < 50.0, power_W, power_W * (1.0 + change_pct / 100.0))
    found = told(read(np.full_like(AT_S, 200.0), flowing_W), load, stability_pct=stability_pct)
    assert [r for r, _ in found] == [Reason.LOAD_UNSTEADY] * (not is_steady)


def test_a_load_is_judged_by_what_was_read_in_the_span_only() -> None:
    load = LoadPoint("Ib 1.0", 200.0, 5.0, 1.0)
    readings = read(np.full_like(AT_S, 200.0), np.where(AT_S < 80.0, 1000.0, 500.0))
    assert screen_held_load(readings, CARD, load, (0, 79 * NS_PER_S), 2.0) == ()
    assert screen_held_load(readings, CARD, load, SPAN_NS, 2.0) != ()
