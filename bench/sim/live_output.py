"""A pulse output on the live plant: edges are computed ahead and taken back where something changes."""

from __future__ import annotations

import numpy as np

from bench.sim.faults import ScheduledFault
from bench.sim.line_faults import PulseLine
from bench.sim.meter import edge_train
from calibration.quantities import EdgeTrain, FloatArray

_NEVER_NS = 1 << 62


class LiveOutput:
    """Pulses by the instant that decides on them (s from the start of the plant), and the edges of each."""

    def __init__(self, origin_ns: int, edge_jitter_s: float, rng: np.random.Generator) -> None:
        self.line = PulseLine()
        self.next_edge_ns = _NEVER_NS
        """When the next edge comes, as far as it is computed."""
        self._origin_ns = origin_ns
        self._edge_jitter_s = edge_jitter_s
        self._rng = rng
        self._decided_s = np.empty(0)
        self._stamp_ns = self._kind = np.empty(0, np.int64)
        self._delivered = 0

    def take(self, until_ns: int) -> EdgeTrain | None:
        """The edges up to an instant that were not taken yet, as the kernel delivers them; None for none."""
        if until_ns < self.next_edge_ns:
            return None
        last = int(np.searchsorted(self._stamp_ns, until_ns, "right"))
        some = slice(self._delivered, last)
        self._delivered = last
        self._set_next_edge()
        return self.line.deliver(self._stamp_ns[some], self._kind[some])

    def disturb(self, fault: ScheduledFault) -> None:
        self.line.add(fault)

    def _add(self, decided_s: FloatArray, lit_s: FloatArray, dark_s: FloatArray) -> None:
        edges = edge_train(lit_s, dark_s, self._origin_ns, self._edge_jitter_s, self._rng)
        # After a change the lamp may still be lit from the pulse before.
        earliest_ns = int(self._stamp_ns[-1]) + 1 if len(self._stamp_ns) else 0
        self._decided_s = np.concatenate((self._decided_s, decided_s))
        self._stamp_ns = np.concatenate((self._stamp_ns, np.maximum(edges.timestamp_ns, earliest_ns)))
        self._kind = np.concatenate((self._kind, edges.kind))
        self._set_next_edge()

    def _take_back_after(self, at_s: float) -> int:
        """Forget the pulses that were decided after an instant; how many."""
        kept = int(np.searchsorted(self._decided_s, at_s, "right"))
        gone = len(self._decided_s) - kept
        self._keep(slice(None, kept), slice(None, 2 * kept))
        return gone

    def _trim(self) -> None:
        """Forget the pulses whose edges were both delivered, but the last one (the next depends on it)."""
        gone = max(0, min(self._delivered // 2, len(self._decided_s) - 1))
        self._delivered -= 2 * gone
        self._keep(slice(gone, None), slice(2 * gone, None))

    def _keep(self, pulses: slice, edges: slice) -> None:
        self._decided_s = self._decided_s[pulses]
        self._stamp_ns, self._kind = self._stamp_ns[edges], self._kind[edges]
        self._delivered = min(self._delivered, len(self._stamp_ns))
        self._set_next_edge()

    def _set_next_edge(self) -> None:
        waiting = self._delivered < len(self._stamp_ns)
        self.next_edge_ns = int(self._stamp_ns[self._delivered]) if waiting else _NEVER_NS
