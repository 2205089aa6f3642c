"""Catch the bench out: what the bench finds of an error that somebody chose, and when there is no trial."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.app import open_bench
from bench.app_trial import found
from bench.control.client import ControlClient, ControlRefusedError
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.errors import InstrumentError, OperatorError
from bench.process import MeasuringProcess
from bench.service import Service
from bench.service_office import OfficeService
from tests.bench_process.support import bench_config, plan_of


@pytest.mark.parametrize(("error_pct", "verdict"), [("1.30", "FAIL"), ("-0.40", "PASS"), ("0", "PASS")])
def test_the_bench_finds_what_was_hidden(error_pct: str, verdict: str, tmp_path: Path) -> None:
    trial = found({"error_pct": error_pct, "seed": 3, "state_dir": str(tmp_path)})
    assert (trial["verdict"], trial["kind"], trial["error_pct"]) == (verdict, "simulated", error_pct)
    assert [point["name"] for point in trial["points"]] == ["Imax 1.0", "Ib 0.5L", "0.1Ib 1.0"]
    for point in trial["points"]:
        # The interval is for 95 of 100; this seed's are well inside.
        off_pct = abs(float(point["percentage_error_pct"]) - float(error_pct))
        assert off_pct <= float(point["expanded_uncertainty_pct"])
        assert (point["verdict"], point["mpe_pct"]) == (verdict, "1")
    times_s, errors_pct, U_pct = zip(*[map(float, row) for row in trial["funnel"]], strict=True)
    assert list(times_s) == sorted(times_s)
    assert len(times_s) >= 20
    assert U_pct[-1] < U_pct[0] / 4, "the funnel closes"
    assert abs(errors_pct[-1] - float(error_pct)) <= U_pct[-1]
    assert trial["seconds"] > times_s[-1]


def test_an_error_beyond_belief_is_no_number(tmp_path: Path) -> None:
    trial = found({"error_pct": "-20", "seed": 3, "state_dir": str(tmp_path)})
    assert trial["verdict"] == "INVALID"
    for point in trial["points"]:
        assert (point["percentage_error_pct"], point["expanded_uncertainty_pct"]) == (None, None)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[MeasuringProcess]:
    with open_bench(bench_config(tmp_path), lambda line: None) as opened:
        yield opened


def test_anybody_at_the_socket_may_try_and_nothing_is_left_behind(
    process: MeasuringProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with Service(process), ControlClient(process.config.socket_path, 120.0) as client:
        trial = client.trial("1.30")
    assert (trial["verdict"], trial["kind"]) == ("FAIL", "simulated")
    assert not list((tmp_path / "temporary").iterdir())
    assert process.recorder.read(0, 10) == [], "nothing of it is in the bench's own journal"


@pytest.mark.parametrize("given", ["", "20.01", "-21", "1e1", "nan", "1.2345", "١", "1,3", "+-1", "1" * 5000])
def test_what_is_no_such_error_is_refused(process: MeasuringProcess, given: str) -> None:
    with pytest.raises(OperatorError, match="from -20 to 20 per cent"):
        OfficeService(process, lambda: False).trial(given)


def test_there_is_no_trial_while_a_run_is_under_way(process: MeasuringProcess) -> None:
    with Service(process) as service, ControlClient(process.config.socket_path, 60.0) as client:
        refused: list[str] = []

        def try_it(sequence: int, patch: object, state: dict[str, object]) -> None:
            if not refused and state["phase"] == "measuring":
                with pytest.raises(ControlRefusedError) as error:
                    client.trial("1.30")
                refused.append(error.value.reason)

        process.live.listen(try_it)
        service.run_one(plan_of())
    assert refused == ["bench_busy"]


def test_beside_a_run_not_even_a_process_is_started(
    process: MeasuringProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started(*asked: object) -> None:
        raise AssertionError("a child was started")

    monkeypatch.setattr("bench.service_office.ask_child", started)
    with pytest.raises(RefusedByRuleError) as refused:
        OfficeService(process, lambda: True).trial("1.30")
    assert refused.value.reason is Refusal.BENCH_BUSY


def test_a_run_that_begins_ends_a_trial(process: MeasuringProcess) -> None:
    asked = iter([False, True])
    with pytest.raises(RefusedByRuleError) as refused:
        OfficeService(process, lambda: next(asked)).trial("1.30")
    assert refused.value.reason is Refusal.BENCH_BUSY


def test_a_trial_without_an_end_is_ended(process: MeasuringProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.service_office._TRIAL_PATIENCE_S", 0.0)
    with pytest.raises(InstrumentError, match="the trial came to no end"):
        OfficeService(process, lambda: False).trial("1.30")
