"""The pulses of each true second: the rate of the bench clock, in a run, in its record and where they stay away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.app import open_bench, replay_run
from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.measurement.observing import bench_clock_rate
from bench.plans.plan import parse_plan
from bench.process import RunSummary
from bench.records.raw_files import edges_file
from calibration.quantities import FALLING, NS_PER_S, RISING, EdgeTrain
from calibration.reasons import Reason
from tests.bench_process.support import BENCH, METER

PLAN = 'tests = ["clock"]\nclock_warm_up_s = 10.0\nrepeats_of_invalid = 0\n' + METER
PPS = '\n[clock.pps]\ndriver = "sim"\n'


def bench_text(
    folder: Path, clock: str, pps: str = PPS, meter_s_per_day: float = 0.1, faults: str = ""
) -> str:
    text = BENCH.format(state_dir=folder, simulation=faults)
    text = text.replace('driver = "simulated"\n', f'driver = "simulated"\n{clock}{pps}')
    wired = f'clock_output = {{ driver = "sim" }}\nsimulated_clock_error_s_per_day = {meter_s_per_day}\n'
    return text.replace("simulated_error_pct", wired + "simulated_error_pct", 1)


def run(folder: Path, *arguments: object, **others: object) -> RunSummary:
    config = parse_config(bench_text(folder, *arguments, **others), "bench.toml")  # type: ignore[arg-type]
    with open_bench(config, lambda said: None) as bench:
        summary = bench.run(parse_plan(PLAN, ["1"]))
    assert replay_run(folder, summary.run_id).differences == ()
    return summary


@pytest.mark.parametrize("rate_ppm", [0.0, 40.0, -25.0])
def test_a_meter_is_corrected_for_the_rate_of_the_bench_clock(tmp_path: Path, rate_ppm: float) -> None:
    """40 ppm are 3.5 s/d, seven times the limit: without the correction a good meter would fail."""
    summary = run(tmp_path, f"simulated_rate_ppm = {rate_ppm}\n")
    shown = summary.results["1"]["0"]
    assert shown["verdict"] == "PASS"
    figures = shown["figures"]
    assert float(figures["error_s_per_day"]) == pytest.approx(0.1, abs=0.01)
    assert float(figures["bench_clock_rate_ppm"]) == pytest.approx(rate_ppm, abs=0.05)
    assert 0.0 < float(figures["bench_clock_U_ppm"]) < 0.1
    assert (tmp_path / "runs" / summary.run_id / edges_file("pps")).stat().st_size > 300 * 2 * 48
    pps = summary.state["clock"]["pps"]
    assert float(pps["rate_ppm"]) == pytest.approx(rate_ppm, abs=0.05)
    assert pps["reasons"] == []


def test_without_the_pulses_the_bench_clock_is_believed_as_configured(tmp_path: Path) -> None:
    summary = run(tmp_path, "simulated_rate_ppm = 40.0\nfrequency_U_ppm = 0.2\n", pps="")
    shown = summary.results["1"]["0"]
    assert shown["verdict"] == "FAIL"  # the figure of the configuration was wrong; nobody could see it
    assert "bench_clock_rate_ppm" not in shown["figures"]
    assert summary.state["clock"]["pps"] is None


UNPLUGGED = 'faults = ["unplugged_line@200+400:pps"]'


def test_pulses_that_stay_away_are_told_and_the_configured_figure_has_to_do(tmp_path: Path) -> None:
    summary = run(tmp_path, "frequency_U_ppm = 0.2\n", faults=UNPLUGGED)
    shown = summary.results["1"]["0"]
    assert shown["verdict"] == "PASS"
    assert [r["reason"] for r in shown["reasons"]] == ["pps_lost"]
    assert "bench_clock_rate_ppm" not in shown["figures"]


def test_a_record_of_other_pulses_is_found_by_its_replay(tmp_path: Path) -> None:
    """The rate is computed anew from the raw file, whose digest is checked first."""
    summary = run(tmp_path, "simulated_rate_ppm = 5.0\n")
    raw = tmp_path / "runs" / summary.run_id / edges_file("pps")
    changed = bytearray(raw.read_bytes())
    changed[48 * 100 + 2] ^= 1
    raw.write_bytes(changed)
    assert [d.where for d in replay_run(tmp_path, summary.run_id).differences if "pps" in d.where]


def seconds(count: int, rate_ppm: float = 0.0, kind: int = RISING) -> EdgeTrain:
    stamp_ns = np.rint(np.arange(count) * (1.0 + rate_ppm * 1e-6) * NS_PER_S).astype(np.int64)
    return EdgeTrain(stamp_ns, np.full(count, kind), np.arange(1, count + 1))


def test_what_makes_the_pulses_unusable() -> None:
    whole = (0, 300 * NS_PER_S)
    rate, why_not = bench_clock_rate(seconds(301, 12.0), RISING, whole)
    assert rate is not None
    assert rate.rate_ppm == pytest.approx(12.0, abs=0.001)
    assert why_not == ()
    for train, span_ns in (
        (seconds(280), whole),  # silent at the end
        (seconds(301, kind=FALLING), whole),
        (EdgeTrain.empty(), whole),
        (seconds(301), (0, 50 * NS_PER_S)),  # too short
    ):
        rate, (found,) = bench_clock_rate(train, RISING, span_ns)
        assert rate is None
        assert found.reason is Reason.PPS_LOST


def test_a_clock_that_is_slewed_meanwhile_has_no_rate() -> None:
    stamp_ns = seconds(301).timestamp_ns.copy()
    stamp_ns[150:] += np.arange(151) * 100_000  # 100 ppm from the middle on
    train = EdgeTrain(stamp_ns, np.full(301, RISING), np.arange(1, 302))
    rate, (found,) = bench_clock_rate(train, RISING, (0, 300 * NS_PER_S))
    assert rate is None
    assert found.reason is Reason.CLOCK_SLEWING


def test_its_line_has_a_name_of_its_own(tmp_path: Path) -> None:
    text = bench_text(tmp_path, "")
    assert list(parse_config(text, "bench.toml").lines) == ["1", "1.clock", "pps"]
    with pytest.raises(OperatorError, match="kept for the pulses of each second"):
        parse_config(text.replace('name = "1"', 'name = "pps"'), "bench.toml")
