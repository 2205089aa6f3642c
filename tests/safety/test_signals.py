"""Whatever signal ends a command, the load it has put on is off; and a stop that comes before its run is not lost."""

from __future__ import annotations

import dataclasses
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.commands.cli import cli
from bench.process import MeasuringProcess
from bench.service import BenchCommands, Service, ending_on_signals
from bench.sim.in_process import SimLoadSource
from calibration.load_points import LoadPoint
from tests.bench_process.support import BENCH, PLAN, plan_of, virtual_bench

SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


@pytest.fixture
def unheard() -> Iterator[list[int]]:
    """Signals that nobody has taken: without this the tests themselves would end."""
    heard: list[int] = []
    before = {n: signal.signal(n, lambda number, frame: heard.append(number)) for n in SIGNALS}
    yield heard
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    apply, remove = SimLoadSource.apply, SimLoadSource.remove

    def applied(self: SimLoadSource, load_point: LoadPoint) -> None:
        told.append("apply")
        apply(self, load_point)

    def removed(self: SimLoadSource) -> None:
        told.append("remove")
        remove(self)

    monkeypatch.setattr(SimLoadSource, "apply", applied)
    monkeypatch.setattr(SimLoadSource, "remove", removed)
    return told


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("command", [["check", "--dwell", "10"], ["look", "--constant", "1200"]])
def test_commissioning_that_is_ended_takes_its_load_off(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    unheard: list[int],
    source: list[str],
    number: int,
    command: list[str],
) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(BENCH.format(state_dir=tmp_path / "state", simulation=""))
    waits = MeasuringProcess.wait_idle

    def wait_idle(self: MeasuringProcess, duration_s: float) -> None:
        waits(self, duration_s)
        if "apply" in source:
            signal.raise_signal(number)
            raise AssertionError("it goes on with its load")

    monkeypatch.setattr(MeasuringProcess, "wait_idle", wait_idle)
    CliRunner().invoke(cli, [*command, "--current", "10", "--config", str(path), "--lang", "en"])
    assert unheard == []
    assert source.count("apply") == 1
    assert source[-1] == "remove"


def test_a_second_signal_breaks_nothing_off(unheard: list[int]) -> None:
    removed = []
    with ending_on_signals(lambda: False):
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            signal.raise_signal(signal.SIGTERM)
            removed.append(True)
    assert removed == [True]
    assert unheard == []


def test_a_terminal_that_goes_is_ignored_where_nohup_says_so() -> None:
    ended: list[bool] = []
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_on_signals(lambda: ended.append(True)):
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert ended == []


def while_it_is_prepared(
    process: MeasuringProcess, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]
) -> None:
    """Do something after the run was taken up and before there is anybody who could be told to stop."""
    briefing = process.briefing

    def prepared(*of: object) -> object:
        act()
        return briefing(*of)  # type: ignore[arg-type]

    monkeypatch.setattr(process, "briefing", prepared)


def test_a_stop_that_comes_while_the_run_is_prepared_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: list[str]
) -> None:
    with virtual_bench(tmp_path) as process:
        commands = BenchCommands(process)
        commands.start(PLAN, None, None)
        wanted = commands.take_wanted()
        assert wanted is not None
        while_it_is_prepared(process, monkeypatch, commands.stop)
        summary = process.run(wanted.checked, wanted.resumed, wanted.verifier, wanted.stop)
        commands.done()
    assert "apply" not in source
    assert [r["reason"] for r in summary.results["1"]["0"]["reasons"]] == ["stopped_by_operator"]


def test_a_service_that_ends_while_a_run_is_prepared_does_not_carry_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: list[str]
) -> None:
    with virtual_bench(tmp_path) as process, Service(process) as service:
        while_it_is_prepared(process, monkeypatch, service.end)
        service._commands.start(PLAN, None, None)
        serving = threading.Thread(target=service.serve)
        serving.start()
        serving.join(60.0)
        assert not serving.is_alive()
    assert "apply" not in source


def test_ctrl_c_while_bench_run_is_prepared_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unheard: list[int], source: list[str]
) -> None:
    with virtual_bench(tmp_path) as process:
        while_it_is_prepared(process, monkeypatch, lambda: signal.raise_signal(signal.SIGINT))
        with ending_on_signals(process.stop_run), pytest.raises(KeyboardInterrupt):
            process.run(plan_of())
    assert unheard == []
    assert "apply" not in source


def test_a_journal_that_cannot_be_closed_keeps_no_device_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, closed = virtual_bench(tmp_path), []
    close_journal, close_devices = process.recorder.close, process.equipment.closers

    def cannot() -> None:
        close_journal()
        raise OSError("no space left")

    def close() -> None:
        closed.append(True)
        for each in close_devices:
            each()

    monkeypatch.setattr(process.recorder, "close", cannot)
    process.equipment = dataclasses.replace(process.equipment, closers=(close,))
    with pytest.raises(OSError, match="no space"):
        process.close()
    assert closed == [True]
