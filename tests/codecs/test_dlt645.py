"""DL/T 645-2007 frames: against captured ones, at every split, and against whatever a wire may bring."""

import inspect
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_io import dlt645
from firmware_io.dlt645 import (
    ANY_ADDRESS,
    WAKE_UP,
    DataId,
    FrameReader,
    address_request,
    answered_address,
    answered_data,
    moment,
    number,
    read_request,
)
from firmware_io.protocol_errors import LocalProtocolError, RemoteProtocolError

ADDRESS = "000102030425"
REQUEST = bytes.fromhex("68 25 04 03 02 01 00 68 11 04 33 33 34 33 E1 16")
ANSWER = bytes.fromhex("68 25 04 03 02 01 00 68 91 08 33 33 34 33 75 39 45 33 8B 16")
LONGEST_FRAME = 212


def answer_of(address: str, control: int, data: bytes) -> bytes:
    """A meter's frame, put together here and not by the module."""
    body = bytes([0x68, *bytes.fromhex(address)[::-1], 0x68, control, len(data)])
    body += bytes((b + 0x33) % 256 for b in data)
    return body + bytes([sum(body) % 256, 0x16])


def test_captured_frames_are_made_and_read() -> None:
    assert read_request(ADDRESS, DataId.ENERGY_FORWARD) == REQUEST
    assert address_request() == bytes.fromhex("68 AA AA AA AA AA AA 68 13 00 DF 16")
    (frame,) = FrameReader().feed(ANSWER)
    data = answered_data(frame, ADDRESS, DataId.ENERGY_FORWARD)
    assert data is not None
    assert number(DataId.ENERGY_FORWARD, data) == Decimal("1206.42")


def test_published_frames() -> None:
    """Two public documents: a request to any meter (a debugging record, myaiappgames.com/archives/1280),
    and a reading in the edition of 1997 (Heyuan ASDU-LS manual, page 18), which is a frame, and no answer to ours."""
    asked = bytes.fromhex("68 AA AA AA AA AA AA 68 11 04 33 33 34 33 AE 16")
    assert read_request(ANY_ADDRESS, DataId.ENERGY_FORWARD) == asked
    (frame,) = FrameReader().feed(bytes.fromhex("68 03 00 00 00 00 00 68 81 04 44 E9 33 34 EC 16"))
    assert (frame.address, frame.control) == ("000000000003", 0x81)
    assert frame.data == bytes.fromhex("11 B6 00 01")
    with pytest.raises(RemoteProtocolError, match="control code 81 does not answer a reading"):
        answered_data(frame, "000000000003", DataId.ENERGY_FORWARD)


@pytest.mark.parametrize("split", range(len(WAKE_UP + ANSWER) + 1))
def test_a_frame_may_come_in_any_two_pieces(split: int) -> None:
    wire, reader = WAKE_UP + ANSWER, FrameReader()
    frames = reader.feed(wire[:split]) + reader.feed(wire[split:])
    assert [f.raw for f in frames] == [ANSWER]
    assert reader.skipped == 0


@given(st.lists(st.one_of(st.binary(max_size=30), st.just(ANSWER), st.just(WAKE_UP)), max_size=12), st.data())
def test_the_pieces_of_a_stream_change_nothing(parts: list[bytes], data: st.DataObject) -> None:
    wire = b"".join(parts)
    at_once = FrameReader().feed(wire)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=8)))
    reader, frames = FrameReader(), []
    for first, last in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        frames += reader.feed(wire[first:last])
        assert len(reader._held) < LONGEST_FRAME
    assert frames == at_once


@given(st.binary(max_size=40).filter(lambda noise: 0x68 not in noise))
def test_noise_before_a_frame_hides_nothing(noise: bytes) -> None:
    (frame,) = FrameReader().feed(noise + ANSWER)
    assert frame.raw == ANSWER


@given(st.integers(0, len(ANSWER) - 1), st.integers(1, 255))
def test_one_wrong_byte_makes_it_no_frame(at: int, change: int) -> None:
    wrong = bytearray(ANSWER)
    wrong[at] ^= change
    assert FrameReader().feed(bytes(wrong)) == []


def test_a_frame_that_never_ends_gives_way_to_the_next_whole_one() -> None:
    reader = FrameReader()
    assert reader.feed(ANSWER[:9] + bytes([200])) == []
    frames = [frame for _ in range(15) for frame in reader.feed(ANSWER)]
    assert [f.raw for f in frames[-3:]] == [ANSWER] * 3


def test_what_writes_cannot_be_asked_for() -> None:
    made = {read_request(ADDRESS, each)[8] for each in DataId} | {address_request()[8]}
    assert made == {0x11, 0x13}
    public = [name for name in dir(dlt645) if name.endswith("request") and not name.startswith("_")]
    assert sorted(public) == ["address_request", "read_request"]


