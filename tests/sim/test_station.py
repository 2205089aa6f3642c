"""From a configuration to the simulated station, seen through the devices that the bench gets."""

from itertools import pairwise
from pathlib import Path

import pytest

from bench.app import compose, open_bench, replay_run
from bench.configuration.config import Config, parse_config
from bench.errors import OperatorError
from bench.line_names import clock_line
from bench.run.equipment import Equipment
from calibration.load_points import LoadPoint
from calibration.nameplate import Wiring
from calibration.quantities import NS_PER_S, RISING
from firmware_io.reference_profiles import load_profile
from tests.bench_process.support import BENCH, PLAN, plan_of

LOAD = LoadPoint("Imax 1.0", 220.0, 60.0, 1.0, wiring=Wiring.FOUR_WIRE)
VOLTAGE_ALONE = LoadPoint("Un", 220.0, 0.0, 1.0)
POSITIONS = """
[[position]]
name = "2"
driver = "sim"
meter_port = "sim"
simulated_error_pct = -1.0
simulated_phase_error_pct = [0.0, 0.5, 0.0]
simulated_starts_at_W = 50.0
simulated_creep_W = 600.0
simulated_register_decimals = 2
simulated_register_error_pct = 1.0
simulated_declared_constant_imp_per_kWh = 1000.0
simulated_tariff_defect_kWh = 0.07
simulated_clock_error_s_per_day = 40.0
[position.clock_output]
driver = "sim"

[[position]]
name = "3"
driver = "sim"
simulated_error_pct = 0.8

[reference]"""


def configured(tmp_path: Path, simulation: str = "", bench: str = BENCH) -> Config:
    text = bench.replace("[reference]", POSITIONS, 1).format(state_dir=tmp_path, simulation=simulation)
    return parse_config(text, "bench.toml")


def devices(tmp_path: Path, simulation: str = "", bench: str = BENCH) -> Equipment:
    return compose(configured(tmp_path, simulation, bench), lambda line: None)


def pulse_s(equipment: Equipment, line: str, duration_s: float) -> list[float]:
    """When pulses came on a line from now on, in s from now."""
    first_ns = equipment.clock.now_ns()
    equipment.clock.wait_until(first_ns + round(duration_s * NS_PER_S))
    edges = equipment.pulse_inputs[line].read().edges
    return [(int(t) - first_ns) / NS_PER_S for t in edges.of_kind(RISING)]


def test_every_setting_reaches_the_meter_of_its_position(tmp_path: Path) -> None:
    equipment = devices(tmp_path)
    assert list(equipment.pulse_inputs) == ["1", "2", "3", clock_line("2")]
    assert list(equipment.meter_ports) == ["2"]
    equipment.load_source.apply(VOLTAGE_ALONE)
    assert len(pulse_s(equipment, "2", 60.0)) == pytest.approx(12, abs=1)  # 600 W at 1,200 imp/kWh
    assert pulse_s(equipment, "1", 60.0) == []
    equipment.load_source.apply(LoadPoint("Ist", 220.0, 0.2, 1.0))  # 44 W: a pulse in 68 s
    pulse_s(equipment, "2", 1.0)
    assert pulse_s(equipment, "2", 300.0) == []
    assert len(pulse_s(equipment, "3", 1.0)) >= 4
    seconds = pulse_s(equipment, clock_line("2"), 600.0)
    assert (seconds[-1] - seconds[0]) / (len(seconds) - 1) == pytest.approx(1.0 - 40.0 / 86_400.0, abs=2e-6)
    reading = equipment.meter_ports["2"].read()
    assert reading.decimals == 2
    assert reading.meter_constant_imp_per_kWh == 1000
    assert float(sum(reading.tariffs_kWh) - reading.total_kWh) == pytest.approx(0.07)


def test_the_true_error_is_that_of_the_load_and_of_the_loaded_phase(tmp_path: Path) -> None:
    true_error_pct = devices(tmp_path).true_error_pct
    one_phase = LoadPoint("Ib 1.0 B", 220.0, 10.0, 1.0, wiring=Wiring.FOUR_WIRE, loaded_phase="B")
    assert [true_error_pct(p, LOAD) for p in "123"] == [0.4, -1.0, 0.8]
    assert [true_error_pct(p, one_phase) for p in "123"] == [0.4, -0.5, 0.8]
    assert true_error_pct("4", LOAD) is None


@pytest.mark.parametrize(
    ("where", "dark"), [("", "1"), (":1", "1"), (":2", "2"), (":3", "3"), (":2.clock", "2.clock")]
)
def test_a_fault_of_a_line_happens_on_the_line_that_it_names(tmp_path: Path, where: str, dark: str) -> None:
    equipment = devices(tmp_path, f'faults = ["unplugged_line@10+60#1{where}"]')
    equipment.load_source.apply(LOAD)
    equipment.clock.wait_until(equipment.clock.now_ns() + 120 * NS_PER_S)
    silent = []
    for name, line in equipment.pulse_inputs.items():
        rising_ns = line.read().edges.of_kind(RISING)
        if max(int(b) - int(a) for a, b in pairwise(rising_ns)) > 50 * NS_PER_S:
            silent.append(name)
    assert silent == [dark]


