"""From a configuration to devices: mixed benches, the reference's registers, what a driver is worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.app import compose
from bench.config import Config, parse_config
from bench.process import Equipment
from calibration.quantities import LoadPoint
from tests.bench_process.support import BENCH

LOAD_POINT = LoadPoint("Imax 1.0", 220.0, 60.0, 1.0)


def mixed_bench(folder: Path) -> Config:
    """Position 1 is wired to a file, positions 2 and 3 are simulated, all in real time."""
    (folder / "edges").touch()
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
