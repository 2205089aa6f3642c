"""`bench look`: what each pulse line shows just now, in one sentence, held against what the reference reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.commissioning.words import word
from bench.configuration.config import Config
from bench.errors import InstrumentError, OperatorError
from bench.line_names import REFERENCE_LINE
from bench.plans.plan import CheckedPlan
from bench.ports import HasLevel, MeterPort, PulseInput
from bench.process import MeasuringProcess
from calibration.line_look import LineLook, Look, look_at, swapped, usual_constant
from calibration.quantities import NS_PER_S, WH_PER_KWH, WS_PER_KWH

_IDLE_IS_HIGH = {"pull_up": True, "pull_down": False}
_DEBOUNCE_FACTOR = 2.0
_COARSEST_DEBOUNCE_US = 500
_LEAST_POWER_W = 1.0
"""Below it nothing is compared: the reference reads its own zero."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One line as it was seen. level: high or low, None where nobody reads it; seconds: how long it was watched.

    constant: of the meter that should hang there, where it is known; power_W: what the reference reads, where it does;
    swapped_with: the line whose meter this is.
    """

    line: str
    look: LineLook
    seconds: float
    level: str | None
    constant_imp_per_kWh: float | None
    power_W: float | None
    swapped_with: str | None = None

    @property
    def is_well(self) -> bool:
        """Whether it gives pulses, of the rate that constant and power ask for where both are known."""
        if self.look.what is not Look.PULSES or self.look.lost:
            return False
        if self.constant_imp_per_kWh is None or self.power_W is None:
            return True
        return self.look.fits(self.constant_imp_per_kWh, self.power_W)

    def sentence(self, language: str) -> str:
        """What is seen, and what to do about it."""
        look = self.look
        said = word(self._key(), language, **self._values(language))
        if look.what is Look.PULSES:
            said += self._compared(language)
        if look.lost:
            said += word("look_lost", language, lost=look.lost)
        return said

    def _key(self) -> str:
        if self.look.what is Look.NOTHING and self.level is not None:
            return "look_nothing_level"
        if self.look.what is Look.NOISE and self.look.mains_Hz is not None:
            return "look_mains"
        return f"look_{self.look.what}"

    def _values(self, language: str) -> dict[str, str]:
        look = self.look
        bounce_s = look.bounce_s or 0.0
        debounce_us = max(_DEBOUNCE_FACTOR * bounce_s * 1e6, _COARSEST_DEBOUNCE_US)
        return {
            "edges": str(look.edges),
            "pulses": str(look.pulses),
            "seconds": f"{self.seconds:.0f}",
            "level": "" if self.level is None else word(self.level, language),
            "rate": "" if look.rate_Hz is None else f"{look.rate_Hz:.3g}",
            "width": "" if look.width_s is None else _milliseconds(look.width_s),
            "bounce": f"{bounce_s * 1e3:.2g}",
            "debounce": f"{round(debounce_us, -2):.0f}",
            "mains": "" if look.mains_Hz is None else f"{look.mains_Hz:g}",
        }

    def _compared(self, language: str) -> str:
        """What the rate means by the constant and by the reference's power."""
        look, constant, power_W = self.look, self.constant_imp_per_kWh, self.power_W
        values = {
            "name": self.line,
            "other": self.swapped_with or "",
            "reference": "" if power_W is None else power_text(power_W),
        }
        if constant is None:
            if power_W is None:
                return ""
            usual = usual_constant(look, power_W)
            key = "look_reference" if usual is None else "look_constant_by_reference"
            return word(key, language, **values, usual=_constant(usual or 0))
        at_constant = look.power_W(constant)
        assert at_constant is not None, "there is a rate"
        said = word("look_power", language, power=power_text(at_constant), constant=_constant(constant))
        if power_W is None:
            return said
        if look.fits(constant, power_W):
            return said + word("look_agrees", language, **values)
        if self.swapped_with is not None:
            return said + word("look_swapped", language, **values)
        usual = usual_constant(look, power_W)
        if usual is not None:
            return said + word("look_wrong_constant", language, **values, usual=_constant(usual))
        found = look.constant_imp_per_kWh(power_W)
        return said + word("look_disagrees", language, **values, found=_constant(found or 0.0))


