"""A verification whose load comes from a programmable source over Modbus, in front of the simulated plant."""

from __future__ import annotations

import dataclasses
import socket
from pathlib import Path

import pytest

from bench.app import compose, open_bench
from bench.configuration.config import Config, parse_config
from bench.errors import InstrumentError, OperatorError
from bench.sim.programmable_source import SimulatedProgrammableSource
from bench.sim.source_server import SourceServer
from calibration.load_points import LoadPoint
from calibration.quantities import Kind, Outcome
from firmware_io.modbus_source_profiles import parse_modbus_source
from firmware_io.programmable_source import Output
from firmware_io.source_profiles import source_profile_text
from tests.bench_process.support import BENCH, METER, plan_of

SHORT = (
    """
load_points = ["Imax 1.0"]
minimum_time_s = 2.0
minimum_pulses = 3
longest_time_s = 20.0
wanted_uncertainty = 0.9
"""
    + METER
)


def served(state_dir: Path, source: str = 'driver = "modbus"\nprofile = "demo-source"') -> Config:
    """Everything at real speed behind servers and pipes; the reference refreshes slowly, for a busy machine's polls."""
    text = BENCH.format(state_dir=state_dir, simulation="servers = true")
    for old, new in (
        ("speed = 0", "speed = 1"),
        ('driver = "simulated"', 'driver = "system"'),
        ("publish_period_s = 2.0", "publish_period_s = 0.25"),
        ("evaluation_period_s = 5.0", "evaluation_period_s = 0.5"),
        ("edge_period_s = 0.25", "edge_period_s = 0.02"),
        ("refresh_s = 0.2", "refresh_s = 1.0"),
        ('[load_source]\ndriver = "sim"', f"[load_source]\nsteady_for_s = 0.5\n{source}"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return parse_config(text, "bench.toml")


def test_a_short_verification_over_loopback(tmp_path: Path) -> None:
    with open_bench(served(tmp_path), lambda line: None) as process:
        summary = process.run(plan_of(SHORT))
        records = [record.fields() for record in process.recorder.read(0, 100)]
    assert summary.verdict is Outcome.PASS
    assert summary.kind is Kind.SIMULATED
    (shown,) = summary.results["1"].values()
    distance = abs(float(shown["percentage_error_pct"]) - float(shown["true_error_pct"]))
    assert distance <= float(shown["expanded_uncertainty_pct"])
    assert records[0]["station"]["load_source"] == "Simulated source 1"


def test_a_short_verification_with_a_command_language_on_a_serial_line(tmp_path: Path) -> None:
    config = served(tmp_path, 'driver = "serial"\nprofile = "demo-line-source"')
    with open_bench(config, lambda line: None) as process:
        summary = process.run(plan_of(SHORT))
    assert summary.verdict is Outcome.PASS


def test_a_source_that_is_told_nowhere_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"\[load_source\] needs profile"):
        served(tmp_path, 'driver = "modbus"')
    with pytest.raises(OperatorError, match=r"\[load_source\] needs either host or serial_port"):
        served(tmp_path, 'driver = "modbus"\nprofile = "demo-source"\nhost = "a"\nserial_port = "/dev/ttyS9"')
    with pytest.raises(
        OperatorError, match="unknown source profile 'demo-sauce'; known: demo-line-source, demo-source"
    ):
        compose(served(tmp_path, 'driver = "modbus"\nprofile = "demo-sauce"'), lambda line: None)


def test_what_was_left_on_goes_off_although_the_bench_cannot_open(tmp_path: Path) -> None:
    """The reference is not there; the source was on, from a process that was killed."""
    profile = parse_modbus_source(source_profile_text("demo-source"), "demo-source")
    simulated = SimulatedProgrammableSource(Behind())
    server = SourceServer(simulated, profile).tcp()
    try:
        simulated.switch(on=True)
        text = f'driver = "modbus"\nprofile = "demo-source"\nhost = "127.0.0.1"\nport = {server.port}'
        with socket.socket() as taken:  # bound and not listening: nobody answers there
            taken.bind(("127.0.0.1", 0))
            config = served(tmp_path, text)
            gone = dataclasses.replace(
                config.reference, driver="modbus", host="127.0.0.1", port=taken.getsockname()[1]
            )
            with pytest.raises(InstrumentError, match="reference standard"):
                compose(dataclasses.replace(config, reference=gone), lambda line: None)
        assert simulated.output is Output.OFF
    finally:
        server.close()


class Behind:
    """Where the simulated source's load goes; nobody looks."""

    def apply(self, load_point: LoadPoint) -> None: ...

    def remove(self) -> None: ...

    def close(self) -> None: ...
