"""The part of the composition root that commissioning needs: the machine itself, put together from the drivers."""

from __future__ import annotations

from collections.abc import Iterator

from bench.app_lines import chip_labels
from bench.app_reference import configured_profile
from bench.clock import SystemClock
from bench.commissioning.machine import Machine
from bench.configuration.config import Config
from bench.errors import BenchError
from bench.ports import Clock, PulseInput, PulseOutput, ReferenceAnswer


def machine_of(config: Config) -> Machine:
    """What commissioning asks of this machine beside the devices that the configuration names."""
    from firmware_io.gpio_chips import gpio_chips
    from firmware_io.gpio_edges import GpioLine
    from firmware_io.gpio_output import GpioOutput
    from firmware_io.reference_search import over_serial, over_tcp
    from firmware_io.serial_line import serial_ports

    profile = configured_profile(config)
    section = config.reference

    def search(clock: Clock, port: str) -> Iterator[ReferenceAnswer]:
        if port or section.serial_port:
            return over_serial(profile, port or section.serial_port, clock, section.device_id)
        if section.host:
            return over_tcp(profile, section.host, section.port, clock, section.device_id)
        return iter(())

    def loopback(output: str, line: str) -> tuple[PulseOutput, PulseInput]:
        labels = chip_labels(next((each.chip for each in config.lines.values() if each.chip), ""))
        counted = GpioLine(line, chip_labels=labels, bias="as_is")
        try:
            return GpioOutput(output, chip_labels=labels), counted
        except BenchError:
            counted.close()
            raise

    return Machine(
        clock=SystemClock(),
        chips=gpio_chips,
        serial_ports=serial_ports,
        word_order=profile.registers.word_order,
        turned=lambda sample: profile.registers.turned().decode(sample.replies),
        search=search,
        loopback=loopback,
    )
