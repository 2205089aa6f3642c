"""A little bench in virtual time for the tests of the plant: what polls and edges a run gives."""

from dataclasses import dataclass, field

import numpy as np

from bench.ports import ReferenceSample
from bench.sim.clock import VirtualClock
from bench.sim.in_process import SimLoadSource, SimPulseInput, SimReference
from bench.sim.plant import Plant, PlantSetup
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, EdgeTrain
from firmware_io.reference_profiles import load_profile

FULL_LOAD = LoadPoint("Ib 1.0", 220.0, 10.0, 1.0)
POLL_NS = 45_000_000


@dataclass
class Rig:
    setup: PlantSetup = field(default_factory=PlantSetup)
    seed: int = 1
    profile: str = "demo-reference"

    def __post_init__(self) -> None:
        self.clock = VirtualClock(faults=self.setup.faults)
        self.origin_ns = self.clock.now_ns()
        self.plant = Plant(self.setup, self.seed, self.origin_ns)
        self.reference = SimReference(self.plant, load_profile(self.profile), self.clock, seed=self.seed)
        self.lines = [SimPulseInput(self.plant, p, self.clock) for p in range(len(self.setup.meters))]
        self.source = SimLoadSource(self.plant, self.clock)
        self.samples: list[ReferenceSample] = []
        self._edges: list[list[EdgeTrain]] = [[] for _ in self.lines]

    def run(self, duration_s: float) -> "Rig":
        end_ns = self.clock.now_ns() + round(duration_s * NS_PER_S)
        while self.clock.now_ns() < end_ns:
            due_ns = self.clock.now_ns() + POLL_NS
            self.samples.append(self.reference.poll())
            self.clock.wait_until(due_ns)
            for line, kept in zip(self.lines, self._edges, strict=True):
                kept.append(line.read().edges)
        return self

    def edges(self, position: int = 0) -> EdgeTrain:
        parts = self._edges[position]
        return EdgeTrain(*(np.concatenate([getattr(p, f) for p in parts]) for f in EdgeTrain.__slots__))

    def good(self) -> list[ReferenceSample]:
        return [s for s in self.samples if s.fault is None]

    def energy_Wh(self) -> np.ndarray:
        return np.array([s.energy_Wh.value for s in self.good() if s.energy_Wh is not None])

    def power_W(self) -> np.ndarray:
        return np.array([s.power_W.value for s in self.good() if s.power_W is not None])

    def reply_s(self) -> np.ndarray:
        """Replies of the good samples, in s from the start."""
        return np.array([(s.replies[-1].reply_ns - self.origin_ns) / NS_PER_S for s in self.good()])

    def reasons(self) -> set[str]:
        return {str(s.fault.finding.reason) for s in self.samples if s.fault is not None}
