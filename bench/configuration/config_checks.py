"""What no single table of bench.toml can tell: settings that belong together, or cannot be together, across tables.

`config.py` calls it for every configuration that it reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.configuration.laboratory import check_laboratory
from bench.configuration.lines import check_line, gpio_number
from bench.configuration.load_source import check_source
from bench.configuration.panel import check_panel, panel_lines
from bench.configuration.positions import check_positions
from bench.configuration.reference import check_reference
from bench.errors import OperatorError

if TYPE_CHECKING:
    from bench.configuration.config import Config


def check(config: Config, where: str) -> None:
    """where: the file, for the message. Errors: OperatorError, one line, for the first thing that cannot be."""
    check_positions(config.position, where)
    check_reference(config.reference, where)
    try:
        config.repeatability.as_pooled()
    except OperatorError as error:
        raise OperatorError(f"{where}: {error}") from error
    check_source(config.load_source, where, may_be_simulated=config.simulation.servers)
    _check_gpio_lines(config, where)
    if (config.environment.driver == "hwmon") != bool(config.environment.chip):
        raise OperatorError(f"{where}: [environment] driver = 'hwmon' and chip belong together")
    if config.clock.pps is not None:
        check_line(config.clock.pps, f"{where}: [clock.pps]")
    check_panel(config.panel, where)
    check_laboratory(config.laboratory, config.bench.id, where)
    _check_simulation(config, where)


def _check_simulation(config: Config, where: str) -> None:
    simulated = [driver == "sim" for driver in config.drivers]
    virtual = config.clock.driver == "simulated"
    if config.environment.driver == "sim" and not all(simulated):
        raise OperatorError(
            f"{where}: [environment] driver = 'sim' is for a simulated bench; set typed, or hwmon with its chip"
        )
    if virtual and not all(simulated):
        raise OperatorError(
            f"{where}: the simulated clock moves simulated devices only; set clock.driver = 'system'"
        )
    if any(simulated) and not virtual and not config.simulation.servers:
        raise OperatorError(
            f"{where}: sim drivers need clock.driver = 'simulated' or simulation.servers = true"
        )
    if config.simulation.servers and config.simulation.speed != 1.0:
        raise OperatorError(f"{where}: simulation.servers works at speed 1 only; set simulation.speed = 1")
    if virtual and config.simulation.servers:
        raise OperatorError(
            f"{where}: real servers keep real time; with simulation.servers = true set clock.driver = 'system'"
        )


def gpio_lines(config: Config) -> Iterator[tuple[str, str, str]]:
    """Every GPIO line that is used: what for, label of its chip (empty: any Pi header), number or name."""
    for name, pulses in config.lines.items():
        if pulses.driver in ("gpiod", "gpiozero"):
            yield f"pulse line {name}", pulses.chip, gpio_number(pulses.line)
    panel, source = config.panel, config.load_source
    for name in panel_lines(panel):
        yield f"[panel] {name}", panel.chip, gpio_number(getattr(panel, name))
    if source.driver == "relays":
        if source.contactor is not None:
            yield "[load_source.contactor]", source.chip, gpio_number(source.contactor.line)
        for number, relay in enumerate(source.relay, 1):
            yield f"[[load_source.relay]] no. {number}", source.chip, gpio_number(relay.line)


def _check_gpio_lines(config: Config, where: str) -> None:
    """No line for two things: the kernel would refuse it only after the first of them has been driven."""
    used: dict[tuple[str, str], str] = {}
    for what, chip, line in gpio_lines(config):
        if (other := used.setdefault((chip, line), what)) != what:
            raise OperatorError(f"{where}: {other} and {what} name the same line, {line}; each needs its own")
