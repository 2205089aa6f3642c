"""From a configuration to devices: mixed benches, the reference's registers, what a driver is worth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.app import compose, open_bench, replay_run
from bench.configuration.config import Config, parse_config
from bench.errors import OperatorError
from bench.run.equipment import Equipment
from calibration.load_points import LoadPoint
from calibration.quantities import RISING, EdgeTrain
from firmware_io.edge_records import encode_records
from tests.bench_process.support import BENCH, PLAN, plan_of

LOAD_POINT = LoadPoint("Imax 1.0", 220.0, 60.0, 1.0)


def mixed_bench(folder: Path) -> Config:
    """Position 1 is wired to a file, positions 2 and 3 are simulated, all in real time."""
    one = EdgeTrain(np.array([5]), np.array([RISING]), np.array([1]))
    (folder / "edges").write_bytes(encode_records(one))
    positions = f"""
[[position]]
name = "1"
driver = "file"
path = "{folder / "edges"}"

[[position]]
name = "2"
driver = "sim"
simulated_error_pct = -0.7

[[position]]
name = "3"
driver = "sim"
simulated_error_pct = 1.1

[reference]
"""
    text = BENCH.format(state_dir=folder, simulation="servers = true").replace("speed = 0\n", "")
    start, end = text.index("[clock]"), text.index("[reference]")
    return parse_config(text[:start] + positions + text[end + len("[reference]\n") :], "bench.toml")


def composed(config: Config) -> Equipment:
    """The equipment with everything closed again."""
    equipment = compose(config, lambda line: None)
    for close in equipment.closers:
        close()
    return equipment


def test_each_simulated_position_of_a_mixed_bench_has_its_own_true_error(tmp_path: Path) -> None:
    truth = composed(mixed_bench(tmp_path)).true_error_pct
    assert truth("1", LOAD_POINT) is None
    assert truth("2", LOAD_POINT) == pytest.approx(-0.7, abs=0.01)
    assert truth("3", LOAD_POINT) == pytest.approx(1.1, abs=0.01)


def test_a_profile_without_the_wanted_energy_is_refused_by_the_name_of_its_setting(tmp_path: Path) -> None:
    for profile, setting in [("yokogawa-wt300e", ""), ("wattnode-rwnc", 'energy = "export"\n')]:
        text = BENCH.replace('profile = "demo-reference"\n', f'profile = "{profile}"\n{setting}')
        config = parse_config(text.format(state_dir=tmp_path, simulation=""), "bench.toml")
        with pytest.raises(OperatorError, match=r"set reference\.energy_address"):
            compose(config, lambda line: None)


@pytest.mark.parametrize(
    ("profile", "settings"),
    [
        ("yokogawa-wt300e", "energy_address = 2032"),
        ("eastron-sdm630", 'energy = "export"\npower = "phase_1"'),
    ],
)
def test_a_replay_decodes_the_registers_that_the_bench_chose(
    tmp_path: Path, profile: str, settings: str
) -> None:
    text = BENCH.replace('profile = "demo-reference"\n', f'profile = "{profile}"\n{settings}\n')
    text = text.replace("[reference.card]\n", "[reference.card]\nenergy_is_float32 = true\n")
    config = parse_config(text.format(state_dir=tmp_path, simulation=""), "bench.toml")
    with open_bench(config, lambda line: None) as process:
        way = 'direction = "export"\n' if "export" in settings else ""
        summary = process.run(plan_of(PLAN + way))
    assert summary.results["1"]["0"]["percentage_error_pct"] is not None
    found = replay_run(tmp_path, summary.run_id)
    assert (found.results, found.differences) == (1, ())


def test_edges_from_a_file_are_never_worth_an_official_result(tmp_path: Path) -> None:
    line = composed(mixed_bench(tmp_path)).pulse_inputs["1"]
    assert not line.is_metrological, "nobody can tell who wrote the file"
