"""A newcomer's walk along docs/commissioning.md: each of five planted mistakes is told in one sentence.

Everything runs as on a bench, on the simulated plant: lines through the kernel's record format, the reference over a
real Modbus server behind a serial line that has a rate.
"""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from bench.clock import SystemClock
from bench.commands.cli import cli
from bench.commissioning.check import Wishes, check_bench
from bench.commissioning.finding import find, is_found
from bench.commissioning.parts import Part, State
from bench.commissioning.table import print_check
from bench.configuration.config import Config, parse_config
from bench.sim.modbus_server import RegisterServer
from bench.sim.plant import Plant, PlantSetup
from bench.sim.pty_pair import PtyPair
from calibration.load_points import LoadPoint
from calibration.quantities import RISING, EdgeTrain
from firmware_io.edge_records import encode_records
from firmware_io.reference_profiles import load_profile, reference_profile_text
from tests.bench_process.support import BENCH

TWO = """[[position]]
name = "1"
driver = "sim"
simulated_constant_imp_per_kWh = {first}

[[position]]
name = "2"
driver = "sim"
simulated_constant_imp_per_kWh = {second}
"""
RATE = 19_200
FULL = LoadPoint("Ib 1.0", 220.0, 10.0, 1.0)


def station(folder: Path, first: float = 1200.0, second: float = 1600.0, fault: str = "") -> Path:
    one, _, rest = BENCH.partition('[[position]]\nname = "1"\ndriver = "sim"\nsimulated_error_pct = 0.4\n')
    simulation = f'faults = ["{fault}"]' if fault else ""
    text = one + TWO.format(first=first, second=second) + rest
    text = text.replace("{state_dir}", str(folder / "state")).replace("{simulation}", simulation)
    # A short pulse of noise or of a bounce must not be cut in two by the period of the edge loop.
    path = folder / "bench.toml"
    path.write_text(text.replace("edge_period_s = 0.25", "edge_period_s = 0.1"))
    return path


def look(config: Path, *options: str, language: str = "en") -> tuple[dict[str, str], int]:
    """The sentence of each line, and the exit status."""
    done = CliRunner().invoke(
        cli, ["look", "--config", str(config), "--current", "10", "--json", "--lang", language, *options]
    )
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return {row["line"]: row["says"] for row in json.loads(done.stdout)["lines"]}, done.exit_code


CONSTANTS = ("--constant", "1=1200", "--constant", "2=1600")


def test_a_bench_without_a_mistake_agrees_with_its_reference(tmp_path: Path) -> None:
    said, status = look(station(tmp_path), *CONSTANTS)
    assert status == 0
    assert said["1"] == (
        "80 ms pulses at 0.736 Hz, that is 2.21 kW at 1,200 imp/kWh; the reference reads 2.2 kW: they agree"
    )
    assert said["2"].endswith("that is 2.21 kW at 1,600 imp/kWh; the reference reads 2.2 kW: they agree")


def test_swapped_lines(tmp_path: Path) -> None:
    swapped = station(tmp_path, first=1600.0, second=1200.0)
    said, status = look(swapped, *CONSTANTS)
    assert status == 4
    assert said["1"].endswith("this is the rate of the meter at position 2: the lines of 1 and 2 are swapped")
    assert said["2"].endswith("the lines of 2 and 1 are swapped")
    assert look(swapped, *CONSTANTS, language="zh")[0]["1"].endswith("表位 1 和 2 的线接反了")


def test_a_wrong_constant(tmp_path: Path) -> None:
    said, status = look(station(tmp_path), "--constant", "1600")
    assert status == 4
    assert said["1"].endswith("the constant is wrong, this is what 1,200 imp/kWh would give")
    assert "they agree" in said["2"]


def test_a_missing_pull_up_that_shows_as_noise(tmp_path: Path) -> None:
    said, status = look(station(tmp_path, fault="noisy_line@0+60:1"), *CONSTANTS)
    assert status == 4
    assert said["1"].startswith("noise: it follows the mains at 50 Hz (")
    assert said["1"].endswith(
        "nothing holds the line, set bias = 'pull_up' or fit a pull-up, and check its wires"
    )
    assert "they agree" in said["2"]


