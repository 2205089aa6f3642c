"""A pulse line saved to a file and played again: the same edges at the same distances, or one clear error."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from bench.commands.cli import cli
from bench.errors import InstrumentError, OperatorError
from bench.measurement.line_recording import record_line
from bench.ports import EdgeBatch
from bench.sim.clock import VirtualClock
from bench.sim.in_process import SimPulseInput
from bench.sim.plant import PlantSetup
from calibration.quantities import RISING, EdgeTrain
from firmware_io.edge_records import RECORD_BYTES, encode_records, parse_records
from firmware_io.recorded_edges import RecordedPulseInput, read_recording
from tests.bench_process.support import BENCH
from tests.sim.rig import FULL_LOAD, Rig

LATER_NS = 7_000_000_000_000


def a_recording(folder: Path, seconds: float = 20.0) -> Path:
    """A simulated meter's line under load, recorded as from a live bench."""
    rig = Rig(PlantSetup())
    rig.source.apply(FULL_LOAD)
    path = folder / "line.bin"
    found = record_line(SimPulseInput(rig.plant, 0, rig.clock), rig.clock, path, seconds)
    assert found.lost == 0
    assert found.edges == path.stat().st_size / RECORD_BYTES > 10
    return path


def test_a_recorded_line_is_played_at_its_own_pace_on_the_bench_clock(tmp_path: Path) -> None:
    path = a_recording(tmp_path)
    recorded = parse_records(path.read_bytes())
    clock = VirtualClock(LATER_NS)
    line = RecordedPulseInput(path, clock)
    assert not line.is_metrological
    played: list[EdgeTrain] = []
    for _ in range(30):
        batch = line.read()
        assert np.all(batch.edges.timestamp_ns <= clock.now_ns())  # none before its instant
        assert batch.raw == encode_records(batch.edges)
        played.append(batch.edges)
        clock.wait_until(clock.now_ns() + 1_000_000_000)
    assert len(played[0]) == 1
    assert sum(len(each) > 0 for each in played) > 10  # not at once
    stamps = np.concatenate([each.timestamp_ns for each in played])
    assert stamps[0] == LATER_NS
    assert np.array_equal(np.diff(stamps), np.diff(recorded.timestamp_ns))
    assert np.array_equal(np.concatenate([each.kind for each in played]), recorded.kind)
    assert np.array_equal(np.concatenate([each.line_seqno for each in played]), recorded.line_seqno)
    assert len(line.read().edges) == 0


def changed(path: Path, at: int, byte: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] = byte
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b""), "the file is empty"),
        (lambda path: path.write_bytes(path.read_bytes()[:-5]), r"ends within a record \(43 bytes after"),
        (lambda path: path.unlink(), "No such file"),
        (lambda path: changed(path, 3 * RECORD_BYTES + 8, 7), "record 4 is no edge"),  # its kind
        (lambda path: changed(path, 2 * RECORD_BYTES + 7, 0xFF), "record 3 is no edge"),  # its stamp
        (lambda path: changed(path, 5 * RECORD_BYTES + 12, 9), "record 6 is no edge"),  # its line
        (lambda path: changed(path, 5 * RECORD_BYTES + 20, 1), "record 6 is no edge"),  # its number
        (lambda path: path.write_bytes(path.read_bytes()[RECORD_BYTES:] + path.read_bytes()), "is no edge"),
    ],
)
def test_a_damaged_recording_is_one_clear_error(tmp_path: Path, spoil, said: str) -> None:
    path = a_recording(tmp_path)
    spoil(path)
    with pytest.raises(OperatorError, match=said) as refused:
        read_recording(path)
    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)


def test_edges_that_were_lost_stay_lost(tmp_path: Path) -> None:
    """A gap of the kernel's numbers is no damage of the file, and is counted while it is recorded."""
    rows = EdgeTrain(np.arange(4) * 10**8, np.array([1, 2, 1, 2]), np.array([1, 2, 5, 6]))

    class Line:
        is_metrological = True
        batches = [EdgeBatch(encode_records(rows), rows)]  # noqa: RUF012

        def read(self) -> EdgeBatch:
            return self.batches.pop() if self.batches else EdgeBatch(b"", EdgeTrain.empty())

        def close(self) -> None: ...

    path = tmp_path / "gap.bin"
    found = record_line(Line(), VirtualClock(), path, 1.0)
    assert (found.edges, found.lost) == (4, 2)
    assert read_recording(path).line_seqno.tolist() == [1, 2, 5, 6]


def test_a_line_that_fails_keeps_what_has_come(tmp_path: Path) -> None:
    class Line:
        is_metrological = True
        reads = 0

        def read(self) -> EdgeBatch:
            self.reads += 1
            if self.reads > 1:
                raise InstrumentError("pulse line 17: gone")
            edges = EdgeTrain(np.array([5]), np.array([RISING]), np.array([1]))
            return EdgeBatch(encode_records(edges), edges)

        def close(self) -> None: ...

    path = tmp_path / "gone.bin"
    with pytest.raises(InstrumentError, match="gone"):
        record_line(Line(), VirtualClock(), path, 1.0)
    assert len(read_recording(path)) == 1


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = a_recording(tmp_path)
    before = path.read_bytes()
    with pytest.raises(OperatorError, match="exists; choose another name"):
        a_recording(tmp_path)
    assert path.read_bytes() == before


def test_the_command_records_a_line_of_the_bench(tmp_path: Path) -> None:
    recording, again = a_recording(tmp_path), tmp_path / "again.bin"
    config = tmp_path / "bench.toml"
    text = BENCH.format(state_dir=tmp_path, simulation="").replace(
        'driver = "simulated"', 'driver = "system"'
    )
    text = text.replace('driver = "sim"\nsimulated', f'driver = "file"\npath = "{recording}"\nsimulated')
    text = text.replace("speed = 0", "speed = 1\nservers = true")
    config.write_text(text)
    arguments = ["record", "1", str(again), "--for", "0.1", "--config", str(config), "--lang", "en"]
    shown = CliRunner().invoke(cli, [*arguments, "--json"])
    assert json.loads(shown.output)["edges"] == len(read_recording(again)) >= 1
    for name, said in (("2", "there is no pulse line '2'; known are 1"), ("1", "exists")):
        arguments[1] = name
        refused = CliRunner().invoke(cli, arguments)
        assert isinstance(refused.exception, OperatorError)
        assert said in str(refused.exception)
    config.write_text(BENCH.format(state_dir=tmp_path, simulation=""))
    refused = CliRunner().invoke(cli, arguments)
    assert "is simulated" in str(refused.exception)
