"""The Modbus adapter in virtual time: whatever a device does is a sample, and a late value is never used."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import InstrumentError, OperatorError
from bench.ports import ReferenceSample
from calibration.reasons import Reason
from firmware_io.modbus_reference import ModbusReference
from firmware_io.reference_profiles import load_profile
from tests.codecs.scripted_wire import NS_PER_MS, Answer, Asked, ScriptedWire, VirtualClock

RTU_AND_TCP = pytest.mark.parametrize("is_rtu", [True, False], ids=["rtu", "tcp"])


def bench(is_rtu: bool, profile_name: str = "demo-reference") -> tuple[ModbusReference, ScriptedWire]:
    wire = ScriptedWire(load_profile(profile_name), VirtualClock(), is_rtu)
    reference = ModbusReference(wire.profile, wire, wire.clock, timeout_s=0.2, drain_s=1.0)
    wire.asked.clear()
    return reference, wire


def reason_of(sample: ReferenceSample) -> Reason | None:
    """Why there is no value; and that there really is none."""
    if sample.fault is None:
        assert sample.power_W is not None
        return None
    assert sample.energy_Wh is None
    assert sample.power_W is None
    return sample.fault.finding.reason


@RTU_AND_TCP
def test_a_good_poll_is_stamped_at_request_and_reply(is_rtu: bool) -> None:
    reference, wire = bench(is_rtu)
    wire.clock.advance_s(1)
    before_ns = wire.clock.now_ns()
    sample = reference.poll()
    assert reason_of(sample) is None
    assert sample.energy_Wh is not None
    assert sample.energy_Wh.value == 1000.0
    assert sample.energy_Wh.request_ns == before_ns
    assert sample.energy_Wh.reply_ns == before_ns + 20 * NS_PER_MS
    assert wire.clock.now_ns() == sample.energy_Wh.reply_ns


@RTU_AND_TCP
def test_successive_polls_never_ask_for_the_same_length(is_rtu: bool) -> None:
    reference, wire = bench(is_rtu)
    for _ in range(6):
        reference.poll()
    counts = [asked.count for asked in wire.asked]
    assert set(counts) == {14, 15}
    assert all(a != b for a, b in pairwise(counts))


def test_a_device_that_refuses_one_register_more_is_asked_for_its_block_only() -> None:
    wire = ScriptedWire(load_profile("demo-reference"), VirtualClock(), True, serves_one_more=False)
    reference = ModbusReference(wire.profile, wire, wire.clock)
    assert not reference.varies_length
    wire.asked.clear()
    assert [reason_of(reference.poll()) for _ in range(4)] == [None] * 4
    assert {asked.count for asked in wire.asked} == {14}


@RTU_AND_TCP
def test_a_reply_after_its_time_out_is_thrown_away_and_called_late(is_rtu: bool) -> None:
    reference, wire = bench(is_rtu)
    reference.poll()
    wire.behaviour = lambda asked: wire.good(asked, delay_ms=700)
    wire.values["energy_Wh"] = 666.0
    start_ns = wire.clock.now_ns()
    assert reason_of(reference.poll()) is Reason.REFERENCE_SILENT
    assert wire.clock.now_ns() - start_ns <= 205 * NS_PER_MS, "a time-out must not block the loop"

    wire.behaviour = None
    wire.values["energy_Wh"] = 1001.0
    reasons = []
    polls_while_draining = len(wire.asked)
    while wire.clock.now_ns() < start_ns + 1_190 * NS_PER_MS:
        before_ns = wire.clock.now_ns()
        reasons.append(reason_of(reference.poll()))
        assert wire.clock.now_ns() == before_ns, "draining must not block"
        wire.clock.advance_s(0.045)
    assert len(wire.asked) == polls_while_draining, "nothing is asked while the line is drained"
    assert Reason.REFERENCE_LATE in reasons
    assert set(reasons) == {Reason.REFERENCE_SILENT, Reason.REFERENCE_LATE}

    wire.clock.advance_s(0.1)
    sample = reference.poll()
    assert sample.energy_Wh is not None
    assert sample.energy_Wh.value == 1001.0


@RTU_AND_TCP
def test_a_late_reply_that_survives_the_drain_has_the_wrong_length_or_transaction(is_rtu: bool) -> None:
    reference, wire = bench(is_rtu)
    reference.poll()
    wire.values["energy_Wh"] = 666.0
    # Longer than time-out and drain together: it arrives just after the next request.
    wire.behaviour = lambda asked: wire.good(asked, delay_ms=1_310)
    reference.poll()
    wire.clock.advance_s(1.1)
    wire.behaviour = lambda asked: wire.good(asked, delay_ms=50)
    sample = reference.poll()
    assert reason_of(sample) is Reason.REFERENCE_LATE


@RTU_AND_TCP
def test_exceptions_of_the_device_are_refusals_and_need_no_drain(is_rtu: bool) -> None:
    reference, wire = bench(is_rtu)
    wire.behaviour = lambda asked: [(10, wire.refusal(asked, 6))]
    sample = reference.poll()
    assert reason_of(sample) is Reason.REFERENCE_REFUSED
    assert sample.fault is not None
    assert "device busy" in sample.fault.finding.values["detail"]
    wire.behaviour = None
    assert reason_of(reference.poll()) is None


def flipped(frame: bytes, bit: int) -> bytes:
    position, shift = divmod(bit % (8 * len(frame)), 8)
    return frame[:position] + bytes([frame[position] ^ 1 << shift]) + frame[position + 1 :]


@given(st.integers(0, 8 * 40))
def test_no_single_flipped_bit_of_an_rtu_reply_becomes_a_number(bit: int) -> None:
    reference, wire = bench(True)
    wire.behaviour = lambda asked: [(20, flipped(wire.frame(asked), bit))]
    assert reason_of(reference.poll()) is not None


@given(st.binary(max_size=80), st.booleans())
def test_hostile_replies_are_faults_and_never_an_exception(noise: bytes, is_rtu: bool) -> None:
    reference, wire = bench(is_rtu)
    wire.behaviour = lambda _: [(20, noise)] if noise else []
    assert reason_of(reference.poll()) is not None


@RTU_AND_TCP
@pytest.mark.parametrize("cut", [1, 2, 3, 7, 10, 20])
def test_a_reply_in_pieces_is_put_together_and_half_a_reply_is_damage(is_rtu: bool, cut: int) -> None:
    reference, wire = bench(is_rtu)
    wire.behaviour = lambda asked: [(10, wire.frame(asked)[:cut]), (30, wire.frame(asked)[cut:])]
    assert reason_of(reference.poll()) is None
    wire.behaviour = lambda asked: [(10, wire.frame(asked)[:cut])]
    assert reason_of(reference.poll()) is Reason.REFERENCE_GARBLED


@RTU_AND_TCP
def test_another_device_and_bytes_too_many_are_damage(is_rtu: bool) -> None:
    reference, wire = bench(is_rtu)

    def of_another_device(asked: Asked) -> Answer:
        return [(10, wire.frame(Asked(**(vars(asked) | {"device_id": 9}))))]

    wire.behaviour = of_another_device
    assert reason_of(reference.poll()) is Reason.REFERENCE_GARBLED
    wire.clock.advance_s(1.1)
    wire.behaviour = lambda asked: [(10, wire.frame(asked) + b"\0")]
    assert reason_of(reference.poll()) is Reason.REFERENCE_GARBLED


def test_noise_before_a_request_is_no_answer_and_no_fault() -> None:
    reference, wire = bench(True)
    reference.poll()
    wire.say(0, b"\0")
    wire.clock.advance_s(0.05)
    assert reason_of(reference.poll()) is None


def test_the_silence_between_two_requests_is_kept() -> None:
    wire = ScriptedWire(load_profile("eastron-sdm630"), VirtualClock(), True)
    reference = ModbusReference(wire.profile, wire, wire.clock)
    first = reference.poll().replies[-1]
    second = reference.poll().replies[0]
    assert second.request_ns - first.reply_ns >= 60 * NS_PER_MS


@RTU_AND_TCP
def test_a_broken_link_is_reopened_after_growing_waits_and_only_then(is_rtu: bool) -> None:
    reference, wire = bench(is_rtu)
    wire.is_broken = True
    start_ns = wire.clock.now_ns()
    tries: list[float] = []
    counted = wire.open

    def counting(*arguments: object) -> object:
        tries.append((wire.clock.now_ns() - start_ns) / 1e9)
        return counted(*arguments)  # type: ignore[arg-type]

    wire.open = counting  # type: ignore[method-assign, assignment]
    for _ in range(600):
        assert reason_of(reference.poll()) is Reason.REFERENCE_SILENT
        wire.clock.advance_s(0.05)
    waits = [b - a for a, b in pairwise([0.0, *tries])]
    assert waits[:4] == pytest.approx([0.5, 1.0, 2.0, 4.0], abs=0.11)
    assert waits[4:] == pytest.approx([5.0] * len(waits[4:]), abs=0.11)
    wire.is_broken = False
    for _ in range(140):
        sample = reference.poll()
        wire.clock.advance_s(0.05)
    assert reason_of(sample) is None


@RTU_AND_TCP
def test_a_link_that_died_without_a_word_is_opened_anew(is_rtu: bool) -> None:
    reference, wire = bench(is_rtu)
    wire.behaviour = lambda _: []
    while wire.opened == 1:
        assert reason_of(reference.poll()) is Reason.REFERENCE_SILENT
        wire.clock.advance_s(0.05)
        assert len(wire.asked) <= 3
    wire.behaviour = None
    for _ in range(60):
        sample = reference.poll()
        wire.clock.advance_s(0.05)
    assert reason_of(sample) is None
    assert wire.opened == 2


def test_auxiliary_registers_take_turns_and_energy_and_power_never_wait() -> None:
    reference, _ = bench(True, "schneider-iem3000")
    seen: set[int] = set()
    for _ in range(8):
        sample = reference.poll()
        assert sample.energy_Wh is not None
        assert sample.power_W is not None
        assert len(sample.replies) == 3
        seen |= {reply.address for reply in sample.replies}
    assert len(seen) == 6


@RTU_AND_TCP
def test_a_poll_that_fails_in_the_middle_keeps_its_first_reply_for_the_record(is_rtu: bool) -> None:
    reference, wire = bench(is_rtu, "schneider-iem3000")
    wire.behaviour = lambda asked: wire.good(asked) if asked.address == 0x0BF3 else []
    sample = reference.poll()
    assert reason_of(sample) is Reason.REFERENCE_SILENT
    assert [reply.address for reply in sample.replies] == [0x0BF3]


def test_a_silent_or_unreachable_reference_is_one_line_at_the_start() -> None:
    profile = load_profile("demo-reference")
    silent = ScriptedWire(profile, VirtualClock(), True, behaviour=lambda _: [])
    with pytest.raises(
        InstrumentError, match=r"demo-reference at a scripted wire: no reply in 0\.5 s; check"
    ):
        ModbusReference(profile, silent, silent.clock)
    refused = ScriptedWire(profile, VirtualClock(), False, is_broken=True)
    with pytest.raises(InstrumentError, match=r"Connection refused; check"):
        ModbusReference(profile, refused, refused.clock)
    wrong = ScriptedWire(profile, VirtualClock(), False)
    wrong.behaviour = lambda asked: [(10, wrong.refusal(asked, 2))]
    with pytest.raises(InstrumentError, match=r"illegal address, at address 0"):
        ModbusReference(profile, wrong, wrong.clock)


@pytest.mark.parametrize("setting", [{"device_id": 0}, {"device_id": 248}, {"timeout_s": 0.0}])
def test_an_impossible_setting_is_refused(setting: dict[str, float]) -> None:
    wire = ScriptedWire(load_profile("demo-reference"), VirtualClock(), True)
    with pytest.raises(OperatorError):
        ModbusReference(wire.profile, wire, wire.clock, **setting)  # type: ignore[arg-type]
