"""The portable pulse input against gpiozero's own mock pins."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from gpiozero.pins.mock import MockFactory

from bench.errors import InstrumentError, OperatorError
from calibration.quantities import FALLING, RISING
from firmware_io.edge_records import parse_records
from firmware_io.gpiozero_edges import GpiozeroLine


@pytest.fixture
def factory(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockFactory]:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    made = MockFactory()
    yield made
    made.reset()


def pulse(factory: MockFactory) -> None:
    factory.pin("GPIO17").drive_high()
    factory.pin("GPIO17").drive_low()


def test_both_edges_come_with_their_own_sequence_numbers_after_a_collection(factory: MockFactory) -> None:
    line = GpiozeroLine(17, bias="pull_down", factory=factory)
    gc.collect()  # gpiozero holds handlers weakly: ours must still be there
    pulse(factory)
    first = line.read()
    pulse(factory)
    second = line.read()
    assert first.edges.kind.tolist() == [RISING, FALLING] == second.edges.kind.tolist()
    assert first.edges.line_seqno.tolist() + second.edges.line_seqno.tolist() == [1, 2, 3, 4]
    assert parse_records(first.raw).timestamp_ns.tolist() == first.edges.timestamp_ns.tolist()
    assert len(line.read().edges) == 0
    line.close()


def test_it_never_claims_to_be_metrological(factory: MockFactory) -> None:
    line = GpiozeroLine("GPIO17", factory=factory)
    assert not line.is_metrological
    line.close()
    line.close()


def test_a_pin_in_use_and_an_unknown_pin_are_one_line(factory: MockFactory) -> None:
    line = GpiozeroLine(17, factory=factory)
    with pytest.raises(InstrumentError, match="17"):
        GpiozeroLine(17, factory=factory)
    line.close()
    with pytest.raises(InstrumentError, match="99 is not a valid pin"):
        GpiozeroLine(99, factory=factory)


def test_an_unknown_bias_is_refused(factory: MockFactory) -> None:
    with pytest.raises(OperatorError, match="bias"):
        GpiozeroLine(17, bias="up", factory=factory)
