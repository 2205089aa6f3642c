"""Hostile bytes to every codec of the input side: some thousands of those that `./dev bench codecs` makes."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_io.dlt645 import FrameReader
from firmware_io.iec62056_21 import ModeCSession, SignOn
from firmware_io.protocol_errors import RemoteProtocolError
from tests.benchmarks.codecs import CODECS, Codec, study, traced_bytes, why_wrong
from tests.codecs.test_iec62056_21 import acknowledged

BY_NAME = {codec.name: codec for codec in CODECS}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """pymodbus writes a line for each bad frame."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("codec", CODECS, ids=list(BY_NAME))
def test_mutated_streams_are_taken_alike_at_every_split(codec: Codec) -> None:
    found = study(codec, 1_000, random.Random(20261126))
    assert found.understood > 50  # or the study would say nothing


@pytest.mark.parametrize("codec", CODECS, ids=list(BY_NAME))
@given(stream=st.binary(max_size=120), data=st.data())
def test_random_bytes_are_taken_alike_at_every_split(
    codec: Codec, stream: bytes, data: st.DataObject
) -> None:
    assert why_wrong(codec, stream, data.draw(st.integers(0, len(stream)))) == ""


@pytest.mark.parametrize("codec", CODECS, ids=list(BY_NAME))
def test_every_valid_stream_is_taken_alike_at_every_point(codec: Codec) -> None:
    for stream in codec.valid:
        for at in range(len(stream) + 1):
            assert why_wrong(codec, stream, at) == ""


@pytest.mark.parametrize("codec", CODECS, ids=list(BY_NAME))
def test_memory_does_not_grow_with_what_comes(codec: Codec) -> None:
    assert traced_bytes(codec, 200, random.Random(1)) < 1_000_000


def test_a_line_that_never_stops_is_not_kept() -> None:
    """A megabyte without an end, in pieces of a kilobyte."""
    frames, noise = FrameReader(), bytes(range(256)) * 4
    who, readout = ModeCSession(), acknowledged()
    who.send(SignOn())
    readout.receive(b"\x02")
    held = 0
    for _ in range(1024):
        frames.feed(noise)
        who.receive(noise)
        assert who.next_event() is None
        held = max(held, *(len(r._held) for r in (frames, who)))
        if len(readout._held) <= 1 << 16:
            assert readout.next_event() is None
            readout.receive(b"1.8.0(" * 170)
    assert held < 256
    with pytest.raises(RemoteProtocolError, match="does not end"):
        readout.next_event()
