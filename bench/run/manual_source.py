"""A load source that is a person: the bench says what to set, the reference's read-back confirms it."""

from __future__ import annotations

from collections.abc import Callable

from bench.run.words import word
from calibration.load_points import LoadPoint
from calibration.nameplate import Direction, Quantity


class ManualLoadSource:
    """A `LoadSource`; `tell` shows one line to the technician, in `language` (zh or en)."""

    def __init__(self, tell: Callable[[str], None], language: str) -> None:
        self._tell = tell
        self._language = language
        self._is_applied = False

    def apply(self, load_point: LoadPoint) -> None:
        self._is_applied = True
        self._tell(set_load_text(load_point, self._language))

    def remove(self) -> None:
        if self._is_applied:
            self._is_applied = False
            self._tell(word("load_off", self._language))

    def close(self) -> None:
        self.remove()


def set_load_text(load_point: LoadPoint, language: str) -> str:
    """What a person must set for a load: voltage alone, one phase loaded, or all."""
    voltage = f"{load_point.voltage_V:g}"
    if load_point.current_A == 0.0:
        return word("set_voltage", language, voltage=voltage)
    side = {"L": "inductive", "C": "capacitive"}.get(load_point.phase_side)
    unit = "var" if load_point.quantity is Quantity.REACTIVE else "W"
    way = word("fed_back", language) if load_point.direction is Direction.EXPORT else ""
    return word(
        "set_one_phase" if load_point.loaded_phase else "set_load",
        language,
        voltage=voltage,
        current=f"{load_point.current_A:g}",
        phase=load_point.loaded_phase,
        power_factor=f"{load_point.power_factor:g}",
        side=word(side, language) if side else "",
        power=f"{load_point.compared_power:.1f} {unit}{way}",
    )
