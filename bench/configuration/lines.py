"""The pulse lines of bench.toml: how each is wired, and for how long a contact is debounced."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TypeVar

from bench.errors import OperatorError
from bench.toml_reader import setting
from calibration.quantities import FALLING, RISING

_CONTACT_DEBOUNCE_US = 3000
"""Reed contacts bounce for a millisecond or less, relays for some (unsure)."""


@dataclass(frozen=True, kw_only=True)
class PulseLineSection:
    """One pulse line: how it is wired."""

    driver: str = setting(
        "what the line is wired to; results from gpiozero and file are informative",
        choices=("gpiod", "gpiozero", "file", "sim"),
    )
    chip: str = setting("gpiod: label of the GPIO chip, such as pinctrl-rp1; empty: any Pi header", "")
    line: str = setting("gpiod and gpiozero: GPIO number or name, such as GPIO17", "")
    bias: str = setting(
        "gpiod and gpiozero: bias", "pull_up", choices=("pull_up", "pull_down", "disabled", "as_is")
    )
    output_type: str = setting(
        "what gives the pulses: opto (opto-coupled transistor, such as S0), led (optical head) or contact (reed, "
        "relay); only a contact is debounced",
        "opto",
        choices=("opto", "led", "contact"),
    )
    debounce_us: int | None = setting(
        "gpiod, contact: how long the kernel waits until a change counts (0 is off); without it 3000 (unsure); it is "
        "recorded",
        None,
        low=0,
        high=100_000,
    )
    path: str = setting(
        "file: a recording (bench record, or a raw file of a run), which is played again from its start, or a FIFO of "
        "kernel edge records",
        "",
    )


@dataclass(frozen=True, kw_only=True)
class PpsSection(PulseLineSection):
    """A line with one pulse a second."""

    edge: str = setting("which edge is the second", "rising", choices=("rising", "falling"))
    U_ppm: float = setting(
        "expanded uncertainty (k = 2) of its own rate; 0.001 is a satellite receiver that has a fix (unsure)",
        0.001,
        above=0,
        high=10,
    )

    @property
    def edge_kind(self) -> int:
        """RISING or FALLING of `calibration.quantities`."""
        return RISING if self.edge == "rising" else FALLING


Line = TypeVar("Line", bound=PulseLineSection)


def debounced(line: Line) -> Line:
    """With the time that a line is debounced for, which follows from its type where it is not set: so it is in the
    record, which a later version with another figure must not change."""
    if line.debounce_us is not None:
        return line
    asks = line.driver == "gpiod" and line.output_type == "contact"
    return dataclasses.replace(line, debounce_us=_CONTACT_DEBOUNCE_US if asks else 0)


def check_line(line: PulseLineSection, where: str) -> None:
    """What the driver of a pulse line needs, and what would only hide something. Errors: OperatorError."""
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


def gpio_number(line: str) -> str:
    """A GPIO line by its number, however it is written: GPIO17, 17; other names as they are."""
    number = line.strip().upper().removeprefix("GPIO")
    return str(int(number)) if number.isdecimal() else line
