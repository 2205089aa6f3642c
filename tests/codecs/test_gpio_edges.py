"""The kernel's edge records: parsing, split points, descriptors, and what wrong settings say."""

from __future__ import annotations

import os
import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import InstrumentError, OperatorError
from calibration.quantities import FALLING, RISING, EdgeTrain
from firmware_io.descriptor_edges import DescriptorPulseInput, FilePulseInput
from firmware_io.edge_records import RECORD_BYTES, RecordReader, encode_records, parse_records
from firmware_io.gpio_chips import find_chip
from firmware_io.gpio_edges import GpioLine


def train_of(rows: list[tuple[int, int, int]]) -> EdgeTrain:
    columns = np.array(rows, np.int64).reshape(-1, 3)
    return EdgeTrain(columns[:, 0], columns[:, 1], columns[:, 2])


def rows_of(train: EdgeTrain) -> list[tuple[int, int, int]]:
    return list(zip(train.timestamp_ns.tolist(), train.kind.tolist(), train.line_seqno.tolist(), strict=True))


edge_rows = st.lists(
    st.tuples(st.integers(0, 2**63 - 1), st.sampled_from((RISING, FALLING)), st.integers(0, 2**32 - 1)),
    max_size=20,
)


def test_record_is_the_kernels_struct_gpio_v2_line_event() -> None:
    raw = struct.pack("=QIIII6I", 123_456_789_012, 2, 17, 41, 42, *range(6))
    assert len(raw) == RECORD_BYTES == 48
    assert rows_of(parse_records(raw)) == [(123_456_789_012, FALLING, 42)]


def test_encoded_record_carries_offset_and_sequence_numbers() -> None:
    raw = encode_records(train_of([(5, RISING, 7)]), offset=27)
    assert struct.unpack("=QIIII6I", raw) == (5, 1, 27, 7, 7, 0, 0, 0, 0, 0, 0)


@given(edge_rows)
def test_edges_survive_the_kernel_format(rows: list[tuple[int, int, int]]) -> None:
    assert rows_of(parse_records(encode_records(train_of(rows)))) == rows


@given(edge_rows, st.lists(st.integers(1, 200), max_size=60))
def test_a_stream_cut_anywhere_gives_the_same_edges(
    rows: list[tuple[int, int, int]], cuts: list[int]
) -> None:
    stream = encode_records(train_of(rows))
    reader = RecordReader()
    found: list[tuple[int, int, int]] = []
    raw = b""
    position = 0
    for cut in [*cuts, len(stream)]:
        batch = reader.feed(stream[position : position + cut])
        position += cut
        found += rows_of(batch.edges)
        raw += batch.raw
    assert found == rows
    assert raw == stream
    assert reader.pending_bytes == 0


def test_every_split_point_of_two_records_keeps_the_remainder() -> None:
    stream = encode_records(train_of([(1, RISING, 1), (2, FALLING, 2)]))
    for cut in range(len(stream) + 1):
        reader = RecordReader()
        first = reader.feed(stream[:cut])
        assert len(first.edges) == cut // RECORD_BYTES
        assert reader.pending_bytes == cut % RECORD_BYTES
        assert len(first.edges) + len(reader.feed(stream[cut:]).edges) == 2


def test_a_partial_record_is_refused_by_the_plain_parser() -> None:
    with pytest.raises(ValueError, match="47 bytes"):
        parse_records(bytes(47))


@given(st.binary(max_size=500))
def test_hostile_bytes_never_break_the_reader(noise: bytes) -> None:
    batch = RecordReader().feed(noise)
    assert len(batch.edges) == len(noise) // RECORD_BYTES


def test_a_pipe_gives_what_waits_and_never_blocks() -> None:
    read_end, write_end = os.pipe()
    line = DescriptorPulseInput(read_end, "pipe", is_metrological=True, owns_descriptor=True)
    try:
        assert len(line.read().edges) == 0
        raw = encode_records(train_of([(index, RISING + index % 2, index) for index in range(1200)]))
        os.write(write_end, raw[:-20])
        assert len(line.read().edges) == 1199
        os.write(write_end, raw[-20:])
        assert rows_of(line.read().edges) == [(1199, FALLING, 1199)]
    finally:
        os.close(write_end)
        line.close()


def test_a_recorded_file_is_replayed_byte_for_byte(tmp_path: Path) -> None:
    raw = encode_records(train_of([(index, RISING + index % 2, index) for index in range(5000)]))
    path = tmp_path / "edges-1.bin"
    path.write_bytes(raw)
    with closing(FilePulseInput(path)) as line:
        replayed = b"".join(line.read().raw for _ in range(3))
    assert replayed == raw


def test_a_fifo_without_a_writer_does_not_hang_the_bench(tmp_path: Path) -> None:
    fifo = tmp_path / "edges"
    os.mkfifo(fifo)
    with closing(FilePulseInput(fifo)) as line:
        assert len(line.read().edges) == 0
        writer = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(writer, encode_records(train_of([(9, RISING, 1)])))
            assert rows_of(line.read().edges) == [(9, RISING, 1)]
        finally:
            os.close(writer)


def test_a_missing_file_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="give the path"):
        FilePulseInput(tmp_path / "nothing")


def test_a_line_that_was_closed_is_not_silently_empty(tmp_path: Path) -> None:
    path = tmp_path / "edges-1.bin"
    path.write_bytes(b"")
    line = FilePulseInput(path)
    line.close()
    line.close()
    with pytest.raises(InstrumentError, match="after close"):
        line.read()


def test_no_chip_at_all_is_one_line_that_names_the_label(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match=r"pinctrl-rp1 or pinctrl-x; there is no GPIO chip"):
        find_chip(("pinctrl-rp1", "pinctrl-x"), str(tmp_path))


@pytest.mark.parametrize(("setting", "value"), [("bias", "up"), ("debounce_us", -1)])
def test_an_impossible_line_setting_is_refused_before_the_device_is_touched(
    setting: str, value: object
) -> None:
    with pytest.raises(OperatorError, match=setting):
        GpioLine(17, **{setting: value})  # type: ignore[arg-type]
