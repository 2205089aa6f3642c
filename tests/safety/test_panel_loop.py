"""One turn of the panel's loop, turn by turn: what it removes, what it feeds, which presses count."""

from __future__ import annotations

import pytest

from bench.errors import InstrumentError
from bench.ports import Lamp, PanelInputs
from bench.safety.guarded_source import GuardedSource, LoadRefusedError
from bench.safety.liveness import Liveness
from bench.safety.panel_loop import PanelLoop
from bench.safety.presses import By, Presses, What
from calibration.quantities import NS_PER_S, Finding
from calibration.reasons import Reason
from tests.safety.support import LOAD
from tests.safety.test_guarded_source import Source

CLOSED = PanelInputs()


class Panel:
    has_start_button = True

    def __init__(self) -> None:
        self.inputs: PanelInputs | None = CLOSED
        self.edges = 0
        self.shown: list[tuple[Lamp, bool]] = []
        self.is_dark = self.is_stuck = False

    def read(self) -> PanelInputs:
        if self.inputs is None:
            raise InstrumentError("panel: no answer")
        return self.inputs

    def feed(self) -> None:
        if self.is_stuck:
            raise InstrumentError("panel: a line does not follow")
        self.edges += 1

    def show(self, lamp: Lamp, sounds: bool) -> None:
        if self.is_dark:
            raise InstrumentError("panel: a lamp does not light")
        self.shown.append((lamp, sounds))

    def close(self) -> None: ...


class Rig:
    """A loop with everything that it touches, armed and with a load on."""

    def __init__(self, inputs: PanelInputs | None = CLOSED) -> None:
        self.panel, self.source = Panel(), Source()
        self.panel.inputs = inputs
        self.guard = GuardedSource(self.source, lambda: None)
        self.presses = Presses(has_start_button=True)
        self.liveness = Liveness({"edges": 5.0, "runner": 10.0}, 0)
        self.stops = 0
        self.is_overdue = False
        self.loop = PanelLoop(self.panel, self.guard, self.presses, self.liveness, self.overdue, self.stop)
        self.now_ns = 0
        self.guard.arm()
        self.guard.apply(LOAD)

    def stop(self) -> None:
        self.stops += 1

    def overdue(self, now_ns: int) -> Finding | None:
        return Finding(Reason.LOAD_TIME_LIMIT) if self.is_overdue else None

    def turn(self, inputs: PanelInputs | None = CLOSED) -> None:
        self.panel.inputs = inputs
        self.now_ns += self.loop.period_ns
        self.loop.turn(self.now_ns)

    def publish(self, lamp: Lamp, faults: int = 0, phase: str = "measuring") -> None:
        state = {
            "lamp": lamp.value,
            "faults": [{}] * faults,
            "phase": phase,
            "clock": {"monotonic_ns": self.now_ns},
        }
        self.loop.follow(1, {}, state)


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        (PanelInputs(emergency_stop_pressed=True), Reason.EMERGENCY_STOP_PRESSED),
        (PanelInputs(emergency_stop_pressed=True, cover_open=True), Reason.EMERGENCY_STOP_PRESSED),
        (PanelInputs(cover_open=True), Reason.COVER_OPENED),
        (None, Reason.PANEL_FAILED),
    ],
)
def test_one_reading_is_enough_and_a_turn_that_removes_feeds_nothing(
    inputs: PanelInputs | None, reason: Reason
) -> None:
    rig = Rig()
    rig.turn()
    assert (rig.source.is_on, rig.panel.edges) == (True, 1)
    rig.turn(inputs)
    assert (rig.source.is_on, rig.panel.edges) == (False, 1)
    assert rig.guard.tripped is not None
    assert rig.guard.tripped.reason is reason
    rig.turn()
    assert rig.panel.edges == 1, "closed again is not switched on again"


def test_a_loop_that_hangs_ends_the_feed_and_the_load() -> None:
    rig = Rig()
    rig.now_ns = 6 * NS_PER_S
    rig.liveness.turned("runner", rig.now_ns)
    rig.turn()
    assert (rig.source.is_on, rig.panel.edges) == (False, 0)
    assert rig.guard.tripped == Finding(Reason.LOOP_STALLED, {"loop": "edges"})


def test_a_load_that_lasts_too_long_is_removed_here_too() -> None:
    rig = Rig()
    rig.is_overdue = True
    rig.turn()
    assert not rig.source.is_on
    assert rig.guard.tripped == Finding(Reason.LOAD_TIME_LIMIT)


def test_a_source_that_does_not_obey_is_told_again_at_every_turn_and_fed_no_more() -> None:
    rig = Rig()
    rig.source.failures = 3
    rig.turn(PanelInputs(emergency_stop_pressed=True))
    for _ in range(2):
        rig.turn()
        assert (rig.source.is_on, rig.panel.edges) == (True, 0)
    rig.turn()
    assert not rig.source.is_on


