"""A line that lgpio refuses, as one that another program holds: one sentence of every driver on gpiozero's pins.

lgpio itself stays out of this process: its import starts a thread.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory

from bench.clock import SystemClock
from bench.errors import InstrumentError
from calibration.fixed_loads import FixedLoad
from firmware_io.gpiozero_edges import GpiozeroLine
from firmware_io.gpiozero_panel import GpiozeroPanel, PanelLines
from firmware_io.relay_bank import BankRange, RelayBank, Switch


class LgpioError(Exception):
    """What lgpio raises is of no class of gpiozero's."""


class BusyFactory(MockFactory):
    def pin(self, name: object) -> Any:
        raise LgpioError("'GPIO busy'")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    monkeypatch.setitem(sys.modules, "lgpio", SimpleNamespace(error=LgpioError))
    yield
    MockFactory().reset()


def pulse_line(line: str, factory: MockFactory) -> GpiozeroLine:
    return GpiozeroLine(line, factory=factory)


def panel(line: str, factory: MockFactory) -> GpiozeroPanel:
    return GpiozeroPanel(PanelLines(contactor_feed=line), factory=factory)


def relays(line: str, factory: MockFactory) -> RelayBank:
    bank = BankRange((FixedLoad(1.0, 1.0, ""),), 220.0, 5.0)
    return RelayBank(bank, Switch(line), [Switch("GPIO6")], SystemClock(), factory=factory)


DRIVERS = [pulse_line, panel, relays]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_line_that_another_program_holds_is_one_line_of_an_instrument(driver: Callable[..., Any]) -> None:
    with pytest.raises(InstrumentError, match=r"line GPIO5 \(gpiozero\): 'GPIO busy'; choose another line"):
        driver("GPIO5", BusyFactory())


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_number_written_as_text_is_the_line_of_that_number(driver: Callable[..., Any]) -> None:
    factory = MockFactory()
    made = driver("5", factory)
    with pytest.raises(InstrumentError, match="GPIO5 is already in use"):
        driver("GPIO5", factory)
    made.close()