def test_every_frame_that_the_module_can_make_only_reads() -> None:
    """What is public and gives bytes, with every argument that it takes: two control codes, no others."""
    calls = {
        "read_request": [(address, each) for address in (ADDRESS, ANY_ADDRESS) for each in DataId],
        "address_request": [()],
    }
    makers = {
        name
        for name, thing in vars(dlt645).items()
        if inspect.isfunction(thing)
        and not name.startswith("_")
        and "frame" not in inspect.signature(thing).parameters
        and inspect.signature(thing, eval_str=True).return_annotation is bytes
    }
    assert makers == calls.keys()
    made = [getattr(dlt645, name)(*arguments) for name in makers for arguments in calls[name]]
    controls = {frame.control for request in made for frame in FrameReader().feed(request)}
    assert controls == {0x11, 0x13}
    assert all(control & 0x1F < 0x14 for control in controls)  # 14H and up write, freeze, clear


@pytest.mark.parametrize("address", ["", "12", "00010203042A", "0001020304251", "１２３４５６７８９０１２"])
def test_an_address_has_twelve_digits(address: str) -> None:
    with pytest.raises(LocalProtocolError, match="12 digits"):
        read_request(address, DataId.ENERGY_FORWARD)


def answered(control: int, data: bytes, address: str = ADDRESS, asked: str = ADDRESS) -> bytes | None:
    (frame,) = FrameReader().feed(answer_of(address, control, data))
    return answered_data(frame, asked, DataId.ENERGY_FORWARD)


def test_answers_to_something_else_are_told_apart() -> None:
    whole = bytes.fromhex("00000100 42061200")
    assert answered(0x91, whole) == whole[4:]
    assert answered(0x91, whole, asked=ANY_ADDRESS) == whole[4:]
    assert answered(0xD1, b"\x02") is None  # the meter has no such quantity
    for control, data, address in (
        (0xD1, b"\x01", ADDRESS),  # another error
        (0x94, whole, ADDRESS),  # answers a writing that nobody asked for
        (0x91, bytes.fromhex("00000200 42061200"), ADDRESS),
        (0x91, b"\x00", ADDRESS),
        (0x91, whole, "000102030426"),
    ):
        with pytest.raises(RemoteProtocolError):
            answered(control, data, address)


def test_a_meter_tells_its_address() -> None:
    (frame,) = FrameReader().feed(answer_of(ADDRESS, 0x93, bytes.fromhex(ADDRESS)[::-1]))
    assert answered_address(frame) == ADDRESS
    for control, data in ((0x91, b"\0" * 6), (0x93, b"\0" * 5), (0x93, b"\x0a" * 6)):
        (frame,) = FrameReader().feed(answer_of(ADDRESS, control, data))
        with pytest.raises(RemoteProtocolError):
            answered_address(frame)


@pytest.mark.parametrize(
    ("data_id", "data", "value"),
    [
        (DataId.ENERGY_TOTAL, "42061200", "1206.42"),
        (DataId.ENERGY_TOTAL, "42061280", "-1206.42"),
        (DataId.ENERGY_FORWARD, "99999999", "999999.99"),
        (DataId.ACTIVE_POWER, "563412", "12.3456"),
        (DataId.ACTIVE_POWER, "563492", "-12.3456"),
        (DataId.ACTIVE_CONSTANT, "001600", "1600"),
    ],
)
def test_values_keep_their_decimals_and_their_sign(data_id: DataId, data: str, value: str) -> None:
    assert str(number(data_id, bytes.fromhex(data))) == value


@pytest.mark.parametrize("data", ["", "420612", "4206120000", "420A1200", "420612F0"])
def test_what_is_no_number_is_none(data: str) -> None:
    with pytest.raises(RemoteProtocolError):
        number(DataId.ENERGY_FORWARD, bytes.fromhex(data))


def test_the_meters_clock() -> None:
    assert moment(bytes.fromhex("02241126"), bytes.fromhex("593123")) == (2026, 11, 24, 23, 31, 59)
    for date, time in (("02241326", "593123"), ("02241126", "596123"), ("0224112A", "593123"), ("", "")):
        with pytest.raises(RemoteProtocolError):
            moment(bytes.fromhex(date), bytes.fromhex(time))


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused_in_order(wire: bytes) -> None:
    for frame in FrameReader().feed(wire + answer_of(ADDRESS, 0x91, wire[:200])):
        for data_id in DataId:
            try:
                data = answered_data(frame, ANY_ADDRESS, data_id)
                if data is not None:
                    number(data_id, data)
            except RemoteProtocolError:
                continue
