"""A reference standard that may be faulty: from what its registers should hold to what a poll gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from bench.sim.faults import Fault, ScheduledFault

Registers = tuple[float, float]
"""Energy register (Wh) and power register (W)."""

_FOREVER_NS = 1 << 62
_UNANSWERED = (Fault.REFERENCE_SILENT, Fault.REFERENCE_LATE)


class ReferenceFaults:
    """The faults of one reference standard, in time."""

    def __init__(self, energy_step_Wh: float, faults: Iterable[ScheduledFault] = ()) -> None:
        self._energy_step_Wh = energy_step_Wh
        self._faults: list[ScheduledFault] = []
        self.first_ns = _FOREVER_NS
        """Before this instant nothing is wrong."""
        for fault in faults:
            self.add(fault)

    def add(self, fault: ScheduledFault) -> None:
        self._faults = sorted([*self._faults, fault], key=lambda f: f.at_ns)
        self.first_ns = self._faults[0].at_ns

    def unanswered_at(self, at_ns: int) -> ScheduledFault | None:
        """The fault that keeps a request at this instant from being answered in time, if there is one.

        A late reply happens once: the caller says so by `spend`.
        """
        for fault in self._faults:
            if fault.fault is Fault.REFERENCE_SILENT and fault.holds_at(at_ns):
                return fault
            if fault.fault is Fault.REFERENCE_LATE and fault.at_ns <= at_ns:
                return fault
        return None

    def spend(self, fault: ScheduledFault) -> None:
        """A fault that happens once has happened."""
        self._faults.remove(fault)

    def read(self, at_ns: int, true_registers: Callable[[int], Registers]) -> Registers:
        """What the registers hold at an instant; true_registers gives what they should hold."""
        if at_ns < self.first_ns:
            return true_registers(at_ns)
        stalls = (f.at_ns for f in self._faults if f.fault is Fault.REFERENCE_STALLED and f.holds_at(at_ns))
        seen_ns = min(stalls, default=at_ns)
        energy, power = true_registers(seen_ns)
        for fault in self._faults:
            if fault.at_ns <= seen_ns and fault.fault not in _UNANSWERED:
                energy, power = self._distort(fault, seen_ns, (energy, power), true_registers)
        return energy, power

    def _distort(
        self,
        fault: ScheduledFault,
        at_ns: int,
        registers: Registers,
        true_registers: Callable[[int], Registers],
    ) -> Registers:
        energy, power = registers
        match fault.fault:
            case Fault.ENERGY_RESET:
                # From zero, whatever it held: one that restarts again does so from what it has counted since.
                energy = true_registers(at_ns)[0] - true_registers(fault.at_ns)[0]
            case Fault.ENERGY_BACKWARD:
                energy -= fault.amount
            case Fault.ENERGY_JUMP:
                energy += fault.amount
            case Fault.RANGE_CHANGE:
                not_counted = true_registers(min(at_ns, fault.until_ns))[0] - true_registers(fault.at_ns)[0]
                after = true_registers(max(at_ns, fault.until_ns))[0] - true_registers(fault.until_ns)[0]
                energy += fault.amount / 100.0 * after - not_counted
                power *= 0.0 if fault.holds_at(at_ns) else 1.0 + fault.amount / 100.0
            case Fault.REFERENCE_NOT_A_NUMBER if fault.holds_at(at_ns):
                power = np.nan
            case Fault.REFERENCE_OVER_RANGE if fault.holds_at(at_ns):
                power = np.inf
            case _:  # a stall, or a fault that is over
                pass
        return max(round(energy / self._energy_step_Wh), 0) * self._energy_step_Wh, power
