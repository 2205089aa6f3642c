"""What the profiles of all programmable load sources have in common: [profile], [limits], and what comes of them.

A profile is a TOML file of one model, in `source_profiles/` or anywhere else. What else is in it depends on the wire:
`modbus_source_profiles.py`, `line_source_profiles.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bench.errors import OperatorError
from bench.toml_reader import setting
from calibration.nameplate import Wiring
from firmware_io.profile_files import profile_text
from firmware_io.source_values import SourceLimits, SourceRange, why_wrong

_LONGEST_PAUSE_S = 60.0


def source_profile_text(name_or_path: str) -> str:
    """The TOML of a profile, by the name of its model or from a file. Errors: OperatorError."""
    return profile_text("source_profiles", "source", name_or_path)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHead:
    """[profile]"""

    maker: str = setting("who makes it")
    model: str = setting("which model")
    source: str = setting("where these figures were found")
    silence_s: float = setting("pause between two requests", 0.0, low=0.0, high=_LONGEST_PAUSE_S, unit="s")
    follows_within_s: float = setting(
        "how long its output may take to follow", 2.0, low=0.0, high=_LONGEST_PAUSE_S, unit="s"
    )
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProfile:
    """A model of source, whatever its wire.

    source: where its figures were found. silence_s: pause the device wants between two requests; follows_within_s: how
    long its output may take to follow. unsure: the figures of the file that no source confirms, by name.
    """

    range: SourceRange
    source: str
    silence_s: float
    follows_within_s: float
    unsure: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.range.name


def source_range(
    limits: SourceLimits, name: str, told: Iterable[tuple[str, float]], within_pct: float
) -> SourceRange:
    """What the source of a profile can make.

    told: each field that it is told, and the step in which it is; 0 where that is finer than any.
    Errors: OperatorError.
    """
    told = list(told)
    steps = dict(told)
    if len(steps) != len(told):
        raise OperatorError(f"profile {name}: a quantity is set twice; name each once")
    if not limits.wirings:
        raise OperatorError(
            f"profile {name}: limits: wirings must name one; write how the source can be wired"
        )
    is_polyphase = any(wiring is not Wiring.SINGLE_PHASE for wiring in limits.wirings)
    if (why := why_wrong(steps, is_polyphase=is_polyphase)) is not None:
        raise OperatorError(f"profile {name}: {why}")
    current_steps_A = (step for field, step in steps.items() if field.startswith("current"))
    return SourceRange(name, frozenset(steps), limits, max(current_steps_A, default=0.0), within_pct)
