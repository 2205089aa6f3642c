"""`bench confirm`, from the command line to the run that waits, and who may be left alone with a manual source."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.cli import cli
from bench.service import Service
from calibration.quantities import Outcome
from tests.bench_process.support import BENCH, PLAN, plan_of
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
