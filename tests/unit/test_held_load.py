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
