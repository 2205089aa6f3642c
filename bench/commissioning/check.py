"""The whole check of a bench: what is there, what its parts do, and what it can verify.

The order: the machine and the state folder, which need no device of the configuration; then every device by itself,
watched for some seconds without a load; then, if a current is given, the reference standard under a stepped load. A
part that is missing or broken is told, and the others are looked at all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from bench.app_machine import machine_of
from bench.before_run.countable import USABLE_SHARE, hertz, known_lossless_Hz
from bench.canonical import JsonObject
from bench.commissioning.devices import Devices, Load
from bench.commissioning.edge_rate import EdgeRate, measure_edge_rate
from bench.commissioning.machine import Machine
from bench.commissioning.machine_parts import disk_part, machine_parts
from bench.commissioning.parts import Part, State, broken
from bench.commissioning.reference import ReferenceCheck
from bench.commissioning.suitability import ClassSuitability, TypicalMeter, as_measured, suitability
from bench.configuration.config import Config
from bench.configuration.config_checks import gpio_lines
from bench.configuration.lines import gpio_number
from bench.errors import BenchError, OperatorError
from bench.ports import Clock
from bench.records.frozen import to_json
from bench.records.software import software_identity
from bench.registry import commissioning as bench_card
from bench.registry.standing import registered
from calibration.quantities import SECONDS_PER_HOUR
from calibration.reference_standard import ReferenceCard
from calibration.rule_files import load_rule_set

ASSUMED_LOSSLESS_HZ = 2000.0
"""Pulses a second that a line is taken to carry where it was not measured, half of which is used (unsure: no
trustworthy figure exists for each Raspberry Pi)."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be checked. seconds: how long the lines are watched without a load; load: None for none.

    loopback: output and input line of a loopback, by name.
    """

    seconds: float = 5.0
    load: Load | None = None
    rule_set: str = "jjg596-2012"
    loopback: tuple[str, str] | None = None
    meter: TypicalMeter = field(default_factory=TypicalMeter)


@dataclass(frozen=True, slots=True)
class BenchCheck:
    """reference: None without a load; lossless_Hz: of this check or, unless it measured, of the bench's card."""

    bench: str
    wall_time: str
    parts: tuple[Part, ...]
    latency: ReferenceCheck | None
    reference: ReferenceCheck | None
    edge_rate: EdgeRate | None
    lossless_Hz: float | None
    rule_set: str
    meter: TypicalMeter
    classes: tuple[ClassSuitability, ...]

    @property
    def troubles(self) -> int:
        """How much there is to see to."""
        disagreeing = 0 if self.reference is None else sum(not c.agrees for c in self.reference.comparisons)
        faults = 0 if self.reference is None else len(self.reference.faults)
        return sum(p.state is State.BAD for p in self.parts) + disagreeing + faults

    @property
    def agrees(self) -> bool:
        """Whether all is well."""
        return self.troubles == 0


def check_bench(config: Config, wishes: Wishes, tell: Callable[[str], None], language: str) -> BenchCheck:
    """Errors: OperatorError for a configuration or a rule set that cannot be; all else is told part by part."""
    rules = load_rule_set(wishes.rule_set)
    config = registered(config)
    machine = machine_of(config)
    real_clock = machine.clock
    earlier = _earlier_record(config)
    parts = [*machine_parts(machine), disk_part(config, real_clock)]
    edge_rate = None
    if wishes.loopback is not None:
        _require_free(config, wishes.loopback[0])
        edge_rate, told = _loopback(machine, wishes.loopback, real_clock)
        parts.append(told)
    lossless_Hz = known_lossless_Hz(earlier) if edge_rate is None else edge_rate.lossless_Hz or None
    if edge_rate is None:
        parts.append(_rate_part(earlier, lossless_Hz))
    bench = Devices(config, machine, wishes.seconds, wishes.load, tell, language)
    parts += bench.look()
    behaviour = None if bench.reference is None else bench.reference.behaviour
    card = as_measured(config.reference.card.as_card(), behaviour)
    parts += _reference_pulse_parts(config, card, wishes, lossless_Hz)
    return BenchCheck(
        bench=config.bench.id,
        wall_time=real_clock.state().wall_time,
        parts=tuple(parts),
        latency=bench.latency,
        reference=bench.reference,
        edge_rate=edge_rate,
        lossless_Hz=lossless_Hz,
        rule_set=rules.name,
        meter=wishes.meter,
        classes=suitability(config, card, rules, wishes.meter, lossless_Hz, bench.makes),
    )


