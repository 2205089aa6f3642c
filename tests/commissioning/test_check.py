"""`bench check`: the load is waited for, what is told is what was measured, and a broken part hides no other."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from bench.app import compose
from bench.commands.cli import cli
from bench.commissioning.check import BenchCheck, Wishes, as_record, check_bench
from bench.commissioning.comparison import compare
from bench.commissioning.devices import Load
from bench.commissioning.parts import Part, State
from bench.commissioning.reference import check_reference
from bench.commissioning.suitability import Able
from bench.commissioning.table import print_advice, print_check
from bench.configuration.config import Config, parse_config
from bench.errors import BenchError, InstrumentError
from bench.ports import MeterReading
from bench.process import MeasuringProcess
from bench.registry import commissioning as bench_card
from bench.run.equipment import Equipment
from calibration.commissioning import Lag, ReferenceBehaviour
from calibration.load_points import LoadPoint
from calibration.reference_standard import ReferenceCard
from tests.bench_process.support import BENCH, bench_config, virtual_bench

CARD = ReferenceCard("m", "s", 0.05, energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
SEEN = ReferenceBehaviour(
    1000,
    0.06,
    0.002,
    0.001,
    0.01,
    0.1,
    0.2,
    is_even=True,
    refresh_jitter=None,
    lag=Lag(0.0, 10.0),
    averaging=None,
)
LOAD = Load(220.0, 10.0, 10.0)


class IdleSource:
    """A load source nobody acts on: what is said is not done."""

    def apply(self, load_point: object) -> None: ...

    def remove(self) -> None: ...

    def close(self) -> None: ...


def configured(state_dir: Path, *changes: tuple[str, str]) -> Config:
    text = BENCH.format(state_dir=state_dir, simulation="")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_config(text, "bench.toml")


def checked(config: Config, wishes: Wishes | None = None) -> BenchCheck:
    return check_bench(config, wishes or Wishes(load=LOAD), lambda line: None, "en")


def printed(found: BenchCheck, language: str = "en") -> str:
    console = Console(width=200, file=io.StringIO(), record=True)
    print_check(found, console, language)
    print_advice(found.reference, console, language)
    return console.export_text()


def part(found: BenchCheck, kind: str, name: str = "") -> Part:
    return next(p for p in found.parts if (p.kind, p.name) == (kind, name))


def test_a_load_that_nobody_sets_ends_the_measurement(tmp_path: Path) -> None:
    config = bench_config(tmp_path)
    equipment = dataclasses.replace(compose(config, lambda line: None), load_source=IdleSource())
    with (
        MeasuringProcess(config, equipment) as process,
        pytest.raises(InstrumentError, match=r"the load was not set: .*2200\.0 W wanted"),
    ):
        check_reference(process, 220.0, 10.0, 5.0, lambda line: None)


def test_a_load_is_told_once_it_is_reached(tmp_path: Path) -> None:
    told: list[str] = []
    with virtual_bench(tmp_path) as process:
        check_reference(process, 220.0, 10.0, 10.0, told.append)
    assert told[0] == "2200 W are reached; 10 s are recorded"
    assert len(told) == 4


def test_a_sound_bench_is_well_in_both_languages(tmp_path: Path) -> None:
    found = checked(bench_config(tmp_path))
    assert found.agrees
    assert part(found, "reference").says == "reference_reads"
    assert part(found, "load_source").state is State.OK
    assert part(found, "disk").state is State.OK
    for language, said in (
        ("en", ("all is well", "class 1: can be verified")),
        ("zh", ("一切正常", "1 级: 可以检定")),
    ):
        text = printed(found, language)
        assert all(each in text for each in said)
        assert "{" not in text


def test_without_a_current_nothing_is_energised_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    found = checked(bench_config(tmp_path), Wishes())
    assert found.reference is None
    assert found.agrees
    assert found.latency is not None
    # Two uniform delays of 7.5 to 20 ms.
    assert found.latency.behaviour.latency_median_s == pytest.approx(0.0275, abs=0.002)
    assert part(found, "reference").says == "reference_dead"
    assert "no load was applied" in printed(found)


@pytest.mark.parametrize(
    ("refresh_s", "step_Wh", "seed"),
    [("0.2", "0.01", 3), ("0.5", "0.1", 4), ("1.0", "0.01", 5), ("0.2", "0.1", 6)],
)
def test_what_the_simulated_reference_was_given_is_found_within_5_per_cent(
    tmp_path: Path, refresh_s: str, step_Wh: str, seed: int
) -> None:
    """The simulator takes its truth from the card; the check measures it on the polls alone."""
    config = configured(
        tmp_path,
        ("refresh_s = 0.2", f"refresh_s = {refresh_s}"),
        ("energy_step_Wh = 0.01", f"energy_step_Wh = {step_Wh}"),
        ("seed = 7", f"seed = {seed}"),
    )
    found = checked(config, Wishes(load=dataclasses.replace(LOAD, dwell_s=30.0))).reference
    assert found is not None
    assert found.agrees
    seen = found.behaviour
    assert seen.refresh_s == pytest.approx(float(refresh_s), rel=0.05)
    assert seen.energy_step_Wh == pytest.approx(float(step_Wh), rel=0.05)
    assert seen.power_step_W == pytest.approx(0.1, rel=0.05)
    # The middle 95 % of the sum of two delays of 7.5 to 20 ms is 19.4 ms wide.
    assert seen.latency_jitter_s == pytest.approx(0.0125 * (1 - 0.05**0.5), rel=0.05)
    assert seen.averaging is not None
    assert abs(seen.averaging.averages_s - float(refresh_s)) <= 3 * seen.averaging.standard_uncertainty_s


def test_a_wrong_card_is_told_with_the_lines_to_write(tmp_path: Path) -> None:
    """The simulated reference is as configured, so its readings are judged by another card."""
    with virtual_bench(tmp_path) as process:
        true = check_reference(process, 220.0, 10.0, 20.0, lambda line: None)
    wrong = dataclasses.replace(CARD, refresh_s=0.25, energy_step_Wh=0.02)
    rows = {row.setting: row for row in compare(true.behaviour, wrong, 0.045, True)}
    assert rows["energy_step_Wh"].advice == "energy_step_Wh = 0.01"
    assert rows["refresh_s"].advice == "refresh_s = 0.2000"
    assert not rows["refresh_s"].agrees
    assert rows["power_step_W"].agrees


def test_class_0_5_is_refused_with_a_class_1_reference(tmp_path: Path) -> None:
    config = configured(tmp_path, ("accuracy_class_pct = 0.05", "accuracy_class_pct = 1.0"))
    found = checked(config, Wishes(rule_set="jjg596-2012"))
    classes = {row.accuracy_class: row for row in found.classes}
    assert classes["0.5S"].able is Able.NO
    assert (
        "class 0.5S: cannot be verified: the reference is of class 1, class 0.1 or better is needed"
        in printed(found)
    )
    # Where the rule set says nothing of the reference, it is our own rule, and said to be.
    found = checked(config, Wishes(rule_set="iec62053-22-2003"))
    assert {row.able for row in found.classes} == {Able.NO}
    assert "our own rule" in printed(found)
    assert "本程序自定" in printed(found, "zh")


def test_load_points_that_cannot_be_are_told_with_their_reason(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        ("[load_source]", "[load_source]\nlimits = { highest_current_A = 50.0 }"),
        ("calibration_U_pct = 0.02", "calibration_U_pct = 0.34"),
    )
    found = checked(config, Wishes())
    (row,) = (r for r in found.classes if r.accuracy_class == "1")
    points = {p.load_point: p for p in row.points}
    assert row.able is Able.SOME
    beyond = points["Imax 1.0"].why
    assert beyond is not None
    assert beyond.sentence("en") == "beyond the limits of this bench's load"
    uncertain = points["Ib 1.0"].why
    assert uncertain is not None
    assert "0.33" in uncertain.sentence("en")


def test_a_high_current_that_may_not_last_as_long_as_it_is_needed_is_told(tmp_path: Path) -> None:
    """A plan with it would be refused."""
    limits = "limits = { high_current_A = 50.0, longest_at_high_current_s = 20.0, rest_after_high_current_s = 1.0 }"
    found = checked(configured(tmp_path, ("[load_source]", f"[load_source]\n{limits}")), Wishes())
    (row,) = (r for r in found.classes if r.accuracy_class == "1")
    points = {p.load_point: p for p in row.points}
    assert points["Ib 1.0"].able is Able.YES
    assert points["Imax 1.0"].able is Able.NO
    beyond = points["Imax 1.0"].why
    assert beyond is not None
    assert "this bench allows a high current for 20 s" in beyond.sentence("en")
    assert "大电流最长允许 20 s" in beyond.sentence("zh")


def test_a_load_at_which_the_reference_pulses_too_fast_is_told(tmp_path: Path) -> None:
    """A plan with it would be refused."""
    wired = (
        '\nreference_pulse_constant_imp_per_Wh = 10.0\n[reference.pulses]\ndriver = "sim"\n\n[load_source]'
    )
    config = configured(tmp_path, ("[load_source]", wired))
    record = as_record(checked(config, Wishes()), config)
    record["edge_rate"] = {
        "lossless_Hz": "50",
        "lost_at_Hz": None,
        "edges": 9,
        "measured": "2026-11-02T10:00:00",
    }
    bench_card.save(tmp_path, record, "2026-11-02T10:00:00")
    (row,) = (r for r in checked(config, Wishes()).classes if r.accuracy_class == "1")
    points = {p.load_point: p for p in row.points}
    assert points["Ib 1.0"].able is Able.YES  # 3 pulses a second of the reference, at 5 A
    beyond = points["Imax 1.0"].why
    assert beyond is not None
    assert beyond.sentence("en").startswith("the reference gives 36.7 Hz, beyond this bench's 25 Hz")


def test_parts_that_are_missing_are_told_and_the_others_looked_at(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        ('driver = "simulated"', 'driver = "system"'),
        ('driver = "sim"\nsimulated_error_pct = 0.4', f'driver = "file"\npath = "{tmp_path}/none"'),
        ('driver = "sim"\nprofile', 'driver = "modbus"\nhost = "127.0.0.1"\nport = 1\nprofile'),
        ('[load_source]\ndriver = "sim"', '[load_source]\ndriver = "manual"'),
        ("speed = 0", ""),
    )
    found = checked(config, Wishes(seconds=1.0, load=LOAD))
    assert not found.agrees
    assert part(found, "line", "1").state is State.BAD
    assert part(found, "reference").says == "reference_nowhere"
    assert part(found, "disk").state is State.OK
    assert found.reference is None
    assert found.classes
    text = printed(found)
    assert "✗ line 1: cannot be used: pulse input" in text
    assert "✗ reference: no answer" in text
    assert "to see to: 2, marked ✗ above" in text


def test_a_serial_port_that_is_not_there_hides_no_other_part(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        ('driver = "simulated"', 'driver = "system"'),
        ('driver = "sim"\nsimulated_error_pct = 0.4', f'driver = "file"\npath = "{tmp_path}/none"'),
        ('driver = "sim"\nprofile', f'driver = "modbus"\nserial_port = "{tmp_path}/tty"\nprofile'),
        ('[load_source]\ndriver = "sim"', '[load_source]\ndriver = "manual"'),
        ("speed = 0", ""),
    )
    found = checked(config, Wishes(seconds=1.0))
    assert part(found, "reference").says == "reference_nowhere"
    assert f"{tmp_path}/tty" in part(found, "reference").values["detail"]
    assert part(found, "line", "1").state is State.BAD
    assert part(found, "disk").state is State.OK


def test_a_bench_that_runs_already_is_told(tmp_path: Path) -> None:
    with virtual_bench(tmp_path):
        found = checked(bench_config(tmp_path))
    assert part(found, "journal").state is State.BAD
    assert part(found, "disk").state is State.OK


def test_a_state_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = checked(bench_config(tmp_path / "file" / "state"), Wishes())
    assert part(found, "disk").says == "disk_bad"


def test_reference_pulses_beyond_the_line_ask_for_a_divider(tmp_path: Path) -> None:
    wired = 'reference_pulse_constant_imp_per_Wh = 1000.0\n{more}\n[reference.pulses]\ndriver = "sim"\n\n[load_source]'
    fast = checked(configured(tmp_path, ("[load_source]", wired.format(more=""))), Wishes())
    # 1,000 imp/Wh at 220 V and 60 A.
    assert part(fast, "reference_pulses").values["rate"] == "3667"
    assert part(fast, "reference_pulses").state is State.BAD
    assert "use a divider by 256 (74HC4040) or a counter" in printed(fast)
    divided = wired.format(more="reference_pulse_divider = 256")
    slow = checked(configured(tmp_path, ("[load_source]", divided)), Wishes())
    assert part(slow, "reference_pulses").values["rate"] == "14.3"
    assert slow.agrees


def test_what_was_measured_is_kept_and_a_known_rate_is_taken_over(tmp_path: Path) -> None:
    config = bench_config(tmp_path)
    found = checked(config)
    record = as_record(found, config)
    record["edge_rate"] = {
        "lossless_Hz": "1500",
        "lost_at_Hz": None,
        "edges": 9,
        "measured": "2026-11-02T10:00:00",
    }
    bench_card.save(tmp_path, record, found.wall_time)
    again = checked(config, Wishes())
    assert again.lossless_Hz == 1500.0
    assert part(again, "edge_rate").sentence("en") == "measured on 2026-11-02: nothing lost up to 1500 Hz"
    assert as_record(again, config)["edge_rate"] == record["edge_rate"]


def test_the_poll_interval_is_shown_as_configured_measured_and_limited() -> None:
    row = compare(SEEN, CARD, 0.045, True)[-1]
    assert (row.setting, row.configured, row.measured, row.limit) == ("poll_interval_s", 0.045, 0.06, 0.05)
    assert not row.agrees


@pytest.mark.parametrize(("has_stepped", "remark"), [(True, "lag_not_seen"), (False, "load_did_not_change")])
def test_no_lag_is_blamed_on_the_registers_only_where_the_load_changed(
    has_stepped: bool, remark: str
) -> None:
    (row,) = (r for r in compare(SEEN, CARD, 0.045, has_stepped) if r.setting == "power_lag_s")
    assert (row.advice, row.remark) == ("lag_known = false", remark)


def test_a_panel_is_read_and_the_load_comes_on_after_a_press(tmp_path: Path) -> None:
    config = configured(tmp_path, ("[load_source]", '[panel]\ndriver = "sim"\n\n[load_source]'))
    found = checked(config)
    assert found.agrees
    assert part(found, "panel").sentence("en").startswith("reads: emergency stop released, cover closed")
    assert found.reference is not None


class SlowPort:
    """A meter whose read-out takes a minute, during which everything else goes on."""

    def __init__(self, wait_s: Callable[[float], None]) -> None:
        self._wait_s = wait_s

    def read(self) -> MeterReading:
        self._wait_s(60.0)
        raise InstrumentError("meter: no answer")

    def close(self) -> None: ...


def test_a_meter_that_takes_its_time_is_not_taken_for_a_bench_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a panel, whose loop watches whether everything turns while the load is on."""
    config = configured(tmp_path, ("[load_source]", '[panel]\ndriver = "sim"\n\n[load_source]'))
    processes: list[MeasuringProcess] = []

    def composed(*of: Any) -> Equipment:
        def wait_s(duration_s: float) -> None:
            clock = processes[0].clock
            clock.wait_until(clock.now_ns() + round(duration_s * 1e9))

        return dataclasses.replace(compose(*of), meter_ports={"1": SlowPort(wait_s)})

    class Remembered(MeasuringProcess):
        def __init__(self, *of: Any) -> None:
            super().__init__(*of)
            processes.append(self)

    monkeypatch.setattr("bench.commissioning.devices.compose", composed)
    monkeypatch.setattr("bench.commissioning.devices.MeasuringProcess", Remembered)
    found = checked(config)
    assert part(found, "load_source").state is State.OK
    assert found.reference is not None
    assert part(found, "meter_port", "1").says == "meter_silent"