def test_a_load_that_is_off_is_not_commanded_off_at_every_turn() -> None:
    rig = Rig()
    for _ in range(10):
        rig.turn(PanelInputs(emergency_stop_pressed=True))
    assert rig.source.told == ["apply", "remove"]


def test_a_cover_without_a_load_takes_the_permission_only() -> None:
    rig = Rig()
    rig.guard.remove()
    rig.turn(PanelInputs(cover_open=True))
    assert rig.guard.tripped is None
    assert not rig.guard.is_armed
    assert rig.loop.why_not == Finding(Reason.COVER_OPENED)
    rig.turn()
    assert rig.loop.why_not is None
    assert not rig.guard.is_armed


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [(CLOSED, None), (PanelInputs(cover_open=True), Reason.COVER_OPENED), (None, Reason.PANEL_FAILED)],
)
def test_the_contacts_are_known_before_the_first_turn(
    inputs: PanelInputs | None, reason: Reason | None
) -> None:
    why_not = Rig(inputs).loop.why_not
    assert (None if why_not is None else why_not.reason) is reason


def test_a_press_is_two_readings_after_a_release_while_it_is_asked_for() -> None:
    rig = Rig()
    pressed, presses = PanelInputs(start_pressed=True), rig.presses
    presses.ask(What.START)
    for inputs in (pressed, pressed, pressed):  # held down since before anybody asked
        rig.turn(inputs)
    assert presses.pressed() is None
    for inputs in (CLOSED, CLOSED, pressed, CLOSED, pressed, CLOSED, CLOSED):  # it bounces
        rig.turn(inputs)
    assert presses.pressed() is None
    for inputs in (pressed, pressed):
        rig.turn(inputs)
    assert presses.pressed() is By.START_BUTTON
    rig.turn(None)
    assert presses.pressed() is None, "a panel that cannot be read is in the way of it"
    presses.withdraw()
    for inputs in (CLOSED, CLOSED, pressed, pressed):  # nobody asks
        rig.turn(inputs)
    presses.ask(What.LOAD)
    assert presses.pressed() is None
    presses.confirm(By.CONSOLE)
    presses.ask(What.LOAD)
    assert presses.pressed() is None, "asked anew"


def test_the_stop_button_ends_the_run_once_a_press() -> None:
    rig = Rig()
    for level in (False, False, True, True, True, False, False, True, True):
        rig.turn(PanelInputs(stop_pressed=level))
    assert rig.stops == 2


def test_the_tower_is_lit_as_it_is_published_and_the_buzzer_is_short() -> None:
    rig = Rig()
    rig.publish(Lamp.MEASURING)
    rig.publish(Lamp.MEASURING)
    assert rig.panel.shown == [(Lamp.MEASURING, False)]
    rig.publish(Lamp.MEASURING, faults=1)
    assert rig.panel.shown[-1] == (Lamp.MEASURING, True)
    for _ in range(50):
        rig.turn()
    assert rig.panel.shown[1:] == [(Lamp.MEASURING, True), (Lamp.MEASURING, False)]
    rig.publish(Lamp.PASS, faults=1, phase="finished")
    assert rig.panel.shown[-1] == (Lamp.PASS, True)


def test_a_feed_that_fails_is_a_panel_that_fails() -> None:
    rig = Rig()
    rig.panel.is_stuck = True
    rig.turn()
    rig.turn()
    assert not rig.source.is_on
    assert rig.guard.tripped is not None
    assert rig.guard.tripped.values == {"detail": "panel: a line does not follow"}
    rig.turn()
    assert rig.loop.why_not is None, "told once"


def test_a_tower_that_cannot_be_lit_is_a_panel_that_fails() -> None:
    rig = Rig()
    rig.panel.is_dark = True
    rig.publish(Lamp.MEASURING)
    rig.turn()
    assert not rig.source.is_on
    assert rig.guard.tripped is not None
    assert rig.guard.tripped.values == {"detail": "panel: a lamp does not light"}


def test_a_defect_that_ends_the_loop_leaves_nothing_on_and_is_not_hidden() -> None:
    rig = Rig()

    def defect() -> None:
        raise ZeroDivisionError

    rig.panel.read = defect  # type: ignore[method-assign,assignment]
    with pytest.raises(ZeroDivisionError):
        rig.turn()
    assert (rig.source.is_on, rig.panel.edges) == (False, 0)
    assert rig.guard.tripped == Finding(Reason.LOOP_STALLED, {"loop": "panel"})


def test_no_load_comes_on_behind_a_tower_that_does_not_say_so() -> None:
    rig = Rig()
    rig.guard.remove()
    rig.source.told.clear()
    rig.panel.is_dark = True
    rig.guard._announce = lambda: rig.publish(Lamp.LIVE_VOLTAGE)
    with pytest.raises(LoadRefusedError, match="a lamp does not light"):
        rig.guard.apply(LOAD)
    assert "apply" not in rig.source.told
    assert not rig.guard.is_energised
