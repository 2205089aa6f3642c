"""The thermometer of the bench: its figures in the budget and the conditions, its failures, its record and replay."""

from __future__ import annotations

import dataclasses
import json
from itertools import pairwise
from math import sqrt
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.app import open_bench, replay_run
from bench.before_run.worth import why_not_official
from bench.commands.cli import cli
from bench.configuration.config import Config, parse_config
from bench.errors import InstrumentError, OperatorError
from bench.measurement.environment import Ambient, EnvironmentReading, at_ambient
from bench.process import RunSummary
from bench.records.journal_reading import JournalReader
from bench.run.progress import Progress
from calibration.quantities import NS_PER_S, Kind
from calibration.rules import Conditions, Provenance
from tests.bench_process.support import BENCH, METER, bench_config, leisurely, plan_of

PLAN = """load_points = ["Imax 1.0"]
minimum_time_s = 200.0
longest_time_s = 400.0
repeats_of_invalid = 0
ambient_temperature_C = 40.0
"""
COEFFICIENT = "temperature_coefficient_pct_per_K = 0.01\n"


class Thermometer:
    """Says in turn what it is given, the last for ever; None: it fails."""

    def __init__(self, *temperatures_C: float | None) -> None:
        self.temperatures_C = list(temperatures_C)
        self.reads = 0

    def read(self) -> tuple[float, float | None]:
        self.reads += 1
        said = self.temperatures_C.pop(0) if len(self.temperatures_C) > 1 else self.temperatures_C[0]
        if said is None:
            raise InstrumentError("environment sensor sht3x: gone")
        return said, 45.0


def a_run(
    folder: Path, *temperatures_C: float | None, card: str = COEFFICIENT, kind: Kind | None = None
) -> RunSummary:
    text = leisurely(BENCH.format(state_dir=folder, simulation=""))
    text = text.replace(
        "[load_source]", f'{card}\n[environment]\ndriver = "hwmon"\nchip = "none"\n[load_source]'
    )
    with open_bench(parse_config(text, "bench.toml"), lambda said: None) as bench:
        changes: dict[str, object] = {"environment": Thermometer(*temperatures_C)}
        if kind is not None:
            changes["worth"] = kind
        bench.equipment = dataclasses.replace(bench.equipment, **changes)  # type: ignore[arg-type]
        summary = bench.run(plan_of(PLAN + METER))
    assert replay_run(folder, summary.run_id).differences == ()
    return summary


def records(folder: Path, summary: RunSummary) -> list[tuple[str, dict[str, object]]]:
    journal = JournalReader(folder)
    try:
        return [(record.kind, record.fields()) for record in journal.run(summary.run_id)]
    finally:
        journal.close()


def temperature_row_pct(folder: Path, summary: RunSummary) -> float | None:
    (window,) = (fields for kind, fields in records(folder, summary) if kind == "window")
    rows = {r["source"]: r for r in window["results"]["1"]["rows"]}  # type: ignore[index]
    row = rows.get("reference_temperature")
    return None if row is None else float(row["standard_uncertainty_pct"])


def test_it_is_read_before_every_minute_of_and_after_a_run(tmp_path: Path) -> None:
    summary = a_run(tmp_path, 24.0, 24.5, 25.0, 25.5)
    kept = records(tmp_path, summary)
    read = [fields for kind, fields in kept if kind == "environment_read"]
    assert kept[0][1]["environment"]["temperature_C"] == "24.0"  # type: ignore[index]
    assert [r["temperature_C"] for r in read[:3]] == ["24.5", "25.0", "25.5"]
    assert len(read) >= 4  # some 200 s, and the end
    gaps_s = [(b["at_ns"] - a["at_ns"]) / NS_PER_S for a, b in pairwise(read[:-1])]  # type: ignore[operator]
    assert all(60 <= gap_s <= 75 for gap_s in gaps_s)
    ended = kept[-1][1]
    over_run = ended["environment"]
    assert over_run["temperature_C"]["min"] == "24.00"  # type: ignore[index]
    assert over_run["temperature_C"]["max"] == "25.50"  # type: ignore[index]
    assert over_run["humidity_pct"]["mean"] == "45.0"  # type: ignore[index]
    shown = CliRunner().invoke(cli, ["show", summary.run_id, "--state-dir", str(tmp_path), "--lang", "en"])
    assert "ambient temperature 24.00 … 25.50 °C" in " ".join(shown.output.split())
    as_json = CliRunner().invoke(cli, ["runs", "--state-dir", str(tmp_path), "--json"])
    assert json.loads(as_json.output)
    assert summary.state["environment"]["temperature_C"] == "25.5"


def test_a_window_counts_with_what_was_read_before_it_and_not_with_the_plan(tmp_path: Path) -> None:
    """0.01 %/K, the certificate at 23 degrees; the plan's 40 degrees would be a row of 0.098 %."""
    summary = a_run(tmp_path, 26.0)
    assert temperature_row_pct(tmp_path, summary) == pytest.approx(0.03 / sqrt(3.0), rel=0.01)


