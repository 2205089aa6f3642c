"""Simulated windows as the verifier page gets them, with the figures that a record would have of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bench.records.frozen import to_json
from bench.records.results import result_figures
from bench.records.versions import computation
from bench.sim.faults import CLOCK_FAULTS, Fault, FaultEvent
from bench.sim.study import SimulatedRun, simulate_run
from calibration.evaluation import evaluate
from calibration.quantities import EdgeTrain, PolledRegister
from tests.benchmarks import ensemble, faults

STABILITY_PCT = 3.0


@dataclass(frozen=True)
class Window:
    """given: what `evaluateWindow` takes; recorded: the figures of position 1."""

    given: dict[str, Any]
    recorded: dict[str, Any]

    @property
    def reasons(self) -> set[str]:
        return {finding["reason"] for finding in self.recorded["findings"]}


def with_fault(fault: Fault, seed: int) -> Window:
    """A point of the demonstration bench with the fault in its middle."""
    rng = np.random.default_rng([seed, list(Fault).index(fault)])
    point = faults.draw(rng)
    # A load that moves by less than it may is no fault.
    amount = 5.0 if fault is Fault.LOAD_MOVES else None
    events = (FaultEvent(fault, 0.4 * point.duration_s, amount=amount),)
    point = replace(point, setup=replace(point.setup, faults=events))
    run = simulate_run(point.setup, point.duration_s, int(rng.integers(2**62)))
    return _window(point, run, run.clock_slew_ppm if fault in CLOCK_FAULTS else 0.0)


def of_ensemble(seed: int, **changes: Any) -> Window:
    """A point of the broad ensemble: steady or not, with frames or not, register fine or coarse.

    changes: of what the reference is and of what its card says, by names that both have.
    """
    rng = np.random.default_rng(seed)
    point = ensemble.draw_point(rng)
    reference = replace(point.setup.reference, **changes)
    point = replace(
        point, setup=replace(point.setup, reference=reference), card=replace(point.card, **changes)
    )
    return _window(point, simulate_run(point.setup, point.duration_s, seed), 0.0)


def with_reference_pulses(seed: int) -> Window:
    """The same with pulses of the reference on a line of their own, behind a divider."""
    rng = np.random.default_rng(seed)
    point = ensemble.draw_point(rng)
    reference = replace(point.setup.reference, pulse_constant_imp_per_Wh=10.0)
    card = replace(point.card, reference_pulse_constant_imp_per_Wh=100.0, reference_pulse_divider=10)
    point = replace(point, setup=replace(point.setup, reference=reference), card=card)
    return _window(point, simulate_run(point.setup, point.duration_s, seed), 0.0)


def _window(point: ensemble.Point, run: SimulatedRun, clock_slew_ppm: float) -> Window:
    # From the first pulse of the reference on, where it gives any, so that they cover what is compared.
    pulses = run.reference_pulses
    first_ns = run.first_ns if pulses is None else int(pulses.timestamp_ns[0])
    run_ns = (first_ns, run.last_ns)
    result = evaluate(
        {"1": run.meters[0]},
        run.readings,
        reference_edges=pulses,
        meters={"1": point.meter},
        card=point.card,
        load_point=point.load_point,
        stability_pct=STABILITY_PCT,
        run_ns=run_ns,
        clock_slew_ppm=clock_slew_ppm,
    )["1"]
    readings = run.readings
    given = {
        "edges": {"1": _train(run.meters[0])},
        "referenceEdges": None if pulses is None else _train(pulses),
        "samples": {
            "energy": _register(readings.energy_Wh),
            "power": _register(readings.power_W),
            "voltage": _register(readings.voltage_V),
            "faults": [to_json(fault) for fault in readings.faults],
        },
        "meters": {"1": to_json(point.meter)},
        "card": to_json(point.card),
        "loadPoint": to_json(point.load_point),
        "stabilityPct": str(STABILITY_PCT),
        "runNs": list(run_ns),
        "clockSlewPpm": to_json(clock_slew_ppm),
        "lineFindings": {"1": []},
        "computation": computation(),
    }
    return Window(given, result_figures(result))


def _train(train: EdgeTrain) -> Mapping[str, list[int]]:
    return {
        "timestamp_ns": train.timestamp_ns.tolist(),
        "kind": train.kind.tolist(),
        "line_seqno": train.line_seqno.tolist(),
    }


def _register(register: PolledRegister) -> Mapping[str, list[float]]:
    return {
        "request_ns": register.request_ns.tolist(),
        "reply_ns": register.reply_ns.tolist(),
        "value": register.value.tolist(),
    }
