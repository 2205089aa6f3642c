"""The bank of relays on gpiozero's own mock pins: what the lines do, in which order, and on every way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from gpiozero.exc import PinSetInput
from gpiozero.pins.mock import MockFactory, MockPin
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.errors import InstrumentError, OperatorError
from calibration.fixed_loads import FixedLoad
from calibration.load_points import LoadPoint
from calibration.nameplate import Direction, Wiring
from firmware_io.relay_bank import BankRange, RelayBank, Switch
from tests.codecs.scripted_wire import VirtualClock

LOADS = (FixedLoad(5.0), FixedLoad(10.0), FixedLoad(20.0), FixedLoad(10.0, 0.5, "L"))
BANK = BankRange(LOADS, 220.0, 5.0)
CONTACTOR, RELAYS = Switch("GPIO5"), (Switch(6), Switch(13), Switch(19, active_high=False), Switch(26))
LINES = ("GPIO5", "GPIO6", "GPIO13", "GPIO19", "GPIO26")


class Lines:
    """What happens on the pins, as it happens: (line, level, instant), with a failure at a certain change."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.changes: list[tuple[str, int, int]] = []
        self.fails_at: set[int] = set()
        self.stuck: set[str] = set()
        self.asked = 0

    def set(self, name: str, value: int) -> bool:
        self.asked += 1
        if self.asked in self.fails_at:
            raise PinSetInput(f"{name} cannot be set")
        self.changes.append((name, value, self.clock.at_ns))
        return name not in self.stuck


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def lines(clock: VirtualClock) -> Lines:
    return Lines(clock)


def make_factory(lines: Lines) -> MockFactory:
    class Pin(MockPin):  # type: ignore[misc]
        def _set_state(self, value: Any) -> None:
            if lines.set(self.info.name, int(value)):
                super()._set_state(value)

    return MockFactory(pin_class=Pin)


@pytest.fixture
def factory(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockFactory]:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    made = make_factory(lines)
    yield made
    made.reset()


def bank_on(factory: MockFactory, clock: VirtualClock) -> RelayBank:
    return RelayBank(BANK, CONTACTOR, RELAYS, clock, switching_s=0.1, factory=factory)


def closed(factory: MockFactory) -> set[str]:
    """The lines whose relay is closed; GPIO19 closes at a low level."""
    return {name for name in LINES if bool(factory.pin(name).state) != (name == "GPIO19")}


def load(current_A: float, power_factor: float = 1.0, side: str = "", **other: Any) -> LoadPoint:
    return LoadPoint("wanted", other.pop("voltage_V", 220.0), current_A, power_factor, side, **other)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (load(15.0), {"GPIO5", "GPIO6", "GPIO13"}),
        (load(35.0), {"GPIO5", "GPIO6", "GPIO13", "GPIO19"}),
        (load(9.8), {"GPIO5", "GPIO13"}),
        (load(10.0, 0.5, "L"), {"GPIO5", "GPIO26"}),
        (load(0.0, voltage_V=225.0), {"GPIO5"}),
    ],
)
def test_the_relays_of_a_combination_are_closed(
    factory: MockFactory, clock: VirtualClock, wanted: LoadPoint, expected: set[str]
) -> None:
    bank = bank_on(factory, clock)
    assert closed(factory) == set()
    bank.apply(wanted)
    assert closed(factory) == expected
    bank.remove()
    assert closed(factory) == set()
    bank.remove()
    bank.close()
    bank.close()


def test_everything_is_open_before_another_load_is_made_and_the_contactor_moves_first_and_last(
    factory: MockFactory, clock: VirtualClock, lines: Lines
) -> None:
    bank = bank_on(factory, clock)
    bank.apply(load(5.0))
    lines.changes.clear()
    bank.apply(load(20.0))
    names = [name for name, _, _ in lines.changes]
    assert names == [*LINES, "GPIO19", "GPIO5"]
    opened_ns, chosen_ns, made_ns = lines.changes[4][2], lines.changes[5][2], lines.changes[6][2]
    assert chosen_ns - opened_ns == 100_000_000
    assert made_ns - chosen_ns == 100_000_000
    lines.changes.clear()
    bank.close()
    assert lines.changes[0][:2] == ("GPIO5", 0)


