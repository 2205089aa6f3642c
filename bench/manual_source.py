"""A load source that is a person: the bench says what to set, the reference's read-back confirms it."""

from __future__ import annotations

from collections.abc import Callable

from calibration.quantities import LoadPoint


class ManualLoadSource:
    """A `LoadSource`; `tell` shows one line to the technician."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._is_applied = False

    def apply(self, load_point: LoadPoint) -> None:
        self._is_applied = True
        side = {"L": " inductive", "C": " capacitive"}.get(load_point.phase_side, "")
        self._tell(
            f"Set the load: {load_point.voltage_V:g} V, {load_point.current_A:g} A, power factor "
            f"{load_point.power_factor:g}{side} ({load_point.active_power_W:.1f} W), and switch it on."
        )

    def remove(self) -> None:
        if self._is_applied:
            self._is_applied = False
            self._tell("Switch the load off.")

    def close(self) -> None:
        self.remove()