def test_a_loose_wire_that_bounces(tmp_path: Path) -> None:
    said, status = look(station(tmp_path, fault="bouncing_line@0+60:2"), *CONSTANTS)
    assert status == 4
    assert said["2"].startswith("bouncing: its edges bounce for up to ")
    assert said["2"].endswith(
        "with pulses at 0.982 Hz beneath; fasten its wires, and for a contact set debounce_us = 4000"
    )


def test_without_constants_the_reference_says_what_they_would_be(tmp_path: Path) -> None:
    said, _ = look(station(tmp_path))
    assert said["1"].endswith("the reference reads 2.2 kW, so its constant would be 1,200 imp/kWh")


def unopened(folder: Path, *lines: str) -> Path:
    """A real bench's configuration: of its lines those named are not there, the others are a recorded edge."""
    path = station(folder)
    text = path.read_text().replace('driver = "simulated"', 'driver = "system"').replace("speed = 0", "")
    for name in ("1", "2"):
        file = folder / name
        if name not in lines:
            file.write_bytes(encode_records(EdgeTrain(np.array([1]), np.array([RISING]), np.array([1]))))
        text = text.replace(
            f'name = "{name}"\ndriver = "sim"', f'name = "{name}"\ndriver = "file"\npath = "{file}"'
        )
    text = text.replace('driver = "sim"\nprofile', 'driver = "modbus"\nhost = "127.0.0.1"\nport = 1\nprofile')
    path.write_text(text.replace('[load_source]\ndriver = "sim"', '[load_source]\ndriver = "manual"'))
    return path


@pytest.mark.parametrize("missing", [("1",), ("1", "2")])
def test_a_line_that_cannot_be_opened_is_named_and_is_not_well(
    tmp_path: Path, missing: tuple[str, ...]
) -> None:
    done = CliRunner().invoke(cli, ["look", "--config", str(unopened(tmp_path, *missing)), "--seconds", "1"])
    assert done.exit_code != 0
    assert "bench: line 1: " in done.stderr
    nothing_to_watch = "none of the lines can be opened" in str(done.exception)
    assert nothing_to_watch == (len(missing) == 2)


def test_a_line_that_is_not_there_is_a_mistake_of_the_command(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["look", "7", "--config", str(station(tmp_path))])
    assert "there is no line '7'; there are 1, 2" in str(done.exception)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["look", "--current", "5", "--constant", "3=1200"], "there is no position '3'"),
        (["look", "7", "--current", "5"], "there is no line '7'"),
        (["look", "--current", "500"], "beyond this bench's limit of 60 A"),
        (["check", "--current", "500"], "beyond this bench's limit of 60 A"),
    ],
)
def test_what_is_mistyped_is_refused_before_anything_is_opened_or_energised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], why: str
) -> None:
    def opened(*unused: object) -> None:
        raise AssertionError("a device was opened")

    path = station(tmp_path)
    path.write_text(path.read_text() + "\n[load_source.limits]\nhighest_current_A = 60.0\n")
    monkeypatch.setattr("bench.commissioning.look_cli.open_bench", opened)
    monkeypatch.setattr("bench.commissioning.check_cli.check_bench", opened)
    done = CliRunner().invoke(cli, [*options, "--config", str(path)])
    assert why in str(done.exception)


@pytest.fixture
def wire() -> Iterator[str]:
    """A serial port, at whose far end the simulated reference answers at 19,200 Bd, under load."""
    clock = SystemClock()
    plant = Plant(PlantSetup(), 3, clock.now_ns())
    plant.apply(FULL, clock.now_ns())
    cable = PtyPair(has_rates=True)
    server = RegisterServer(plant, load_profile("demo-reference"), clock, device_id=5)
    try:
        yield server.serial(cable.paths[1], RATE) and cable.paths[0]
    finally:
        server.close()
        cable.close()