def test_no_relay_breaks_the_current(factory: MockFactory, clock: VirtualClock, lines: Lines) -> None:
    bank = bank_on(factory, clock)
    bank.apply(load(5.0))
    lines.changes.clear()
    bank.remove()
    (contactor, _, opened_ns), *relays = lines.changes
    assert contactor == "GPIO5"
    assert {at_ns - opened_ns for _, _, at_ns in relays} == {100_000_000}
    now_ns = clock.now_ns()
    bank.remove()
    bank.close()
    assert clock.now_ns() == now_ns, "there was nothing to wait for"


def test_no_combination_is_beyond_the_limit_of_the_bench() -> None:
    loads = (FixedLoad(9.8), FixedLoad(10.2))
    assert BankRange(loads, 220.0, 5.0).choose(load(10.1)) == (1,)
    assert BankRange(loads, 220.0, 5.0, 10.1).choose(load(10.1)) == (0,)
    with pytest.raises(OperatorError, match=r"the nearest are 9\.8 A$"):
        BankRange(loads, 220.0, 1.0, 10.1).choose(load(10.1))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (load(12.0), r"makes 12 A at power factor 1 within 5 % .*; the nearest are 10 A and 15 A"),
        (load(50.0), "the nearest are 35 A"),
        (load(10.0, 0.8, "C"), "power factor 0.8C .* no relay has this power factor"),
        (load(10.0, voltage_V=253.0), "switches 220 V and not 253 V"),
        (load(10.0, wiring=Wiring.FOUR_WIRE), "single-phase loads and not 3p4w"),
        (load(10.0, direction=Direction.EXPORT), "imported active energy only"),
    ],
)
def test_a_load_that_no_combination_makes_is_refused_and_nothing_moves(
    factory: MockFactory, clock: VirtualClock, lines: Lines, wanted: LoadPoint, said: str
) -> None:
    bank = bank_on(factory, clock)
    lines.changes.clear()
    for refuse in (bank.require, bank.apply):
        with pytest.raises(OperatorError, match=said) as refused:
            refuse(wanted)
        assert "\n" not in str(refused.value)
    assert lines.changes == []
    bank.close()


def test_a_line_that_does_not_follow_is_an_error_of_the_instrument(
    factory: MockFactory, clock: VirtualClock, lines: Lines
) -> None:
    bank = bank_on(factory, clock)
    bank.apply(load(5.0))
    lines.stuck = {"GPIO5"}
    with pytest.raises(InstrumentError, match=r"GPIO5: switched off and reads back otherwise.*by hand"):
        bank.remove()
    assert closed(factory) == {"GPIO5"}, "the relays behind it went off all the same"
    lines.stuck = set()
    bank.close()


def test_a_removal_that_comes_while_relays_close_keeps_the_contactor_open(
    factory: MockFactory, clock: VirtualClock, lines: Lines
) -> None:
    bank = bank_on(factory, clock)
    set_line = lines.set

    def remove_meanwhile(name: str, value: int) -> bool:
        if (name, value) == ("GPIO13", 1):
            bank.remove()
        return set_line(name, value)

    lines.set = remove_meanwhile  # type: ignore[method-assign]
    lines.changes.clear()
    with pytest.raises(InstrumentError, match="taken away while it was being set"):
        bank.apply(load(15.0))
    assert ("GPIO5", 1) not in [(name, value) for name, value, _ in lines.changes]
    lines.set = set_line  # type: ignore[method-assign]
    bank.close()


def test_a_line_in_use_is_one_line_and_the_others_are_let_go(
    factory: MockFactory, clock: VirtualClock
) -> None:
    bank = bank_on(factory, clock)
    with pytest.raises(InstrumentError, match="relay line GPIO5"):
        bank_on(factory, clock)
    bank.close()
    bank_on(factory, clock).close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fails_at=st.sets(st.integers(1, 30), max_size=4),
    wanted=st.lists(st.sampled_from([5.0, 15.0, 35.0, 0.0]), min_size=1, max_size=3),
)
def test_whatever_fails_the_contactor_is_off_at_the_end_or_the_operator_is_told(
    fails_at: set[int], wanted: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    clock = VirtualClock()
    lines = Lines(clock)
    factory = make_factory(lines)
    bank = bank_on(factory, clock)
    lines.asked, lines.fails_at = 0, fails_at
    told = False
    try:
        for current_A in wanted:
            bank.apply(load(current_A))
    except InstrumentError:
        pass
    try:
        bank.close()
    except InstrumentError as error:
        told = "by hand" in str(error)
    last = {name: value for name, value, _ in lines.changes}
    assert told or last["GPIO5"] == 0
    factory.reset()
