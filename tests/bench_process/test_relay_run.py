"""A bank of relays as the load source of a whole bench: the plan is checked against it, and its lines make the load."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from bench.app import compose
from bench.app_source import _bank_range, source_requirement
from bench.before_run.plan_check import review
from bench.clock import SystemClock
from bench.commissioning.check import Wishes, check_bench
from bench.configuration.config import Config, parse_config
from bench.errors import OperatorError
from bench.ports import LoadSource, SourceFacts
from bench.process import MeasuringProcess
from calibration.fixed_loads import FixedLoad
from calibration.load_points import LoadPoint
from calibration.quantities import Outcome
from firmware_io.relay_bank import BankRange, RelayBank, Switch
from tests.bench_process.support import BENCH, METER, bench_config, plan_of

RELAYS = """[load_source]
driver = "relays"
contactor = { line = "GPIO5", voltage_V = 220.0 }

[[load_source.relay]]
line = "GPIO6"
current_A = 10.0

[[load_source.relay]]
line = "GPIO13"
current_A = 20.0

[load_source.limits]
highest_current_A = 60.0
"""
LOADS = {"GPIO6": 10.0, "GPIO13": 20.0}
TODAY = "2026-11-24"


def wired(text: str = RELAYS) -> Config:
    """As on a real bench: no device of it is simulated, and none is opened here."""
    bench = BENCH.format(state_dir="var", simulation="")
    for old, new in (
        ('driver = "simulated"', 'driver = "system"'),
        ('driver = "sim"\nsimulated_error_pct = 0.4', 'driver = "gpiod"\nline = "17"'),
        ('driver = "sim"\nprofile', 'driver = "modbus"\nhost = "192.0.2.1"\nprofile'),
        ('[load_source]\ndriver = "sim"\nsettle_timeout_s = 10.0\n', text),
    ):
        assert old in bench, old
        bench = bench.replace(old, new)
    return parse_config(bench, "bench.toml")


def test_a_plan_is_checked_against_the_relays_without_a_device(tmp_path: Path) -> None:
    config = dataclasses.replace(wired(), bench=dataclasses.replace(wired().bench, state_dir=str(tmp_path)))
    require = source_requirement(config)
    review(
        plan_of('load_points = ["Ib 1.0", "0.5Imax 1.0"]\nminimum_time_s = 20.0\n' + METER),
        config,
        TODAY,
        require,
    )
    refused = plan_of('load_points = ["Ib 1.0", "0.25Imax 1.0"]\nminimum_time_s = 20.0\n' + METER)
    with pytest.raises(OperatorError, match=r"0\.25Imax 1\.0: no combination .* nearest are 10 A and 20 A"):
        review(refused, config, TODAY, require)
    with pytest.raises(OperatorError, match=r"1\.15Un: the contactor switches 220 V and not 253 V"):
        review(plan_of('tests = ["no_load"]\n' + METER), config, TODAY, require)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('contactor = { line = "GPIO5", voltage_V = 220.0 }\n', "", r"needs \[load_source.contactor\]"),
        ('line = "GPIO13"', 'line = "GPIO5"', "need a line of their own"),
        (
            'line = "GPIO13"',
            'line = "GPIO13"\nphase_side = "L"',
            "phase_side belongs to a power factor below 1",
        ),
        (
            'line = "GPIO13"',
            'line = "GPIO13"\npower_factor = 0.5',
            "phase_side belongs to a power factor below 1",
        ),
        ('line = "GPIO13"\ncurrent_A = 20.0', 'line = "GPIO13"', "current_A is missing"),
    ],
)
def test_a_wrong_bank_is_refused_by_name(old: str, new: str, said: str) -> None:
    assert old in RELAYS
    with pytest.raises(OperatorError, match=said):
        wired(RELAYS.replace(old, new))


PANEL = '[panel]\ndriver = "gpiozero"\ncontactor_feed = "{feed}"\nlamp_idle = "GPIO23"\n'


@pytest.mark.parametrize(
    ("relays", "said"),
    [
        (RELAYS.replace("GPIO13", "GPIO17"), r"pulse line 1 and \[\[load_source.relay\]\] no. 2 .* line, 17"),
        (RELAYS.replace("GPIO13", "5"), r"\[load_source.contactor\] and \[\[load_source.relay\]\] no. 2"),
        (RELAYS + PANEL.format(feed="GPIO5"), r"contactor_feed and \[load_source.contactor\] name the same"),
        (RELAYS + PANEL.format(feed="gpio23"), r"contactor_feed and \[panel\] lamp_idle name the same"),
        (RELAYS + PANEL.format(feed="GPIO017"), r"pulse line 1 and \[panel\] contactor_feed"),
    ],
)
def test_a_line_that_is_named_for_two_things_is_refused(relays: str, said: str) -> None:
    with pytest.raises(OperatorError, match=said):
        wired(relays)


def test_the_same_line_of_another_chip_is_another_line() -> None:
    wired(RELAYS.replace('driver = "relays"', 'driver = "relays"\nchip = "other"') + PANEL.format(feed="5"))


@pytest.mark.parametrize(
    ("output", "of"),
    [("5", "contactor"), ("GPIO13", "relay"), ("24", "contactor_feed"), ("17", "pulse line 1")],
)
def test_a_loopback_drives_no_line_that_the_bench_uses(output: str, of: str, tmp_path: Path) -> None:
    config = wired(RELAYS + PANEL.format(feed="GPIO24"))
    config = dataclasses.replace(config, bench=dataclasses.replace(config.bench, state_dir=str(tmp_path)))
    with pytest.raises(OperatorError, match=f"would drive {output}, which is the line of .*{of}"):
        check_bench(config, Wishes(loopback=(output, "27")), lambda line: None, "en")


@pytest.mark.parametrize(
    ("limit", "current_A"), [("highest_current_A = 10.0", 10.3), ("highest_power_VA = 2300.0", 10.4)]
)
def test_relays_together_stay_within_the_limits_too(limit: str, current_A: float) -> None:
    relays = RELAYS.replace("highest_current_A = 60.0", limit).replace("current_A = 20.0", "current_A = 10.5")
    chosen = _bank_range(wired(relays).load_source).choose(LoadPoint("wanted", 220.0, current_A, 1.0))
    assert chosen == (0,)


def test_a_contactor_beyond_the_limit_is_refused() -> None:
    with pytest.raises(OperatorError, match=r"switches 220 V, beyond .* highest_voltage_V = 200"):
        wired(RELAYS + "highest_voltage_V = 200.0\n")


class Circuit:
    """The mains side of the bank: what its lines hold closed is the load of the plant."""

    def __init__(self, bank: RelayBank, factory: MockFactory, plant: LoadSource) -> None:
        self.bank, self._factory, self._plant = bank, factory, plant

    def apply(self, load_point: LoadPoint) -> None:
        self.bank.apply(load_point)
        self._follow()

    def remove(self) -> None:
        self.bank.remove()
        self._follow()

    def close(self) -> None:
        self.bank.close()

    def _follow(self) -> None:
        current_A = sum(amperes for line, amperes in LOADS.items() if self._factory.pin(line).state)
        if self._factory.pin("GPIO5").state:
            self._plant.apply(LoadPoint("relays", 220.0, current_A, 1.0))
        else:
            self._plant.remove()


@pytest.fixture
def factory(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockFactory]:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    made = MockFactory()
    yield made
    made.reset()


def test_the_reference_decides_about_the_load_that_the_lines_make(
    tmp_path: Path, factory: MockFactory
) -> None:
    config = bench_config(tmp_path)
    equipment = compose(config, lambda line: None)
    loads = tuple(FixedLoad(amperes) for amperes in LOADS.values())
    bank = RelayBank(
        BankRange(loads, 220.0, 5.0), Switch("GPIO5"), [Switch(line) for line in LOADS], SystemClock(),
        switching_s=0.0, factory=factory,
    )  # fmt: skip
    circuit = Circuit(bank, factory, equipment.load_source)
    equipment = dataclasses.replace(
        equipment, load_source=circuit, source_facts=SourceFacts(require=bank.require)
    )
    checked = plan_of('load_points = ["Ib 1.0", "0.5Imax 1.0"]\nminimum_time_s = 20.0\n' + METER)
    with MeasuringProcess(config, equipment) as process:
        assert process.run(checked).verdict is Outcome.PASS
        assert not any(factory.pin(line).state for line in ("GPIO5", *LOADS))
        with pytest.raises(OperatorError, match="nearest are 30 A"):
            process.run(plan_of())
    circuit.close()
