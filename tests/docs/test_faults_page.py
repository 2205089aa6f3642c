"""docs/faults.md has a row for every fault that can be simulated, and none of them became a number."""

from __future__ import annotations

from pathlib import Path

from bench.sim.faults import Fault
from tests.endurance.faults import NAMED, what_each_is

PAGE = (Path(__file__).parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")


def rows() -> dict[str, list[str]]:
    cells = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    return {name.strip("`"): rest for name, *rest in cells}


def test_every_fault_has_its_row_and_the_sentence_that_the_simulator_has() -> None:
    found = rows()
    assert set(found) == {fault.value for fault in NAMED} == {*Fault} - {Fault.WALL_CLOCK_STEP}
    means = what_each_is()
    assert {name: row[0] for name, row in found.items()} == {f.value: means[f] for f in NAMED}


def test_no_fault_became_a_number_and_each_was_named() -> None:
    for name, (_, right, _, number, _) in rows().items():
        assert int(number) == 0, name
        assert int(right) > 0, name
