"""What is said of the reference standard as it answers: whether that can be, and where else it was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from bench.commissioning.machine import Machine
from bench.commissioning.parts import Part, State
from bench.commissioning.plausible import is_dead, is_plausible, values_of
from bench.configuration.config import Config
from bench.errors import BenchError
from bench.ports import ReferenceAnswer, ReferenceSample
from calibration.quantities import Finding


def reference_part(samples: Sequence[ReferenceSample], machine: Machine, fault: Finding | None) -> Part:
    """A reference that answers: whether what it says can be. fault: one that its polls had."""
    answered = [sample for sample in samples if sample.replies]
    values = values_of(answered)
    if answered and is_plausible(values) and fault is None:
        if is_dead(values):
            return Part("reference", "", State.NOTE, "reference_dead")
        return Part("reference", "", State.OK, "reference_reads", _shown(values))
    turned = values_of(machine.turned(sample) for sample in answered)
    if is_plausible(turned) and not is_dead(turned) and not is_plausible(values):
        shown = {**_shown(turned), "order": _other(machine)}
        return Part("reference", "", State.BAD, "reference_turned", shown)
    if fault is not None:
        return Part("reference", "", State.BAD, "reference_faults", finding=fault)
    return Part("reference", "", State.BAD, "reference_implausible", _shown(values))


def _other(machine: Machine) -> str:
    return "little" if machine.word_order == "big" else "big"


def searched_reference(answers: Iterable[ReferenceAnswer], config: Config, error: BenchError) -> Part:
    """A reference that does not answer as configured, after it was searched for.

    A port that cannot be opened is no place to search at; what the driver said of it stands.
    """
    for answer in _as_far_as_open(answers):
        wrong = {
            name: value for name, value in answer.settings if str(getattr(config.reference, name)) != value
        }
        settings = ", ".join(f"{name} = {value}" for name, value in answer.settings)
        change = ", ".join(f"{name} = {_toml(value)}" for name, value in wrong.items())
        if change:
            return Part(
                "reference", "", State.BAD, "reference_elsewhere", {"settings": settings, "change": change}
            )
    return Part("reference", "", State.BAD, "reference_nowhere", {"detail": str(error)})


def _as_far_as_open(answers: Iterable[ReferenceAnswer]) -> Iterator[ReferenceAnswer]:
    with suppress(BenchError):
        yield from answers


def found_part(answer: ReferenceAnswer, machine: Machine) -> Part:
    """One answer of a search, and whether its values make sense."""
    settings = ", ".join(f"{name} = {value}" for name, value in answer.settings)
    values, turned = values_of(answer.polls), values_of(answer.turned)
    if is_plausible(values):
        sense = "@sense_zero" if is_dead(values) else "@sense_yes"
        return Part("reference", "", State.OK, "found_at", {"settings": settings, "sense": sense})
    if is_plausible(turned) and not is_dead(turned):
        return Part(
            "reference", "", State.NOTE, "found_at_turned", {"settings": settings, "order": _other(machine)}
        )
    return Part("reference", "", State.NOTE, "found_at", {"settings": settings, "sense": "@sense_no"})


def _shown(values: Mapping[str, float]) -> dict[str, str]:
    names = {"voltage": "voltage_V", "current": "current_A", "power": "power_W", "frequency": "frequency_Hz"}
    return {name: f"{values[key]:.5g}" if key in values else "—" for name, key in names.items()}


def _toml(value: str) -> str:
    return value if value.isdigit() else f'"{value}"'
