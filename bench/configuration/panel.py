"""`[panel]` of bench.toml: contacts, lamps and the contactor's feed at the bench."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from bench.errors import OperatorError
from bench.toml_reader import setting

_CONTACT = "line of the {}; empty: not wired"
_LAMP = "line of the tower lamp for {}; empty: not wired"


@dataclass(frozen=True)
class PanelSection:
    """Lines by GPIO number or name, such as GPIO17."""

    driver: str = setting(
        "none, gpiozero, or sim (a panel with a start button that is pressed now and then)",
        "none",
        choices=("none", "gpiozero", "sim"),
    )
    chip: str = setting("label of the GPIO chip, such as pinctrl-rp1; empty: any Pi header", "")
    emergency_stop: str = setting(
        _CONTACT.format("emergency stop's contact, closed while it is released"), ""
    )
    cover: str = setting(_CONTACT.format("cover's contact, closed while the cover is"), "")
    start_button: str = setting(
        _CONTACT.format(
            "start button, closed while it is pressed; where it is wired, only its press arms the bench"
        ),
        "",
    )
    stop_button: str = setting(_CONTACT.format("stop button, closed while it is pressed; ends the run"), "")
    closed_reads: str = setting(
        "level of a closed contact: low (to ground, with the chip's pull-up), or high (to 3.3 V, with its pull-down); "
        "either way a broken wire reads as an open contact",
        "low",
        choices=("low", "high"),
    )
    contactor_feed: str = setting(
        "line whose edges feed the retriggerable timer that holds the contactor; empty: not wired", ""
    )
    lamp_idle: str = setting(_LAMP.format("idle"), "")
    lamp_live_voltage: str = setting(_LAMP.format("live voltage, lit while measuring, too"), "")
    lamp_measuring: str = setting(_LAMP.format("measuring"), "")
    lamp_pass: str = setting(_LAMP.format("PASS"), "")
    lamp_fail: str = setting(_LAMP.format("FAIL"), "")
    lamp_invalid: str = setting(_LAMP.format("INVALID"), "")
    buzzer: str = setting("line of the buzzer; empty: not wired", "")
    lit_is: str = setting("level that lights a lamp and sounds the buzzer", "high", choices=("low", "high"))
    start_within_s: float = setting(
        "how long a press at the bench is waited for, and a contact that is open; then the run ends INVALID",
        600.0,
        low=1,
        high=86_400,
    )


def panel_lines(panel: PanelSection) -> list[str]:
    """Names of the settings that name a line."""
    others = ("driver", "chip", "closed_reads", "lit_is", "start_within_s")
    return [s.name for s in dataclasses.fields(panel) if s.name not in others and getattr(panel, s.name)]


def check_panel(panel: PanelSection, where: str) -> None:
    """Lines are for a panel that is wired. Errors: OperatorError."""
    if panel.driver != "gpiozero" and (wired := panel_lines(panel)):
        raise OperatorError(
            f"{where}: [panel] names a line for {', '.join(wired)}, but driver = '{panel.driver}' uses none; "
            "set driver = 'gpiozero'"
        )
