"""`bench check`: the load is waited for, and what is told is what was measured."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from rich.console import Console

from bench.app import compose
from bench.commissioning.reference import check_reference, compare
from bench.commissioning.table import print_check
from bench.errors import InstrumentError
from bench.process import MeasuringProcess
from calibration.commissioning import Lag, ReferenceBehaviour
from calibration.equipment import ReferenceCard
from tests.bench_process.support import bench_config, virtual_bench

CARD = ReferenceCard("m", "s", 0.05, energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
SEEN = ReferenceBehaviour(1000, 0.06, 0.002, 0.001, 0.01, 0.1, 0.2, True, None, Lag(0.0, 10.0), None)


class IdleSource:
    """A load source nobody acts on: what is said is not done."""

    def apply(self, load_point: object) -> None: ...

    def remove(self) -> None: ...

    def close(self) -> None: ...


def test_a_load_that_nobody_sets_ends_the_check(tmp_path: Path) -> None:
    config = bench_config(tmp_path)
    equipment = dataclasses.replace(compose(config, lambda line: None), load_source=IdleSource())
    with (
        MeasuringProcess(config, equipment) as process,
        pytest.raises(InstrumentError, match=r"the load was not set: .*2200\.0 W wanted"),
    ):
        check_reference(process, 220.0, 10.0, 5.0, lambda line: None)


def test_a_load_is_told_once_it_is_reached_and_the_table_speaks_both_languages(tmp_path: Path) -> None:
    told: list[str] = []
    with virtual_bench(tmp_path) as process:
        found = check_reference(process, 220.0, 10.0, 10.0, told.append)
    assert told[0] == "2200 W are reached; 10 s are recorded"
    assert len(told) == 4
    for language, said in (("en", "needs U ≤ 0.2 % (a fifth of ±1 %)"), ("zh", "需要 U ≤ 0.2 %")):
        console = Console(width=120, record=True)
        print_check(found, console, language)
        assert said in console.export_text()


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