def wired(
    folder: Path, port: str, *, baud: int, device_id: int = 5, profile: str = "demo-reference"
) -> Config:
    text = BENCH.format(state_dir=folder / "state", simulation="")
    text = text.replace('driver = "simulated"', 'driver = "system"').replace("speed = 0", "")
    # A real server behind a real port: on a busy machine it may be late, and is not absent for that.
    text = text.replace("timeout_s = 0.25", "timeout_s = 1.0")
    text = text.replace(
        'driver = "sim"\nsimulated_error_pct = 0.4', f'driver = "file"\npath = "{folder / "edges"}"'
    )
    text = text.replace(
        'driver = "sim"\nprofile = "demo-reference"',
        f'driver = "modbus"\nserial_port = "{port}"\nbaud = {baud}\ndevice_id = {device_id}\nprofile = "{profile}"',
    )
    text = text.replace('[load_source]\ndriver = "sim"', '[load_source]\ndriver = "manual"')
    (folder / "edges").write_bytes(b"")
    return parse_config(text, "bench.toml")


def reference_of(config: Config) -> Part:
    found = check_bench(config, Wishes(seconds=1.0), lambda line: None, "en")
    text = io.StringIO()
    print_check(found, Console(file=text, width=300), "en")
    (part,) = (p for p in found.parts if p.kind == "reference")
    assert part.sentence("en") in text.getvalue()
    return part


def test_a_reference_that_is_wired_and_configured_well(tmp_path: Path, wire: str) -> None:
    part = reference_of(wired(tmp_path, wire, baud=RATE))
    assert (part.state, part.says) == (State.OK, "reference_reads")


def test_a_wrong_baud_rate(tmp_path: Path, wire: str) -> None:
    part = reference_of(wired(tmp_path, wire, baud=9600))
    assert part.state is State.BAD
    assert part.sentence("en") == (
        f"no answer as configured, but it answers at serial_port = {wire}, baud = 19200, parity = N, stop_bits = 1, "
        "device_id = 5; change baud = 19200 in [reference]"
    )
    assert "请改 [reference] 的 baud = 19200" in part.sentence("zh")


def test_a_wrong_word_order(tmp_path: Path, wire: str) -> None:
    turned = tmp_path / "turned.toml"
    turned.write_text(
        reference_profile_text("demo-reference").replace('word_order = "big"', 'word_order = "little"')
    )
    part = reference_of(wired(tmp_path, wire, baud=RATE, profile=str(turned)))
    assert part.state is State.BAD
    assert part.says == "reference_turned"
    said = part.sentence("en")
    assert said.startswith(
        "answers, but its words come in the other order: read big end first its values make sense"
    )
    assert said.endswith("write word_order = 'big' into [profile] of its profile")


def test_find_needs_nothing_of_the_configuration_but_the_model(tmp_path: Path, wire: str) -> None:
    config = wired(tmp_path, "/dev/none", baud=300)
    parts = list(find(config, SystemClock(), (wire, "/dev/none")))
    found, missing = (p for p in parts if p.kind == "reference" or p.name == "/dev/none")
    assert found.sentence("en").startswith(f"answers at serial_port = {wire}, baud = 19200, parity = N")
    assert found.sentence("en").endswith("device_id = 5; its values make sense")
    assert missing.state is State.BAD
    assert is_found(found)
    assert not is_found(missing)


def test_a_wrong_unit_address_over_tcp(tmp_path: Path) -> None:
    clock = SystemClock()
    plant = Plant(PlantSetup(), 3, clock.now_ns())
    plant.apply(FULL, clock.now_ns())
    server = RegisterServer(plant, load_profile("demo-reference"), clock, device_id=3).tcp()
    config = wired(tmp_path, "/dev/none", baud=300, device_id=1)
    reference = dataclasses.replace(config.reference, serial_port="", host="127.0.0.1", port=server.port)
    try:
        part = reference_of(dataclasses.replace(config, reference=reference))
    finally:
        server.close()
    assert part.sentence("en").endswith("device_id = 3; change device_id = 3 in [reference]")
