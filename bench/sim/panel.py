"""The panel in front of the plant: its contacts are faults of the plant; a technician presses start now and then."""

from __future__ import annotations

from bench.errors import InstrumentError
from bench.ports import Clock, Lamp, PanelInputs
from bench.sim.faults import Fault
from bench.sim.plant import Plant
from calibration.quantities import NS_PER_S

_PRESSES_EVERY_NS = 2 * NS_PER_S
_PRESSES_FOR_NS = NS_PER_S // 5


class SimPanel:
    """A `Panel`. `edges`: how many the contactor's timer has had; `lamp`, `sounds`: as shown last."""

    has_start_button = True

    def __init__(self, plant: Plant, clock: Clock) -> None:
        self._plant = plant
        self._clock = clock
        self.edges = 0
        self.lamp: Lamp | None = None
        self.sounds = False

    def read(self) -> PanelInputs:
        now_ns = self._clock.now_ns()
        faults = self._plant.panel_faults_at(now_ns)
        if Fault.PANEL_SILENT in faults:
            raise InstrumentError("the simulated panel cannot be read")
        return PanelInputs(
            emergency_stop_pressed=Fault.EMERGENCY_STOP in faults,
            cover_open=Fault.COVER_OPEN in faults,
            start_pressed=now_ns % _PRESSES_EVERY_NS < _PRESSES_FOR_NS,
            stop_pressed=Fault.STOP_BUTTON in faults,
        )

    def feed(self) -> None:
        self.edges += 1

    def show(self, lamp: Lamp, sounds: bool) -> None:
        self.lamp, self.sounds = lamp, sounds

    def close(self) -> None:
        """Nothing is open."""