def test_nothing_is_energised_whose_panel_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_panel(*unused: object) -> None:
        raise InstrumentError("there is no such chip")

    monkeypatch.setattr("bench.app.panel", no_panel)
    config = configured(tmp_path, ("[load_source]", '[panel]\ndriver = "sim"\n\n[load_source]'))
    refused: dict[str, BenchError] = {}
    equipment = compose(config, lambda line: None, excuse=refused.__setitem__)
    assert list(refused) == ["panel"]
    with pytest.raises(InstrumentError, match="no such chip"):
        equipment.load_source.apply(LoadPoint("check", 220.0, 1.0, 1.0))
    for close in equipment.closers:
        close()
    found = checked(config)
    assert part(found, "panel").state is State.BAD
    assert found.reference is None
    assert found.troubles == 1


def test_the_command_prints_the_toml_and_keeps_the_result(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(BENCH.format(state_dir=tmp_path / "state", simulation=""))
    asked = ["check", "--config", str(path), "--lang", "en", "--seconds", "1"]
    done = CliRunner().invoke(cli, [*asked, "--current", "10", "--dwell", "10", "--write"])
    assert done.exit_code == 0, done.output
    assert "the result is kept on the bench's card" in done.stderr
    kept = bench_card.latest(tmp_path / "state")
    assert kept is not None
    assert kept["all_well"] is True
    assert float(kept["without_load"]["behaviour"]["latency_median_s"]) == pytest.approx(0.0275, abs=0.004)
    assert float(kept["reference"]["behaviour"]["refresh_s"]) == pytest.approx(0.2, rel=0.01)
    printed_json = CliRunner().invoke(cli, [*asked, "--json"])
    assert json.loads(printed_json.stdout)["agrees"] is True


def test_find_says_what_is_there_and_fails_where_no_reference_answers(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(BENCH.format(state_dir=tmp_path / "state", simulation=""))
    found = CliRunner().invoke(
        cli, ["check", "--config", str(path), "--lang", "en", "--find", "--port", "/dev/none"]
    )
    assert found.exit_code == 4
    assert "GPIO: " in found.stdout
    assert "reference: " in found.stdout or "serial port: cannot be used" in found.stdout