def test_reactive_meters_are_compared_with_the_reactive_energy(tmp_path: Path) -> None:
    reactive = BENCH.replace('profile = "demo-reference"', 'profile = "demo-reference"\nenergy = "reactive"')
    plan = plan_of(
        PLAN.replace("[[meter]]", '[[meter]]\nquantity = "reactive"').replace("Imax 1.0", "Imax 0.5L")
    )
    config = parse_config(reactive.format(state_dir=tmp_path, simulation=""), "bench.toml")
    with open_bench(config, lambda line: None) as process:
        result = process.run(plan).results["1"]["0"]
        with pytest.raises(OperatorError, match="position 1: the meter counts active energy"):
            process.run(plan_of())
    assert abs(float(result["percentage_error_pct"]) - 0.4) < float(result["expanded_uncertainty_pct"])
    assert replay_run(tmp_path, "1").differences == ()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("unplugged_line@10:4", "lines: 1, 2, 3, 2.clock"),
        ("reference_silent@10:1", "only a fault of a pulse line has a line"),
        ("unplugged_line@10:", r"NAME@SECONDS\[\+DURATION\]\[#LOAD\]\[:LINE\]"),
    ],
)
def test_a_fault_on_no_line_is_refused(tmp_path: Path, fault: str, said: str) -> None:
    with pytest.raises(OperatorError, match=said):
        devices(tmp_path, f'faults = ["{fault}"]')


def test_the_reference_behind_transformers_reads_what_the_meters_get(tmp_path: Path) -> None:
    behind = BENCH.replace('profile = "demo-reference"', 'profile = "demo-reference"\nct_ratio = 40.0')
    behind = behind.replace("energy_step_Wh = 0.01", "energy_step_Wh = 0.4")
    equipment = devices(tmp_path, bench=behind)
    equipment.load_source.apply(LOAD)
    equipment.clock.wait_until(equipment.clock.now_ns() + 10 * NS_PER_S)
    sample = equipment.reference.poll()
    assert sample.power_W is not None
    assert sample.power_W.value == pytest.approx(LOAD.compared_power, rel=5e-3)
    assert equipment.station["reference_profile"]["ct_ratio"] == "40.0"
    on_the_wire = load_profile("demo-reference").registers.decode(sample.replies)
    assert on_the_wire.power_W is not None
    assert on_the_wire.power_W.value * 40.0 == pytest.approx(sample.power_W.value)


def test_a_replay_knows_the_transformers_of_the_run(tmp_path: Path) -> None:
    behind = BENCH.replace('profile = "demo-reference"', 'profile = "demo-reference"\nct_ratio = 4.0')
    behind = behind.replace("energy_step_Wh = 0.01", "energy_step_Wh = 0.04")
    config = parse_config(behind.format(state_dir=tmp_path, simulation=""), "bench.toml")
    with open_bench(config, lambda line: None) as process:
        result = process.run(plan_of()).results["1"]["0"]
    error_pct, U_pct = (float(result[name]) for name in ("percentage_error_pct", "expanded_uncertainty_pct"))
    assert abs(error_pct - 0.4) < U_pct
    replayed = replay_run(tmp_path, "1")
    assert replayed.results > 0
    assert replayed.differences == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "3"', 'name = "3.clock"', "names that end in .clock are kept"),
        ('name = "3"\ndriver = "sim"', 'name = "3"\ndriver = "file"\npath = "x"\nmeter_port = "sim"', "driver = 'sim'"),
        ("[0.0, 0.5, 0.0]", "[0.5]", "three values"),
        ('profile = "demo-reference"', 'profile = "demo-reference"\nenergy = "reactive"\npower = "phase_1"', "phase_1"),
        ('meter_port = "sim"', 'meter_port = "asks"', "did you mean 'ask'"),
    ],
)  # fmt: skip
def test_a_wrong_position_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = BENCH.replace("[reference]", POSITIONS, 1).format(state_dir=tmp_path, simulation="")
    assert old in text
    with pytest.raises(OperatorError, match=said) as refused:
        parse_config(text.replace(old, new), "bench.toml")
    assert "\n" not in str(refused.value)


def test_the_rate_of_the_simulated_clock_is_known_unless_said_otherwise(tmp_path: Path) -> None:
    assert configured(tmp_path).clock.frequency_U_ppm == 0.01
    said = BENCH.replace('driver = "simulated"', 'driver = "simulated"\nfrequency_U_ppm = 5.0')
    assert configured(tmp_path, bench=said).clock.frequency_U_ppm == 5.0
