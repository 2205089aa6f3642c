"""A programmable source that fails in a run, in virtual time: INVALID or an instrument's error, and no load stays on.

The source speaks Modbus on a scripted wire and stands in front of the simulated plant.
"""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.app import compose
from bench.before_run.limits import LimitedSource
from bench.errors import InstrumentError
from bench.ports import Clock, LoadSource, SourceFacts
from bench.process import MeasuringProcess, RunSummary
from calibration.load_points import LoadPoint
from calibration.quantities import Finding, Outcome
from calibration.reasons import Reason
from firmware_io.modbus_source import ModbusSource
from firmware_io.modbus_source_profiles import parse_modbus_source
from firmware_io.programmable_source import ProgrammableSource
from firmware_io.source_profiles import source_profile_text
from tests.bench_process.support import bench_config, plan_of
from tests.codecs.scripted_source import FAILURES, OUTPUT, STATE, ScriptedSource, Written

PROFILE = parse_modbus_source(source_profile_text("demo-source"), "demo-source")


@dataclasses.dataclass
class WiredSource(ScriptedSource):
    """Its output is the load of the plant: 220 V, 60 A, as the plan of these tests wants it."""

    plant: LoadSource = None  # type: ignore[assignment]
    trips_at: int = 0
    """Number of the exchange before which its own protection takes the load away."""

    def send(self, data: bytes) -> None:
        if self.exchanges + 1 == self.trips_at and self.is_on:
            self.registers[STATE] = 2
            self.plant.remove()
        super().send(data)

    def _write(self, address: int, words: tuple[int, ...]) -> None:
        was_on = self.is_on
        super()._write(address, words)
        if self.is_on and not was_on:
            self.plant.apply(LoadPoint("source", 220.0, 60.0, 1.0))
        elif was_on and not self.is_on:
            self.plant.remove()


class TurningClock:
    """The clock of the bench with the surface that a scripted wire waits on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.wait_until, self.now_ns, self.state = clock.wait_until, clock.now_ns, clock.state

    @property
    def at_ns(self) -> int:
        return self._clock.now_ns()


def bench(state_dir: Path) -> tuple[MeasuringProcess, WiredSource]:
    config = bench_config(state_dir)
    equipment = compose(config, lambda line: None)
    clock: Any = TurningClock(equipment.clock)
    wire = WiredSource(clock, plant=equipment.load_source)
    source = ProgrammableSource(ModbusSource(PROFILE, wire, clock), clock)
    limited = LimitedSource(source, config.load_source.limits, equipment.clock)
    facts = SourceFacts(source.identity, source.require, source.fault, source.busy_s)
    equipment = dataclasses.replace(
        equipment, load_source=limited, source_facts=facts, load_times=limited.times,
        closers=(source.close, *equipment.closers),
    )  # fmt: skip
    return MeasuringProcess(config, equipment), wire


def run(process: MeasuringProcess) -> tuple[RunSummary, list[dict[str, Any]]]:
    with process:
        summary = process.run(plan_of())
        return summary, [{"kind": r.kind, **r.fields()} for r in process.recorder.read(0, 100)]


def test_a_verification_over_the_scripted_wire_passes(tmp_path: Path) -> None:
    process, wire = bench(tmp_path)
    assert run(process)[0].verdict is Outcome.PASS
    assert not wire.is_on
    asked = wire.exchanges - len(wire.writes)
    assert asked > 20, "its state was asked once in a while"


def test_a_source_that_trips_ends_the_run_invalid_and_says_so(tmp_path: Path) -> None:
    process, wire = bench(tmp_path)
    wire.trips_at = 40
    summary, records = run(process)
    assert wire.exchanges >= 40
    assert summary.verdict is Outcome.INVALID
    (shown,) = summary.results["1"].values()
    assert [reason["reason"] for reason in shown["reasons"]] == ["source_fault"]
    assert "its output is tripped" in shown["reasons"][0]["values"]["detail"]
    assert records[-1]["kind"] == "run_ended"
    assert wire.writes[-1] == Written(OUTPUT, (0,))


def test_a_source_that_is_silent_while_it_should_give_a_load_ends_the_run_invalid(tmp_path: Path) -> None:
    process, wire = bench(tmp_path)
    wire.failures = {40: "silent"}
    summary, _ = run(process)
    assert summary.verdict is Outcome.INVALID
    (shown,) = summary.results["1"].values()
    assert [reason["reason"] for reason in shown["reasons"]] == ["source_fault"]
    assert not wire.is_on


def test_a_value_that_reads_back_otherwise_is_an_instrument_error_and_recorded(tmp_path: Path) -> None:
    process, wire = bench(tmp_path)
    with process:
        wire.failures = {wire.exchanges + 5: "ignored"}
        with pytest.raises(InstrumentError, match=r"voltage_l1_V was set to 220 and reads back 0"):
            process.run(plan_of())
        last = process.recorder.read(0, 100)[-1].fields()
        assert (last["kind"], last["verdict"]) == ("run_ended", "INVALID")
        assert not wire.is_on


def test_a_trip_while_the_values_are_written_keeps_the_output_from_going_on(tmp_path: Path) -> None:
    process, wire = bench(tmp_path)
    write, tripped = wire._write, Finding(Reason.EMERGENCY_STOP_PRESSED)

    def press_stop(address: int, words: tuple[int, ...]) -> None:
        write(address, words)
        if address == 10:
            process.load_source.trip(tripped)

    wire._write = press_stop  # type: ignore[method-assign]
    summary, _ = run(process)
    assert summary.verdict is Outcome.INVALID
    (shown,) = summary.results["1"].values()
    assert [reason["reason"] for reason in shown["reasons"]] == ["emergency_stop_pressed"]
    assert 1 not in wire.outputs


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.integers(1, 90), st.sampled_from(FAILURES), max_size=6))
def test_whatever_fails_in_a_run_the_load_is_off_at_its_end(failures: dict[int, str]) -> None:
    with TemporaryDirectory() as folder:
        process, wire = bench(Path(folder))
        try:
            with process:
                wire.failures = {wire.exchanges + number: failure for number, failure in failures.items()}
                with contextlib.suppress(InstrumentError):
                    process.run(plan_of())
                kinds = [record.kind for record in process.recorder.read(0, 100)]
                assert kinds[-1] == "run_ended"
        except InstrumentError as error:
            assert "by hand" in str(error)  # noqa: PT017
        assert wire.writes[-1] == Written(OUTPUT, (0,))
