"""What no single setting of bench.toml can tell: settings that belong together, or cannot be together.

`config.py` calls it for every configuration that it reads.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.dates import require_day
from bench.errors import OperatorError
from bench.line_names import CLOCK_SUFFIX, PPS_LINE, REFERENCE_LINE

if TYPE_CHECKING:
    from bench.configuration.config import (
        CardSection,
        Config,
        LoadSourceSection,
        PanelSection,
        PositionSection,
        PulseLineSection,
        ReferenceSection,
    )

_POSITION_NAME = re.compile(r"[\w.-]{1,40}")
_MOST_RELAYS = 12


def check(config: Config, where: str) -> None:
    """where: the file, for the message. Errors: OperatorError, one line, for the first thing that cannot be."""
    _check_names(config, where)
    _check_buses(config, where)
    _check_reference(config.reference, where)
    for position in config.position:
        _check_position(position, f"{where}: position {position.name}")
    try:
        config.repeatability.as_pooled()
    except OperatorError as error:
        raise OperatorError(f"{where}: {error}") from error
    check_source(config.load_source, where, may_be_simulated=config.simulation.servers)
    _check_gpio_lines(config, where)
    if (config.environment.driver == "hwmon") != bool(config.environment.chip):
        raise OperatorError(f"{where}: [environment] driver = 'hwmon' and chip belong together")
    if config.clock.pps is not None:
        _check_line(config.clock.pps, f"{where}: [clock.pps]")
    if config.panel.driver != "gpiozero" and (wired := _panel_lines(config.panel)):
        raise OperatorError(
            f"{where}: [panel] names a line for {', '.join(wired)}, but driver = '{config.panel.driver}' uses none; "
            "set driver = 'gpiozero'"
        )
    _check_simulation(config, where)


def _check_names(config: Config, where: str) -> None:
    names = [p.name for p in config.position]
    if not names:
        raise OperatorError(f"{where}: there is no [[position]]; add one for each wired test output")
    if len(set(names)) != len(names):
        raise OperatorError(f"{where}: two positions have the same name; names must differ")
    for name in names:
        if not _POSITION_NAME.fullmatch(name):
            raise OperatorError(
                f"{where}: position {name!r}: a name is 1 to 40 letters, digits, '_', '-' or '.' (it names files)"
            )


def _check_reference(reference: ReferenceSection, where: str) -> None:
    if reference.driver == "modbus" and bool(reference.host) == bool(reference.serial_port):
        raise OperatorError(f"{where}: [reference] needs either host or serial_port")
    if reference.energy == "reactive" and reference.power == "phase_1":
        raise OperatorError(
            f"{where}: [reference] power = 'phase_1' is active power; with energy = 'reactive' leave it out"
        )
    _check_host(reference.host, f"{where}: [reference]")
    if reference.card.valid_until:
        require_day(reference.card.valid_until, f"{where}: [reference.card] valid_until")
    if not reference.card_id:
        _check_card(reference.card, where)
    if reference.pulses is not None:
        _check_line(reference.pulses, f"{where}: [reference.pulses]")
        if reference.card.reference_pulse_constant_imp_per_Wh is None:
            raise OperatorError(f"{where}: [reference.card] needs reference_pulse_constant_imp_per_Wh")


def _check_card(card: CardSection, where: str) -> None:
    """The whole card, where no equipment card has the rest."""
    for name in ("model", "serial"):
        if not getattr(card, name):
            raise OperatorError(
                f"{where}: [reference.card] {name} is missing; give it, or card_id in [reference]"
            )
    try:
        card.as_card()
    except OperatorError as error:
        raise OperatorError(f"{where}: {error}") from error


def _check_simulation(config: Config, where: str) -> None:
    simulated = [driver == "sim" for driver in config.drivers]
    virtual = config.clock.driver == "simulated"
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


def _panel_lines(panel: PanelSection) -> list[str]:
    """Names of the settings that name a line."""
    others = ("driver", "chip", "closed_reads", "lit_is", "start_within_s")
    return [s.name for s in dataclasses.fields(panel) if s.name not in others and getattr(panel, s.name)]


def gpio_number(line: str) -> str:
    """A GPIO line by its number, however it is written: GPIO17, 17; other names as they are."""
    number = line.strip().upper().removeprefix("GPIO")
    return str(int(number)) if number.isdecimal() else line


def gpio_lines(config: Config) -> Iterator[tuple[str, str, str]]:
    """Every GPIO line that is used: what for, label of its chip (empty: any Pi header), number or name."""
    for name, pulses in config.lines.items():
        if pulses.driver in ("gpiod", "gpiozero"):
            yield f"pulse line {name}", pulses.chip, gpio_number(pulses.line)
    panel, source = config.panel, config.load_source
    for name in _panel_lines(panel):
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


def _check_position(position: PositionSection, where: str) -> None:
    if position.name == REFERENCE_LINE:
        raise OperatorError(f"{where}: this name is kept for the reference's pulses")
    if position.name == PPS_LINE:
        raise OperatorError(f"{where}: this name is kept for the pulses of each second ([clock.pps])")
    if position.name.endswith(CLOCK_SUFFIX):
        raise OperatorError(f"{where}: names that end in {CLOCK_SUFFIX} are kept for clock outputs")
    _check_line(position, where)
    if position.clock_output is not None:
        _check_line(position.clock_output, f"{where}: [position.clock_output]")
    if position.driver != "sim" and "sim" in (
        position.meter_port,
        position.clock_output and position.clock_output.driver,
    ):
        raise OperatorError(f"{where}: a simulated meter_port or clock_output needs driver = 'sim'")
    if (position.meter_port in ("dlt645", "iec62056-21")) != (position.meter_serial is not None):
        raise OperatorError(
            f"{where}: [position.meter_serial] and meter_port = 'dlt645' or 'iec62056-21' belong together"
        )
    if position.meter_identity not in ("", "none") and position.meter_port in ("none", "ask"):
        raise OperatorError(
            f"{where}: meter_identity = {position.meter_identity!r} needs a meter_port that the bench reads by itself"
        )
    if position.meter_port == "dlt645" and position.meter_serial is not None:
        address = position.meter_serial.address
        if not re.fullmatch("([0-9]{12})?", address):
            raise OperatorError(
                f"{where}: [position.meter_serial] address is {address!r}; give its 12 digits, or nothing for a meter "
                "alone on its line"
            )
    if len(position.simulated_phase_error_pct) not in (0, 3):
        raise OperatorError(f"{where}: simulated_phase_error_pct has three values, for the phases A, B and C")


def check_source(source: LoadSourceSection, where: str, *, may_be_simulated: bool) -> None:
    """What the driver of the load source needs. Errors: OperatorError."""
    where = f"{where}: [load_source]"
    if source.driver in ("modbus", "serial"):
        if not source.profile:
            raise OperatorError(f"{where} needs profile, such as profile = 'demo-source'")
        wired = bool(source.host) + bool(source.serial_port)
        if wired > 1 or (not wired and not may_be_simulated):
            raise OperatorError(f"{where} needs either host or serial_port")
    if source.driver == "relays":
        _check_relays(source, where)
    _check_host(source.host, where)
    times = (
        source.limits.high_current_A,
        source.limits.longest_at_high_current_s,
        source.limits.rest_after_high_current_s,
    )
    if any(time is None for time in times) and any(time is not None for time in times):
        raise OperatorError(
            f"{where}: in [load_source.limits] high_current_A, longest_at_high_current_s and "
            "rest_after_high_current_s belong together; give all three"
        )


def _check_buses(config: Config, where: str) -> None:
    """Meters that share a serial line are told apart by their addresses."""
    at: dict[tuple[str, str], str] = {}
    for position in config.position:
        if (wire := position.meter_serial) is None:
            continue
        if (wire.port, wire.address) in at:
            raise OperatorError(
                f"{where}: positions {at[wire.port, wire.address]} and {position.name} ask the same address on "
                f"{wire.port}; meters on one line need an address each"
            )
        if any(port == wire.port and "" in (address, wire.address) for port, address in at):
            raise OperatorError(
                f"{where}: position {position.name}: several meters are on {wire.port}, so each needs its address"
            )
        at[wire.port, wire.address] = position.name


def _check_relays(source: LoadSourceSection, where: str) -> None:
    if source.contactor is None:
        raise OperatorError(
            f"{where} needs [load_source.contactor], which takes the voltage off the meters whatever a relay does"
        )
    highest_V = source.limits.highest_voltage_V
    if highest_V is not None and source.contactor.voltage_V > highest_V:
        raise OperatorError(
            f"{where}: the contactor switches {source.contactor.voltage_V:g} V, beyond [load_source.limits] "
            f"highest_voltage_V = {highest_V:g}"
        )
    if not 1 <= len(source.relay) <= _MOST_RELAYS:
        raise OperatorError(f"{where} needs 1 to {_MOST_RELAYS} tables [[load_source.relay]]")
    lines = [source.contactor.line, *(relay.line for relay in source.relay)]
    if any(not line for line in lines) or len(set(lines)) != len(lines):
        raise OperatorError(f"{where}: the contactor and each relay need a line of their own")
    for relay in source.relay:
        if (relay.power_factor == 1.0) != (relay.phase_side == ""):
            raise OperatorError(
                f"{where}: relay on {relay.line}: phase_side belongs to a power factor below 1, and only there"
            )


def _check_host(host: str, where: str) -> None:
    """A name that the resolver would not even look up. Errors: OperatorError."""
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise OperatorError(f"{where} host is {host!r}; give an address or a name") from error


def _check_line(line: PulseLineSection, where: str) -> None:
    if line.driver in ("gpiod", "gpiozero") and not line.line:
        raise OperatorError(f"{where} needs line, such as line = 'GPIO17'")
    if line.driver != "gpiod" and line.debounce_us:
        raise OperatorError(f"{where}: only driver = 'gpiod' has debounce_us; leave it out")
    if line.output_type != "contact" and line.debounce_us:
        raise OperatorError(
            f"{where}: debounce_us is for output_type = 'contact' only: an {line.output_type} output does not bounce, "
            "so it would only hide what disturbs the line, and delay the stamps; leave it out"
        )
    if line.driver == "file" and not line.path:
        raise OperatorError(f"{where} needs path, the pipe or file of edges")
