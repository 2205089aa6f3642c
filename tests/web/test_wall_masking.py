"""What hangs on a wall says nothing of whose meter it is."""

from __future__ import annotations

import json

import pytest

from tests.web import canned, states
from web.feed import Moment
from web.wall.masking import masked, masked_serial

SERIAL = canned.idle()["positions"]["1"]["serial"]


@pytest.mark.parametrize(
    ("serial", "shown"),
    [("33 0901 2764", "•••• 2764"), ("ABC-12345", "•••• 2345"), ("1234", "••••"), ("", "••••")],
)
def test_a_serial_number_keeps_its_last_four_characters(serial: str, shown: str) -> None:
    assert masked_serial(serial) == shown


@pytest.mark.parametrize("name", states.ALL)
def test_no_state_has_a_whole_serial_number_left(name: str) -> None:
    state = states.ALL[name]()
    serials = [meter["serial"] for meter in state["positions"].values()]
    shown = json.dumps(masked(Moment(1, state, True, 0.0)).state, ensure_ascii=False)
    for serial in serials:
        assert serial not in shown
        assert serial.replace(" ", "") not in shown


def test_addresses_persons_and_the_case_are_masked_and_the_moment_itself_is_left_as_it_was() -> None:
    state = canned.repeating()
    state["run"] |= {"case": "C2026-0001", "verifier": "P2"}
    state["positions"]["1"]["told"] = {"address": "330901002764"}
    found = {"reason": "meter_address_differs", "values": {"told": "330901002764", "planned": "33 0901 2764"}}
    state["faults"].append({"at_s": "3", "position": "1", "point": "0", **found})
    moment = Moment(7, state, True, 12.0)
    shown = masked(moment)
    assert shown.state is not None
    assert (shown.version, shown.is_connected, shown.heard_at_s) == (7, True, 12.0)
    values = shown.state["faults"][-1]["values"]
    assert values == {"told": "•••• 2764", "planned": "•••• 2764"}
    assert shown.state["positions"]["1"]["told"] is None
    assert (shown.state["run"]["case"], shown.state["run"]["verifier"]) == (None, None)
    assert state["run"]["case"] == "C2026-0001"
    assert state["positions"]["1"]["serial"] == SERIAL


def test_why_a_result_is_not_official_is_said_without_the_person_and_without_long_numbers() -> None:
    state = canned.repeating()
    because = [
        {"reason": "lag_unknown", "values": {}},
        {
            "reason": "not_authorised",
            "values": {"person": "P2", "meter": "DDS-60", "items_en": "x", "items_zh": "x"},
        },
        {"reason": "not_connected", "values": {"serial": "33 0901 2764"}},
    ]
    state["run"]["not_official_because"] = because
    shown = masked(Moment(1, state, True, 0.0))
    assert shown.state is not None
    told = shown.state["run"]["not_official_because"]
    assert [found["reason"] for found in told] == [found["reason"] for found in because]
    assert told[1]["values"] == {"person": "•••", "meter": "DDS-60", "items_en": "x", "items_zh": "x"}
    assert told[2]["values"] == {"serial": "•••• 2764"}
    assert because[1]["values"]["person"] == "P2", "the moment itself is left as it was"


def test_no_bench_is_no_bench() -> None:
    assert masked(Moment()).state is None