def _earlier_record(config: Config) -> JsonObject | None:
    """The last commissioning's; a registry that cannot be read is told by the part of the disk."""
    try:
        return bench_card.latest(config.state_dir)
    except BenchError:
        return None


def _require_free(config: Config, output: str) -> None:
    """Driven is only what the configuration has no use for: pulses on the line of a contactor, or of its timer's feed,
    would put a load on that nobody has asked for. Errors: OperatorError."""
    for what, _, line in gpio_lines(config):
        if line == gpio_number(output):
            raise OperatorError(
                f"--loopback would drive {output}, which is the line of {what}; take an output that is free"
            )


def _loopback(machine: Machine, lines: tuple[str, str], clock: Clock) -> tuple[EdgeRate | None, Part]:
    try:
        output, line = machine.loopback(*lines)
        with closing(output), closing(line):
            found = measure_edge_rate(output, line, clock)
    except BenchError as error:
        return None, broken("edge_rate", "", error)
    return found, found.part()


def _rate_part(earlier: JsonObject | None, lossless_Hz: float | None) -> Part:
    if earlier is None or lossless_Hz is None:
        return Part("edge_rate", "", State.NOTE, "rate_unknown")
    values = {"when": str(earlier["edge_rate"]["measured"])[:10], "lossless": hertz(lossless_Hz)}
    return Part("edge_rate", "", State.OK, "rate_known", values)


def _reference_pulse_parts(
    config: Config, card: ReferenceCard, wishes: Wishes, lossless_Hz: float | None
) -> Iterator[Part]:
    """Whether the line can carry the reference's pulses at the highest load of this bench."""
    per_Wh = card.reference_pulses_per_Wh
    if config.reference.pulses is None or per_Wh is None:
        return
    power_W = _highest_power_W(config, wishes)
    rate_Hz = per_Wh * power_W / SECONDS_PER_HOUR
    allowed_Hz = USABLE_SHARE * (ASSUMED_LOSSLESS_HZ if lossless_Hz is None else lossless_Hz)
    values = {
        "rate": hertz(rate_Hz),
        "power": f"{power_W:.0f}",
        "allowed": hertz(allowed_Hz),
    }
    if rate_Hz > allowed_Hz:
        yield Part("reference_pulses", "", State.BAD, "pulses_too_fast", values)
    else:
        yield Part("reference_pulses", "", State.OK, "pulses_fit", values)


def _highest_power_W(config: Config, wishes: Wishes) -> float:
    """By the limits of the load, as far as they are set; else of the meter that the table is about."""
    limits, meter = config.load_source.limits, wishes.meter
    if limits.highest_power_VA is not None:
        return limits.highest_power_VA
    voltage_V = limits.highest_voltage_V or meter.voltage_V
    return voltage_V * (limits.highest_current_A or meter.maximum_current_A)


def as_record(check: BenchCheck, config: Config) -> JsonObject:
    """What is kept of a check on the bench's card: what was measured, and with which configuration and program.

    A rate that this check has not measured is taken over from the last record, with its day; so it is where nothing
    came, for a loopback that is not wired says nothing of the lines.
    """
    earlier = _earlier_record(config) or {}
    rate = earlier.get("edge_rate")
    if check.edge_rate is not None and check.edge_rate.lossless_Hz > 0.0:
        rate = {**to_json(check.edge_rate), "measured": check.wall_time}
    return {
        "bench": check.bench,
        "software": software_identity(),
        "configuration": to_json(config),
        "all_well": check.agrees,
        "parts": [to_json(part) for part in check.parts],
        "without_load": to_json(check.latency),
        "reference": to_json(check.reference),
        "edge_rate": rate,
        "rule_set": check.rule_set,
        "meter": to_json(check.meter),
        "classes": [{**to_json(row), "able": row.able.value} for row in check.classes],
    }
