"""`bench remove-load`: whatever else is wrong."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from bench.app_source import remove_load
from bench.errors import InstrumentError, OperatorError
from bench.sim.programmable_source import SimulatedProgrammableSource
from bench.sim.source_server import SourceServer
from calibration.load_points import LoadPoint
from firmware_io.modbus_source_profiles import parse_modbus_source
from firmware_io.source_profiles import source_profile_text
from tests.bench_process.support import BENCH


def written(folder: Path, text: str) -> Path:
    path = folder / "bench.toml"
    path.write_text(text)
    return path


def test_a_mistake_elsewhere_and_a_locked_journal_do_not_matter(tmp_path: Path) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="").replace("accuracy_class_pct", "acuracy")
    with (tmp_path / "journal.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "simulated" in remove_load(written(tmp_path, text))


def test_a_manual_source_is_a_person_who_is_told(tmp_path: Path) -> None:
    assert "make sure that it is off" in remove_load(written(tmp_path, '[load_source]\ndriver = "manual"\n'))


class Load:
    """What hangs on the simulated source."""

    def __init__(self) -> None:
        self.is_on = False

    def apply(self, load_point: LoadPoint) -> None:
        self.is_on = True

    def remove(self) -> None:
        self.is_on = False

    def close(self) -> None:
        self.remove()


def modbus_at(port: int) -> str:
    return (
        f'[load_source]\ndriver = "modbus"\nprofile = "demo-source"\nhost = "127.0.0.1"\nport = {port}\n'
        "timeout_s = 0.2\n"
    )


def test_a_source_that_its_dead_process_has_left_on_is_switched_off(tmp_path: Path) -> None:
    load = Load()
    source = SimulatedProgrammableSource(load)
    profile = parse_modbus_source(source_profile_text("demo-source"), "demo-source")
    server = SourceServer(source, profile, device_id=1)
    try:
        port = server.tcp().port
        source.set("voltage_l1_V", 220.0)
        source.switch(on=True)
        assert load.is_on
        assert remove_load(written(tmp_path, modbus_at(port))) == "the load is removed (modbus)"
        assert not load.is_on
    finally:
        server.close()
    with pytest.raises(InstrumentError):
        remove_load(written(tmp_path, modbus_at(port)))


@pytest.mark.parametrize(
    "text",
    [
        "[load_source",
        "load_source = 3",
        "[load_source]\ndriver = 'modbis'",
        "[bench]\nid = 'b'",
        "",
        "[load_source]\ndriver = 'relays'",
    ],
)
def test_what_cannot_be_known_is_an_error_and_not_a_success(tmp_path: Path, text: str) -> None:
    with pytest.raises(OperatorError, match=r"bench\.toml"):
        remove_load(written(tmp_path, text))
