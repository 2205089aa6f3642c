"""Raw run files: nothing is lost on the way, a torn end is left out and told, damage is an error."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import OperatorError
from bench.ports import BlockReply, ReferenceSample
from calibration.quantities import Finding, InstrumentFault
from calibration.reasons import Reason
from firmware_io.recording import PollReader, RecordedPoll, encode_poll
from firmware_io.reference_profiles import load_profile

NAME = "reference.jsonl"

ns = st.integers(0, 2**63 - 1)
replies = st.builds(
    BlockReply,
    ns,
    ns,
    st.sampled_from((3, 4)),
    st.integers(0, 65535),
    st.integers(0, 125).flatmap(lambda count: st.binary(min_size=2 * count, max_size=2 * count)),
)
faults = st.builds(
    InstrumentFault,
    ns,
    st.builds(
        Finding,
        st.sampled_from(list(Reason)),
        st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=2),
    ),
)
samples = st.builds(
    ReferenceSample, st.lists(replies, max_size=3).map(tuple), fault=st.one_of(st.none(), faults)
)


@given(st.lists(samples, max_size=6))
def test_polls_survive_the_file(polls: list[ReferenceSample]) -> None:
    reader = PollReader(io.BytesIO(b"".join(map(encode_poll, polls))), NAME)
    assert list(reader) == [RecordedPoll(sample.replies, sample.fault) for sample in polls]
    assert reader.torn_bytes == 0


def test_a_last_poll_torn_anywhere_is_left_out_and_reported() -> None:
    line = encode_poll(ReferenceSample((BlockReply(1, 2, 3, 4, b"\0\5\0\6"),)))
    for cut in range(1, len(line)):
        reader = PollReader(io.BytesIO(line + line[:cut]), NAME)
        assert len(list(reader)) == 1
        assert reader.torn_bytes == cut


@pytest.mark.parametrize(
    "damage",
    [
        b"{}\n",
        b"[]\n",
        b"noise\n",
        b'{"fault":null,"replies":[[1,2,3,4,"0"]]}\n',
        b'{"fault":null,"replies":[[1,2,3,4,"00"]]}\n',
        b"\xff\n",
    ],
)
def test_damage_in_the_middle_names_the_line(damage: bytes) -> None:
    line = encode_poll(ReferenceSample(()))
    with pytest.raises(OperatorError, match="line 2 is damaged"):
        list(PollReader(io.BytesIO(line + damage + line), NAME))


def test_a_recorded_poll_decodes_to_the_sample_it_was() -> None:
    profile = load_profile("demo-reference")
    (data,) = profile.registers.encode({"energy_Wh": 1234.56, "power_W": 2300.0})
    sample = profile.registers.decode((BlockReply(10, 20, 3, 0, data),))
    (poll,) = PollReader(io.BytesIO(encode_poll(sample)), NAME)
    assert poll.decode(profile) == sample


def test_a_recorded_fault_stays_a_fault_with_its_replies() -> None:
    profile = load_profile("schneider-iem3000")
    fault = InstrumentFault(30, Finding(Reason.REFERENCE_SILENT, {"seconds": "0.5"}))
    sample = ReferenceSample((BlockReply(10, 20, 3, 0x0BF3, bytes(4)),), fault=fault)
    (poll,) = PollReader(io.BytesIO(encode_poll(sample)), NAME)
    assert poll.decode(profile) == sample
