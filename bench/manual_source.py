"""A load source that is a person: the bench says what to set, the reference's read-back confirms it."""

from __future__ import annotations

from collections.abc import Callable

from bench.words import word
from calibration.load_points import LoadPoint


class ManualLoadSource:
    """A `LoadSource`; `tell` shows one line to the technician, in `language` (zh or en)."""

    def __init__(self, tell: Callable[[str], None], language: str) -> None:
        self._tell = tell
        self._language = language
        self._is_applied = False

    def apply(self, load_point: LoadPoint) -> None:
        self._is_applied = True
        side = {"L": "inductive", "C": "capacitive"}.get(load_point.phase_side)
        self._tell(
            word(
                "set_load",
                self._language,
                voltage=f"{load_point.voltage_V:g}",
                current=f"{load_point.current_A:g}",
                power_factor=f"{load_point.power_factor:g}",
                side=word(side, self._language) if side else "",
                power=f"{load_point.compared_power:.1f}",
            )
        )

    def remove(self) -> None:
        if self._is_applied:
            self._is_applied = False
            self._tell(word("load_off", self._language))

    def close(self) -> None:
        self.remove()
