"""The GPIO lines' part of the composition root: pulse inputs and the panel. Read `app.py` first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.clock import SystemClock
from bench.configuration.config import Config
from bench.configuration.lines import PulseLineSection
from bench.errors import OperatorError
from bench.ports import Clock, Lamp, Panel, PulseInput

if TYPE_CHECKING:
    from bench.sim.plant import Plant


def chip_labels(chip: str) -> Sequence[str]:
    """Labels that the chip of a line may have. chip: as configured; empty: any Pi header."""
    from firmware_io.gpio_chips import CHIP_LABELS

    return (chip,) if chip else CHIP_LABELS


def pulse_input(
    section: PulseLineSection, index_on_plant: int | None, clock: Clock, plant: Plant | None
) -> PulseInput:
    """index_on_plant: which line of the simulated plant it is. Errors: OperatorError, InstrumentError."""
    match section.driver:
        case "gpiod":
            from firmware_io.gpio_edges import GpioLine

            labels, debounce_us = chip_labels(section.chip), section.debounce_us or 0
            return GpioLine(section.line, chip_labels=labels, bias=section.bias, debounce_us=debounce_us)
        case "gpiozero":
            from firmware_io.gpiozero_edges import GpiozeroLine

            return GpiozeroLine(section.line, chip_labels=chip_labels(section.chip), bias=section.bias)
        case "file":
            if Path(section.path).is_file():
                from firmware_io.recorded_edges import RecordedPulseInput

                return RecordedPulseInput(Path(section.path), clock)
            from firmware_io.descriptor_edges import FilePulseInput

            return FilePulseInput(section.path)  # a FIFO: what comes is stamped by whoever writes it
    assert plant is not None, "a sim driver has a plant"
    assert index_on_plant is not None, "a sim driver has a line on it"
    from bench.sim.in_process import SimPulseInput

    return SimPulseInput(plant, index_on_plant, clock)


def open_line(config: Config, name: str) -> tuple[Clock, PulseInput]:
    """One pulse line alone, and the clock that stamps it.

    Errors: OperatorError where there is none of this name, or it is simulated; InstrumentError of its driver.
    """
    if name not in config.lines:
        raise OperatorError(f"there is no pulse line {name!r}; known are {', '.join(config.lines)}")
    section = config.lines[name]
    if section.driver == "sim":
        raise OperatorError(
            f"pulse line {name} is simulated and moves with a load only; the edges of a run are kept in its raw files"
        )
    clock = SystemClock()
    return clock, pulse_input(section, None, clock, None)


def panel(config: Config, clock: Clock, plant: Plant | None) -> Panel | None:
    """None where there is none. Errors: InstrumentError."""
    section = config.panel
    match section.driver:
        case "gpiozero":
            from firmware_io.gpiozero_panel import GpiozeroPanel, PanelLines

            lines = PanelLines(
                section.emergency_stop,
                section.cover,
                section.start_button,
                section.stop_button,
                section.contactor_feed,
                section.buzzer,
                {lamp: getattr(section, f"lamp_{lamp}") for lamp in Lamp},
            )
            return GpiozeroPanel(
                lines,
                chip_labels=chip_labels(section.chip),
                closed_is_low=section.closed_reads == "low",
                lit_is_high=section.lit_is == "high",
            )
        case "sim":
            from bench.sim.panel import SimPanel

            assert plant is not None, "a sim driver has a plant"
            return SimPanel(plant, clock)
    return None
