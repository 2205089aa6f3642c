"""Rows of temperature and voltage: by hand, in the result of a run, in its replay, and in the plan's forecast."""

from __future__ import annotations

import json
from dataclasses import replace
from math import sqrt
from pathlib import Path

import pytest

from bench.app import open_bench, replay_run
from bench.before_run.plan_check import review
from bench.canonical import JsonObject
from bench.configuration.config import Config, parse_config
from bench.errors import OperatorError
from calibration.load_points import LoadPoint
from calibration.reference_standard import CardCorrection, ReferenceCard
from calibration.uncertainty import is_standing, standing_rows
from tests.bench_process.support import BENCH, PLAN, plan_of

CARD = ReferenceCard("m", "s", 0.05, 0.01, 0.2, 0.1, calibration_U_pct=0.02)
LOAD = LoadPoint("Ib 1.0", 220.0, 10.0, 1.0)
COEFFICIENTS = """
certificate_temperature_C = 20.0
temperature_coefficient_pct_per_K = 0.004
certificate_voltage_V = 230.0
voltage_coefficient_pct_per_V = 0.002
"""
BY_HAND = {"reference_temperature": 7.5 * 0.004 / sqrt(3.0), "reference_voltage": 10.0 * 0.002 / sqrt(3.0)}
"""27.5 °C at the bench, 220 V at the meter."""


def influences(card: ReferenceCard, load_point: LoadPoint, ambient_C: float | None) -> dict[str, float]:
    rows = standing_rows(card.at(load_point, ambient_C))
    assert all(row.shared and is_standing(row) for row in rows)
    return {r.source: r.standard_uncertainty_pct for r in rows if r.source != "reference_calibration"}


def test_the_way_from_the_certificate_s_temperature_counts_either_way() -> None:
    card = replace(CARD, temperature_coefficient_pct_per_K=0.05)
    for ambient_C in (21.0, 25.0):
        assert influences(card, LOAD, ambient_C) == pytest.approx({"reference_temperature": 0.1 / sqrt(3.0)})
    assert influences(card, LOAD, 23.0) == {}
    assert influences(card, LOAD, None) == {}
    assert influences(CARD, LOAD, 35.0) == {}


def test_the_way_from_the_certificate_s_voltage_counts_and_a_table_s_own_goes_before_it() -> None:
    card = replace(CARD, voltage_coefficient_pct_per_V=0.001, certificate_voltage_V=100.0)
    assert influences(card, LOAD, None) == pytest.approx({"reference_voltage": 0.12 / sqrt(3.0)})
    table = (CardCorrection(10.0, 1.0, 0.01, 0.02, voltage_V=230.0),)
    assert influences(replace(card, corrections=table), LOAD, None) == pytest.approx(
        {"reference_voltage": 0.01 / sqrt(3.0)}
    )
    with pytest.raises(ValueError, match="certificate_voltage_V"):
        replace(card, certificate_voltage_V=0.0)


def bench(folder: Path, more: str = COEFFICIENTS) -> Config:
    text = BENCH.format(state_dir=folder, simulation="")
    return parse_config(
        text.replace("calibration_U_pct = 0.02", f"calibration_U_pct = 0.02\n{more}"), "bench.toml"
    )


def windows(folder: Path, config: Config, plan: str) -> tuple[str, list[JsonObject]]:
    with open_bench(config, lambda line: None) as process:
        summary = process.run(plan_of(plan))
        records = [r.fields() for r in process.recorder.read(0, 1000) if r.kind == "window"]
    return summary.run_id, records


def test_the_rows_are_in_a_run_s_budget_and_in_its_replay(tmp_path: Path) -> None:
    plan = "ambient_temperature_C = 27.5\nrepeats = 2\n" + PLAN
    run_id, records = windows(tmp_path, bench(tmp_path), plan)
    assert len(records) == 2
    for record in records:
        rows = {row["source"]: row for row in record["results"]["1"]["rows"]}
        for source, u_pct in BY_HAND.items():
            row = rows[source]
            found_pct = float(row["half_width_pct"]) / float(row["divisor"])
            assert found_pct == pytest.approx(u_pct), json.dumps(row)
    found = replay_run(tmp_path, run_id)
    assert found.results > 0
    assert found.differences == ()


def test_a_plan_is_foreseen_with_its_rows_and_refused_without_the_temperature(tmp_path: Path) -> None:
    def predicted(config: Config, plan: str) -> float:
        return review(plan_of(plan), config, "2026-01-01").points[0].U_pct["1"]

    hot = "ambient_temperature_C = 27.5\n" + PLAN
    assert predicted(bench(tmp_path), hot) > predicted(bench(tmp_path, ""), hot)
    with pytest.raises(OperatorError, match="give the plan's ambient_temperature_C"):
        predicted(bench(tmp_path), PLAN)
    with pytest.raises(OperatorError, match="certificate_voltage_V"):
        predicted(bench(tmp_path, "voltage_coefficient_pct_per_V = 0.01"), hot)
