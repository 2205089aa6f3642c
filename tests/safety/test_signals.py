"""Whatever signal ends a command, the load it has put on is off; and a stop that comes before its run is not lost."""

from __future__ import annotations

import dataclasses
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.commands.cli import cli
from bench.control.client import ControlClient
from bench.errors import InstrumentError, OperatorError
from bench.process import MeasuringProcess
from bench.records.journal_reading import JournalReader
from bench.service import BenchCommands, Service, ending_on_signals
from bench.sim.in_process import SimLoadSource
from calibration.load_points import LoadPoint
from calibration.quantities import Outcome
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


def before(
    process: MeasuringProcess, method: str, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]
) -> None:
    """Do something just before a run is prepared, or carried out: nobody leads it yet who could be told to stop."""
    carried_out = getattr(process, method)

    def acting(*of: Any, **named: Any) -> Any:
        act()
        return carried_out(*of, **named)

    monkeypatch.setattr(process, method, acting)


def serving_thread(service: Service) -> threading.Thread:
    serving = threading.Thread(target=service.serve)
    serving.start()
    return serving


def test_a_stop_that_comes_before_the_run_is_carried_out_is_not_lost(
    tmp_path: Path, source: list[str]
) -> None:
    with virtual_bench(tmp_path) as process:
        commands = BenchCommands(process)
        commands.start(PLAN, None, None)
        run = commands.take_wanted()
        assert run is not None
        commands.stop()
        summary = process.carry_out(run)
        commands.done()
    assert "apply" not in source
    assert [r["reason"] for r in summary.results["1"]["0"]["reasons"]] == ["stopped_by_operator"]


def test_a_service_that_ends_before_its_run_is_carried_out_does_not_energise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: list[str]
) -> None:
    with virtual_bench(tmp_path) as process, Service(process) as service:
        before(process, "carry_out", monkeypatch, service.end)
        service._commands.start(PLAN, None, None)
        serving = serving_thread(service)
        serving.join(60.0)
        assert not serving.is_alive()
    assert "apply" not in source


def test_a_start_is_acknowledged_when_the_run_is_in_the_journal_and_never_for_one_that_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: list[str]
) -> None:
    def fails(run: Any) -> None:
        raise InstrumentError("the disk fails")

    with virtual_bench(tmp_path) as process, Service(process) as service:
        serving = serving_thread(service)
        with ControlClient(process.config.socket_path, 60.0) as client:
            run_id = client.start(PLAN)
            assert [r.kind for r in process.recorder.read(0, 1)] == ["run_started"]
            service.end()
            serving.join(60.0)
    with virtual_bench(tmp_path) as process, Service(process) as service:
        monkeypatch.setattr(process, "carry_out", fails)
        serving = serving_thread(service)
        with (
            ControlClient(process.config.socket_path, 60.0) as client,
            pytest.raises(OperatorError, match="the disk fails"),
        ):
            client.start(PLAN)
        service.end()
        serving.join(60.0)
    with closing(JournalReader(tmp_path)) as journal:
        assert journal.run_ids() == [run_id]


def test_whoever_started_a_run_that_its_bench_did_not_begin_any_more_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with virtual_bench(tmp_path) as process, Service(process) as service:
        prepare = process.prepare

        def ending(*of: Any, **named: Any) -> Any:
            run = prepare(*of, **named)
            service.end()
            serving.join(60.0)
            return run

        monkeypatch.setattr(process, "prepare", ending)
        serving = serving_thread(service)
        with (
            ControlClient(process.config.socket_path, 60.0) as client,
            pytest.raises(OperatorError, match="the bench ended before run-000001 began"),
        ):
            client.start(PLAN)
        assert not serving.is_alive()


def test_whoever_started_a_run_that_was_stopped_before_it_began_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    with virtual_bench(tmp_path) as process:
        commands = BenchCommands(process)

        def start() -> None:
            with pytest.raises(OperatorError) as refused:
                commands.start(PLAN, None, None)
            told.append(str(refused.value))

        with commands.served():
            starting = threading.Thread(target=start)
            starting.start()
            while commands._now() is None:
                assert starting.is_alive()
            commands.stop()
            starting.join(60.0)
    assert told == ["run-000001 was stopped before it began"]


def test_a_demo_that_is_ended_while_its_run_is_prepared_does_not_energise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: list[str]
) -> None:
    with virtual_bench(tmp_path) as process, Service(process) as service:
        before(process, "prepare", monkeypatch, service.end)
        summary = service.run_one(plan_of())
    assert summary.verdict is Outcome.INVALID
    assert "apply" not in source


def test_a_start_over_the_socket_is_refused_while_the_run_of_a_demo_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []
    with virtual_bench(tmp_path) as process, Service(process) as service:

        def start() -> None:
            with pytest.raises(OperatorError) as error:
                service._commands.start(PLAN, None, None)
            refused.append(str(error.value))

        before(process, "carry_out", monkeypatch, start)
        service.run_one(plan_of())
    assert refused == [
        "a run is under way; stop it first or wait for its end / 正在检定；请等它结束，或者先停止它"
    ]


def test_what_refuses_a_run_is_told_to_whoever_asked_for_it(tmp_path: Path) -> None:
    with virtual_bench(tmp_path) as process:
        config = process.config
        full = dataclasses.replace(config.bench, minimum_free_MB=1e12)
        process.config = dataclasses.replace(config, bench=full)
        with pytest.raises(OperatorError, match=r"MB are free at .* / .* 只剩 .*请先腾出空间"):
            BenchCommands(process).start(PLAN, None, None)


def test_ctrl_c_while_bench_run_is_prepared_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unheard: list[int], source: list[str]
) -> None:
    with virtual_bench(tmp_path) as process:
        before(process, "prepare", monkeypatch, lambda: signal.raise_signal(signal.SIGINT))
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
