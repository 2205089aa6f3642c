"""A meter verified for the energy that it feeds back: the reference's power reads below zero, its export counts."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bench.app import open_bench, replay_run
from bench.app_reference import RecordedRaw
from bench.before_run.plan_check import review
from bench.canonical import JsonObject
from bench.configuration.config import Config, parse_config
from bench.errors import OperatorError
from bench.measurement.acquisition import Acquisition
from bench.measurement.settling import LoadWatch
from bench.plans.plan import parse_plan
from bench.ports import ReferenceSample, StampedValue
from bench.run.manual_source import set_load_text
from bench.terminal.plan_table import print_review
from bench.terminal.words import point_word
from calibration.load_points import LoadPoint, parse_load_point
from calibration.nameplate import Direction
from calibration.quantities import NS_PER_S
from calibration.reasons import Reason
from firmware_io.reference_choice import EnergyRegister, ReferenceChoice
from firmware_io.reference_profiles import load_profile
from tests.bench_process.support import BENCH, METER, plan_of

EXPORT = 'direction = "export"\n'
PLAN = """
tests = ["warm_up", "no_load", "starting", "basic_error"]
load_points = ["Imax 1.0", "Ib 0.5L"]
warm_up_s = 10.0
minimum_time_s = 10.0
minimum_pulses = 3
repeats_of_invalid = 0
"""


def bench(folder: Path, energy: str = "export", extra: str = "") -> Config:
    text = BENCH.format(state_dir=folder, simulation=extra)
    return parse_config(
        text.replace("timeout_s = 0.25", f'timeout_s = 0.25\nenergy = "{energy}"'), "bench.toml"
    )


def test_an_exporting_meter_is_verified_with_its_truth_within_U(tmp_path: Path) -> None:
    states: list[JsonObject] = []
    with open_bench(bench(tmp_path), lambda line: None) as process:
        process.live.listen(lambda sequence, patch, state: states.append(state))
        summary = process.run(plan_of(PLAN + METER + EXPORT))
    shown = list(summary.results["1"].values())
    assert [each["verdict"] for each in shown] == ["PASS"] * 5
    for each in shown[-2:]:
        assert abs(float(each["percentage_error_pct"]) - 0.4) <= float(each["expanded_uncertainty_pct"])
        assert float(each["reference_energy_Wh"]) > 0.0
    assert states[-1]["points"]["3"]["direction"] == "export"
    assert replay_run(tmp_path, summary.run_id).differences == ()


def test_the_record_keeps_the_power_as_it_was_read_below_zero(tmp_path: Path) -> None:
    with open_bench(bench(tmp_path), lambda line: None) as process:
        summary = process.run(plan_of('load_points = ["Imax 1.0"]\nminimum_time_s = 10.0\n' + METER + EXPORT))
    read_W = []
    for line in (tmp_path / "runs" / summary.run_id / "reference.jsonl").read_text().splitlines():
        for _, _, _, address, words in json.loads(line)["replies"]:
            if address == 4:
                read_W.append(struct.unpack_from(">f", bytes.fromhex(words))[0])
    assert min(read_W) == pytest.approx(-13_200.0, rel=0.01)
    assert max(read_W) <= 0.0


def test_a_record_from_before_the_sign_was_turned_is_decoded_as_it_was(tmp_path: Path) -> None:
    with open_bench(bench(tmp_path), lambda line: None) as process:
        frozen = dict(process.equipment.station["reference_profile"])
    del frozen["export_is_negative"]
    for profile, factor in ((frozen, 1), (process.equipment.station["reference_profile"], -1)):
        raw = RecordedRaw({"station": {"reference_profile": profile}})
        power = raw._profile.registers.register("power_W")
        assert power is not None
        assert power.factor == factor


def test_a_type_without_a_sign_reads_the_magnitude_and_no_other_quantity_is_turned() -> None:
    registers = load_profile("demo-reference", ReferenceChoice(EnergyRegister.EXPORT)).registers
    assert {r.field for b in registers.blocks for r in b.registers if r.factor < 0} == {"power_W"}
    assert ReferenceChoice(EnergyRegister.EXPORT).sign_of("active_power", "u32") == 1
    assert (
        ReferenceChoice(EnergyRegister.EXPORT, export_is_negative=False).sign_of("active_power", "f32") == 1
    )
    assert ReferenceChoice(EnergyRegister.IMPORT).sign_of("active_power", "f32") == 1


@pytest.mark.parametrize(("energy", "way"), [("import", EXPORT), ("export", "")])
def test_a_reference_of_the_other_direction_is_refused_in_one_line(
    tmp_path: Path, energy: str, way: str
) -> None:
    config = bench(tmp_path, energy)
    checked = plan_of(PLAN + METER + way)
    with pytest.raises(OperatorError, match=r"tested for \w+ and the reference reads \w+; set") as caught:
        review(checked, config, "2026-01-01")
    assert "\n" not in str(caught.value)
    with open_bench(config, lambda line: None) as process, pytest.raises(OperatorError, match="direction"):
        process.run(checked)


def test_two_directions_are_no_one_load() -> None:
    other = METER.replace('"1"\nserial = "M-1"', '"2"\nserial = "M-2"')
    with pytest.raises(OperatorError, match="direction; test them in separate runs"):
        parse_plan(PLAN + METER + other + EXPORT, ["1", "2"])


def test_a_current_the_wrong_way_round_is_named() -> None:
    load = LoadPoint("Imax 1.0", 220.0, 60.0, 1.0, direction=Direction.EXPORT)
    acquisition = Acquisition(())
    for at_s in np.arange(0.0, 10.0, 0.05):
        value = StampedValue(-load.compared_power, round(at_s * NS_PER_S), round(at_s * NS_PER_S) + 1)
        acquisition.add_sample(ReferenceSample((), None, value))
    watch = LoadWatch(5.0, 4.0, 60.0).begin(load, 0)
    assert not watch.is_steady(acquisition, 9 * NS_PER_S)
    (found,) = watch.why_not_reached(acquisition, 9 * NS_PER_S)
    assert found.reason is Reason.LOAD_REVERSED


@pytest.mark.parametrize(("language", "said"), [("en", "exported"), ("zh", "反向")])
def test_people_are_told_the_direction(tmp_path: Path, language: str, said: str) -> None:
    checked = plan_of(PLAN + METER + EXPORT)
    meter = checked.meters["1"]
    assert said in set_load_text(parse_load_point("Ib 0.5L", meter), language)
    short = "export" if language == "en" else "反向"
    point = {"item": "basic_error", "name": "Ib 0.5L", "direction": "export"}
    assert point_word(point, language) == f"Ib 0.5L {short}"
    console = Console(file=io.StringIO(), width=200)
    print_review(review(checked, bench(tmp_path), "2026-01-01"), checked, (), console, language)
    assert isinstance(console.file, io.StringIO)
    assert f"Ib 0.5L {short}" in console.file.getvalue()