def sightings(
    process: MeasuringProcess, lines: Sequence[str], constants_imp_per_kWh: Mapping[str, float], since_ns: int
) -> tuple[Sighting, ...]:
    """What the lines have shown since an instant."""
    now_ns = process.clock.now_ns()
    seconds = (now_ns - since_ns) / NS_PER_S
    power_W = _mean_power_W(process, since_ns)
    looks, levels = {}, {}
    for name in lines:
        line, edges = process.equipment.pulse_inputs[name], process.acquisition.edges[name].since(0)
        constant = constants_imp_per_kWh.get(name)
        expected_Hz = None if constant is None or power_W is None else constant * power_W / WS_PER_KWH
        levels[name] = _level(line)
        looks[name] = look_at(
            edges.between(since_ns, now_ns), _is_active(process.config, name, levels[name]), expected_Hz
        )
    pairs = () if power_W is None else swapped(looks, constants_imp_per_kWh, power_W)
    measuring = {REFERENCE_LINE, *(p.name for p in process.config.position)}
    others = dict(pairs) | {b: a for a, b in pairs}
    return tuple(
        Sighting(
            name,
            looks[name],
            seconds,
            levels[name],
            constants_imp_per_kWh.get(name),
            power_W if name in measuring else None,
            others.get(name),
        )
        for name in lines
    )


def _mean_power_W(process: MeasuringProcess, since_ns: int) -> float | None:
    store = process.acquisition.power_W
    polls = store.since(store.index_at(since_ns))
    if not len(polls):
        return None
    power_W = float(polls.value.mean())
    return power_W if power_W >= _LEAST_POWER_W else None


def _level(line: PulseInput) -> str | None:
    if not isinstance(line, HasLevel):
        return None
    return "high" if line.is_high() else "low"


def _is_active(config: Config, name: str, level: str | None) -> bool | None:
    """Whether a line is at the level that its bias does not give it."""
    idle_is_high = _IDLE_IS_HIGH.get(config.lines[name].bias)
    return None if level is None or idle_is_high is None else (level == "high") != idle_is_high


def lines_of(config: Config, positions: Sequence[str]) -> tuple[str, ...]:
    """The lines to look at: those named, else all. Errors: OperatorError for one that is not there."""
    for name in positions:
        if name not in config.lines:
            raise OperatorError(f"there is no line {name!r}; there are {', '.join(config.lines)}")
    return tuple(positions or config.lines)


def given_constants(config: Config, given: Sequence[str]) -> dict[str, float]:
    """Constants (imp/kWh) by position, given as `POSITION=VALUE` or for all. Errors: OperatorError for what is none."""
    names = [p.name for p in config.position]
    constants: dict[str, float] = {}
    for text in given:
        position, _, value = text.rpartition("=")
        constant = _number(text, value)
        if position and position not in names:
            raise OperatorError(
                f"--constant {text}: there is no position {position!r}; there are {', '.join(names)}"
            )
        constants |= dict.fromkeys([position] if position else names, constant)
    return constants


def constants_of(
    config: Config, plan: CheckedPlan | None, given: Mapping[str, float], ports: Mapping[str, MeterPort]
) -> dict[str, float]:
    """Constants (imp/kWh at the terminals) by line: as given, else of a plan, else told by the meters."""
    constants: dict[str, float] = {}
    for name, port in ports.items():
        try:
            told = port.read().meter_constant_imp_per_kWh
        except InstrumentError:
            continue  # `bench check` tells which port gives no answer
        if told is not None:
            constants[name] = float(told)
    if plan is not None:
        constants |= {p: m.constant_at_terminals_imp_per_kWh for p, m in plan.meters.items()}
    constants |= given
    per_Wh = config.reference.card.as_card().reference_pulses_per_Wh
    if per_Wh is not None:
        constants[REFERENCE_LINE] = per_Wh * WH_PER_KWH
    return constants


def _number(text: str, value: str) -> float:
    try:
        constant = float(value)
    except ValueError:
        constant = 0.0
    if not 0.0 < constant < 1e12:
        raise OperatorError(f"--constant {text}: write POSITION=1200, or 1200 for all positions")
    return constant


def _milliseconds(seconds: float) -> str:
    ms = seconds * 1e3
    return f"{ms:.0f} ms" if ms >= 10 else f"{ms:.2g} ms"


def power_text(power_W: float) -> str:
    """Three digits, in W or kW."""
    return f"{power_W / 1000:.3g} kW" if power_W >= 1000 else f"{power_W:.3g} W"


def _constant(constant: float) -> str:
    return f"{constant:,.0f}" if constant >= 1 else f"{constant:g}"