def test_a_sensor_that_fails_leaves_no_figure_in_its_place(tmp_path: Path) -> None:
    """It answers before the run and fails before the window: the reference's error there is not known."""
    summary = a_run(tmp_path, 23.0)
    assert summary.results["1"]["0"]["verdict"] == "PASS"
    folder = tmp_path / "failed"
    folder.mkdir()
    text = leisurely(BENCH.format(state_dir=folder, simulation=""))
    text = text.replace(
        "[load_source]", f'{COEFFICIENT}\n[environment]\ndriver = "hwmon"\nchip = "x"\n[load_source]'
    )
    two = PLAN.replace('["Imax 1.0"]', '["Imax 1.0", "Ib 1.0"]')
    with open_bench(parse_config(text, "bench.toml"), lambda said: None) as bench:
        sensor = Thermometer(23.0, 23.0, None)
        bench.equipment = dataclasses.replace(bench.equipment, environment=sensor)
        summary = bench.run(plan_of(two + METER))
    assert replay_run(folder, summary.run_id).differences == ()
    first, second = (summary.results["1"][key] for key in ("0", "1"))
    assert first["verdict"] == "PASS"  # its temperature was read before it began
    assert second["verdict"] == "INVALID"
    assert "sensor_failed" in {r["reason"] for r in second["reasons"]}


def test_without_a_coefficient_a_failure_makes_the_run_informative_and_no_more(tmp_path: Path) -> None:
    summary = a_run(tmp_path, 23.0, 23.0, None, card="", kind=Kind.OFFICIAL)
    assert summary.results["1"]["0"]["verdict"] == "PASS"
    assert summary.kind is Kind.INFORMATIVE
    because = {f["reason"]: f["values"] for f in summary.state["run"]["not_official_because"]}
    assert "gone" in because["sensor_failed"]["detail"]
    ended = records(tmp_path, summary)[-1][1]
    assert ended["worth"] == "informative"
    assert [f["reason"] for f in ended["not_official_because"]] == ["sensor_failed"]  # type: ignore[attr-defined]


def test_a_reference_that_needs_the_temperature_does_not_start_without(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match="depends on the temperature: environment sensor sht3x: gone"):
        a_run(tmp_path, None)


@pytest.mark.parametrize(
    ("kind", "temperature_C", "left"),
    [
        ("official", 24.0, Kind.OFFICIAL),
        ("official", 26.0, Kind.INFORMATIVE),
        ("official", None, Kind.INFORMATIVE),
        ("simulated", None, Kind.SIMULATED),
    ],
)
def test_what_is_read_meanwhile_can_only_lower_the_worth(
    kind: str, temperature_C: float | None, left: Kind
) -> None:
    progress = Progress({"id": "test", "software": "0", "kind": kind}, plan_of())
    ambient = Ambient(None, EnvironmentReading(0, 23.0))
    progress.tell_environment(ambient)
    assert progress.kind is Kind(kind)
    ambient.add(EnvironmentReading(60, temperature_C, fault="" if temperature_C else "gone"))
    progress.tell_environment(ambient)
    assert progress.kind is left
    ambient.add(EnvironmentReading(120, 23.0))
    progress.tell_environment(ambient)
    assert progress.kind is left  # what has happened in the run stays


CONDITIONS = Conditions((21.0, 25.0), Provenance("5.1", "", "unsure"))


@pytest.mark.parametrize(
    ("temperatures_C", "reasons"),
    [
        ((23.0, 24.9), []),
        ((23.0, 25.1), ["conditions_unmet"]),
        ((20.9, 23.0), ["conditions_unmet"]),
        ((23.0, None, 23.0), ["sensor_failed"]),
        ((None, 30.0), ["sensor_failed", "conditions_unmet"]),
    ],
)
def test_all_readings_are_held_against_the_conditions(
    temperatures_C: tuple[float | None, ...], reasons: list[str]
) -> None:
    readings = [EnvironmentReading(k, t, fault="" if t else "gone") for k, t in enumerate(temperatures_C)]
    ambient = Ambient(None, readings[0])
    for reading in readings[1:]:
        ambient.add(reading)
    assert [f.reason.value for f in ambient.why_not(CONDITIONS)] == reasons
    assert ambient.why_not(None) == ()


def test_an_old_reading_says_nothing_of_now() -> None:
    ambient = Ambient(40.0, EnvironmentReading(0, 23.0))
    ambient.add(EnvironmentReading(60 * NS_PER_S, 24.0))
    assert ambient.temperature_C(59 * NS_PER_S) == 23.0
    assert ambient.temperature_C(60 * NS_PER_S) == 24.0
    assert ambient.temperature_C(360 * NS_PER_S) == 24.0
    assert ambient.temperature_C(361 * NS_PER_S) is None
    assert ambient.temperature_C(-1) is None
    assert Ambient(40.0, None).temperature_C(0) == 40.0


def test_what_was_typed_counts_only_where_nothing_measures(tmp_path: Path) -> None:
    checked = plan_of(PLAN + METER)
    assert at_ambient(checked, None).plan.ambient_temperature_C == 40.0
    assert at_ambient(checked, EnvironmentReading(0, 23.0)).plan.ambient_temperature_C == 23.0
    assert at_ambient(checked, EnvironmentReading(0, None, fault="gone")).plan.ambient_temperature_C is None
    config = bench_config(tmp_path)

    def reasons(c: Config) -> set[str]:
        found = why_not_official(checked, c, {}, "2026-11-26", registered=())
        return {finding.reason.value for finding in found}

    assert "conditions_unmet" in reasons(config)
    measured = dataclasses.replace(
        config, environment=dataclasses.replace(config.environment, driver="hwmon", chip="sht3x")
    )
    assert "conditions_unmet" not in reasons(measured)


def test_a_sensor_needs_its_name(tmp_path: Path) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="")
    for written in ('driver = "hwmon"', 'chip = "sht3x"'):
        with pytest.raises(OperatorError, match="belong together"):
            parse_config(f"{text}\n[environment]\n{written}\n", "bench.toml")
