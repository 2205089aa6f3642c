"""`bench confirm`, from the command line to the run that waits, and who may be left alone with a manual source."""

from __future__ import annotations

import os
import pty
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.commands.cli import cli
from bench.service import Service
from bench.sim.panel import SimPanel
from bench.terminal.answering import energising
from calibration.quantities import Outcome
from tests.bench_process.support import BENCH, PLAN, plan_of
from tests.safety.support import LOAD, bench_with_panel
from tests.safety.test_arming import Hand


def test_bench_confirm_says_that_the_load_is_set(tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_text(BENCH.format(state_dir=tmp_path, simulation=""))
    command = ["confirm", "--config", str(tmp_path / "bench.toml"), "--lang", "zh"]
    said: list[str] = []

    class AtTheConsole(Hand):
        def confirm(self) -> None:
            done = CliRunner().invoke(cli, command, catch_exceptions=False)
            said.append(done.output.strip())

    hand = AtTheConsole(tmp_path, confirms=True)
    with hand.process as process, Service(process):
        refused = CliRunner().invoke(cli, command)
        assert "waits for no confirmation" in str(refused.exception)
        assert process.run(plan_of()).verdict is Outcome.PASS
        records = [record.fields() for record in process.recorder.read(0, 100)]
    (steady,) = (record for record in records if record["kind"] == "load_steady")
    assert steady["confirmed"]["by"] == "console"
    assert said == ["已确认"]


REAL = (
    BENCH.replace('driver = "simulated"', 'driver = "system"')
    .replace('driver = "sim"\nsimulated_error_pct', 'driver = "file"\npath = "x"\nsimulated_error_pct')
    .replace('driver = "sim"\nprofile', 'driver = "modbus"\nhost = "127.0.0.1"\nport = 1\nprofile')
    .replace('[load_source]\ndriver = "sim"', '[load_source]\ndriver = "manual"')
    .replace("speed = 0", "speed = 1")
)


@pytest.mark.parametrize(
    ("panel", "said"),
    [
        ("", "nobody is here to say when a load is set; run it on a terminal"),
        ('[panel]\ndriver = "gpiozero"\nstart_button = "GPIO13"\n', "127.0.0.1:1"),
        ('[panel]\nstart_button = "GPIO13"\n', "set driver = 'gpiozero'"),
    ],
)
def test_nobody_is_left_alone_with_a_manual_source(tmp_path: Path, panel: str, said: str) -> None:
    """With a button it goes on, to a reference that is not there; lines without a driver are a mistake."""
    (tmp_path / "bench.toml").write_text(REAL.format(state_dir=tmp_path, simulation="") + panel)
    (tmp_path / "plan.toml").write_text(PLAN)
    words = ["run", str(tmp_path / "plan.toml"), "--config", str(tmp_path / "bench.toml")]
    done = CliRunner().invoke(cli, words)
    assert said in str(done.exception)
    assert not (tmp_path / "journal.sqlite").exists()


def test_enter_at_the_terminal_is_the_press_of_a_bench_without_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SimPanel, "has_start_button", False)
    monkeypatch.setattr("bench.sim.panel._PRESSES_FOR_NS", 0)
    process, source, _ = bench_with_panel(tmp_path, '"cover_open@0+5#0"')
    ours, theirs = pty.openpty()
    told: list[str] = []

    def tell(line: str) -> None:
        told.append(line)
        if "press Enter" in line:
            os.write(ours, b"\n")
            pressed.wait()

    pressed = threading.Event()
    monkeypatch.setattr(
        process.presses, "confirm", lambda by, was=process.presses.confirm: (was(by), pressed.set())
    )
    with os.fdopen(theirs) as terminal, process:
        monkeypatch.setattr("sys.stdin", terminal)
        with energising(process, tell, "en") as load:
            load.apply(LOAD)
            assert source.is_on
        assert not source.is_on
    os.close(ours)
    assert [line.split(":")[0] for line in told] == [
        "it cannot be energised yet",
        "confirm at the bench that it may be energised; voltage and current follow",
    ]
