"""The lamp of every state: a load that may be on goes before everything that could be said of meters."""

from __future__ import annotations

import itertools

import pytest

from bench.ports import Lamp
from bench.safety.lamp import events_of, lamp_of

PHASES = (
    "idle", "starting", "waiting_for_start", "applying", "waiting_for_load", "settling", "measuring", "watching",
    "asking", "finished", "interrupted",
)  # fmt: skip
VERDICTS = (None, "PASS", "FAIL", "INVALID", "UNJUDGED")


@pytest.mark.parametrize(("phase", "verdict"), list(itertools.product(PHASES, VERDICTS)))
def test_live_voltage_is_said_whenever_a_load_may_be_on_and_only_then(
    phase: str, verdict: str | None
) -> None:
    for run in (None, {"verdict": verdict}):
        state = {"phase": phase, "run": run, "is_energised": True}
        assert lamp_of(state) in (Lamp.LIVE_VOLTAGE, Lamp.MEASURING)
        assert lamp_of(state | {"is_energised": False}) not in (Lamp.LIVE_VOLTAGE, Lamp.MEASURING)


@pytest.mark.parametrize(
    ("phase", "verdict", "lamp"),
    [
        ("idle", None, Lamp.IDLE),
        ("waiting_for_start", None, Lamp.IDLE),
        ("finished", "PASS", Lamp.PASS),
        ("finished", "FAIL", Lamp.FAIL),
        ("finished", "INVALID", Lamp.INVALID),
        ("finished", "UNJUDGED", Lamp.IDLE),
        ("interrupted", "INVALID", Lamp.INVALID),
        ("interrupted", None, Lamp.INVALID),
    ],
)
def test_with_the_load_off_it_says_what_came_of_the_run(phase: str, verdict: str | None, lamp: Lamp) -> None:
    assert lamp_of({"phase": phase, "run": {"verdict": verdict}, "is_energised": False}) is lamp


@pytest.mark.parametrize(
    ("phase", "lamp"),
    [
        ("applying", Lamp.LIVE_VOLTAGE),
        ("waiting_for_load", Lamp.LIVE_VOLTAGE),
        ("settling", Lamp.LIVE_VOLTAGE),
        ("measuring", Lamp.MEASURING),
        ("watching", Lamp.MEASURING),
        ("asking", Lamp.MEASURING),
    ],
)
def test_with_a_load_it_says_whether_it_counts(phase: str, lamp: Lamp) -> None:
    assert lamp_of({"phase": phase, "run": {"verdict": None}, "is_energised": True}) is lamp


def test_the_buzzer_tells_each_fault_and_the_end() -> None:
    assert events_of({"faults": [], "phase": "measuring"}) == 0
    assert events_of({"faults": [{}, {}], "phase": "measuring"}) == 2
    assert events_of({"faults": [{}, {}], "phase": "finished"}) == 3
