"""`bench check --find`: what is connected, whatever the configuration says of it."""

from __future__ import annotations

from collections.abc import Iterator

from bench.app_machine import machine_of
from bench.commissioning.machine_parts import machine_parts
from bench.commissioning.parts import Part, State, broken
from bench.commissioning.reference_part import found_part
from bench.configuration.config import Config
from bench.errors import InstrumentError
from bench.ports import Clock


def find(config: Config, clock: Clock, ports: tuple[str, ...]) -> Iterator[Part]:
    """What is connected, whatever the configuration says of it: chips, ports, and a reference standard of the
    configured model on each of `ports` (none: on all serial ports, or its address). It only reads."""
    machine = machine_of(config)
    yield from machine_parts(machine)
    searched = ports or tuple(p.stable_path or p.path for p in machine.serial_ports())
    if config.reference.host and not ports:
        searched = ("", *searched)
    for port in searched:
        path = port or config.reference.host
        try:
            answer = next(iter(machine.search(clock, port)), None)
        except InstrumentError as error:
            yield broken("serial", path, error)
            continue
        if answer is None:
            values = {"path": path, "profile": config.reference.profile}
            yield Part("reference", "", State.NOTE, "found_nothing", values)
        else:
            yield found_part(answer, machine)


def is_found(part: Part) -> bool:
    """Whether it is a reference standard that answers with values that can be."""
    return part.kind == "reference" and part.state is State.OK
