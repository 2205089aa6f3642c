"""The panel against gpiozero's mock pins: what a technician's wires do to the levels, and what the program lights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gpiozero.pins.mock import MockFactory

from bench.errors import InstrumentError
from bench.ports import Lamp, PanelInputs
from firmware_io.gpiozero_panel import GpiozeroPanel, PanelLines

STOP, COVER, START, BUTTON, FEED, BUZZER = "GPIO5", "GPIO6", "GPIO13", "GPIO19", "GPIO26", "GPIO21"
LAMPS = {lamp: f"GPIO{pin}" for lamp, pin in zip(Lamp, (7, 8, 9, 10, 11, 12), strict=True)}
ALL = PanelLines(STOP, COVER, START, BUTTON, FEED, BUZZER, LAMPS)


@pytest.fixture
def factory(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockFactory]:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    made = MockFactory()
    yield made
    made.reset()


def panel(factory: MockFactory, lines: PanelLines = ALL, **settings: bool) -> GpiozeroPanel:
    return GpiozeroPanel(lines, factory=factory, **settings)


def lit(factory: MockFactory) -> set[Lamp]:
    return {lamp for lamp, name in LAMPS.items() if factory.pin(name).state}


@pytest.mark.parametrize("closed_is_low", [True, False])
def test_a_wire_that_is_broken_reads_as_pressed_and_open_whatever_the_polarity(
    factory: MockFactory, closed_is_low: bool
) -> None:
    made = panel(factory, closed_is_low=closed_is_low)
    # Nothing is connected: the pins are where the chip's bias pulls them.
    assert made.read() == PanelInputs(emergency_stop_pressed=True, cover_open=True)
    for line in (STOP, COVER):
        close = factory.pin(line).drive_low if closed_is_low else factory.pin(line).drive_high
        close()
    assert made.read() == PanelInputs()
    press = factory.pin(START).drive_low if closed_is_low else factory.pin(START).drive_high
    press()
    assert made.read() == PanelInputs(start_pressed=True)
    made.close()


def test_each_contact_is_its_own(factory: MockFactory) -> None:
    made = panel(factory)
    for line in (STOP, COVER):
        factory.pin(line).drive_low()
    factory.pin(COVER).drive_high()
    assert made.read() == PanelInputs(cover_open=True)
    factory.pin(BUTTON).drive_low()
    assert made.read() == PanelInputs(cover_open=True, stop_pressed=True)
    made.close()


def test_what_is_not_wired_is_never_in_the_way(factory: MockFactory) -> None:
    made = panel(factory, PanelLines(contactor_feed=FEED))
    assert made.read() == PanelInputs()
    assert not made.has_start_button
    made.show(Lamp.FAIL, True)
    made.close()


def test_every_feed_is_an_edge(factory: MockFactory) -> None:
    made = panel(factory)
    levels = []
    for _ in range(6):
        made.feed()
        levels.append(bool(factory.pin(FEED).state))
    assert levels == [True, False] * 3
    made.close()


@pytest.mark.parametrize("lamp", list(Lamp))
def test_the_tower_shows_one_word_and_live_voltage_while_measuring(factory: MockFactory, lamp: Lamp) -> None:
    made = panel(factory)
    assert made.has_start_button
    made.show(Lamp.FAIL, False)
    made.show(lamp, True)
    assert lit(factory) == ({lamp, Lamp.LIVE_VOLTAGE} if lamp is Lamp.MEASURING else {lamp})
    assert factory.pin(BUZZER).state
    made.show(lamp, False)
    assert not factory.pin(BUZZER).state
    made.close()


def test_lamps_that_light_at_the_low_level_are_dark_from_the_start(factory: MockFactory) -> None:
    made = panel(factory, lit_is_high=False)
    assert lit(factory) == set(Lamp)  # all high: dark
    made.show(Lamp.PASS, False)
    assert lit(factory) == set(Lamp) - {Lamp.PASS}
    made.close()


def test_it_ends_dark_with_its_lines_free(factory: MockFactory) -> None:
    made = panel(factory)
    made.show(Lamp.MEASURING, True)
    made.show(Lamp.PASS, True)
    made.feed()
    before = {line: factory.pin(line).states[-1].state for line in (BUZZER, FEED)}
    made.close()
    made.close()
    assert all(before.values())
    for line in (BUZZER, FEED, LAMPS[Lamp.LIVE_VOLTAGE], LAMPS[Lamp.PASS]):
        assert not [change.state for change in factory.pin(line).states][-1]
    panel(factory).close()


def last_level(factory: MockFactory, line: str) -> bool:
    return bool([change.state for change in factory.pin(line).states][-1])


@pytest.mark.parametrize("lamp", [Lamp.MEASURING, Lamp.LIVE_VOLTAGE])
def test_live_voltage_as_the_last_word_stays_lit(factory: MockFactory, lamp: Lamp) -> None:
    made = panel(factory)
    made.show(lamp, True)
    made.close()
    assert {each for each in Lamp if last_level(factory, LAMPS[each])} == {Lamp.LIVE_VOLTAGE}
    assert not last_level(factory, BUZZER)


def test_a_line_that_fails_keeps_no_other_from_being_closed(factory: MockFactory) -> None:
    made = panel(factory)
    made.show(Lamp.PASS, True)
    factory.pin(FEED).close()
    factory.pin(BUZZER)._set_state = broken
    with pytest.raises(InstrumentError, match=r"panel \(gpiozero\), close: a wire is off"):
        made.close()
    assert not last_level(factory, LAMPS[Lamp.PASS])
    del factory.pin(BUZZER)._set_state
    panel(factory).close()


def broken(value: object) -> None:
    raise OSError("a wire is off")


def test_a_line_in_use_and_a_line_that_fails_are_one_line_of_an_instrument(factory: MockFactory) -> None:
    made = panel(factory)
    with pytest.raises(InstrumentError, match="panel, emergency_stop on line GPIO5"):
        panel(factory)
    made.close()
    again = panel(factory)  # what the failed one had opened is free again
    again.close()
    with pytest.raises(InstrumentError, match=r"panel \(gpiozero\), read: .*; check its GPIO lines"):
        again.read()
    with pytest.raises(InstrumentError, match="show"):
        again.show(Lamp.IDLE, False)
