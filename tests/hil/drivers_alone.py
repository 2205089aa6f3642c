"""Inside the virtual machine: the drivers and the estimators alone against the rig, without the program.

Prints one JSON object. Kept beside the test of the whole program because it tells a fault of the drivers
from one of the measuring process.

    python -m tests.hil.drivers_alone SECONDS
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.clock import SystemClock
from bench.ports import ReferenceSample, StampedValue
from calibration.evaluation import evaluate
from calibration.nameplate import Connection, MeterUnderTest, Wiring
from calibration.quantities import NS_PER_S, EdgeTrain, PolledRegister, ReferenceReadings
from calibration.reference_standard import ReferenceCard
from firmware_io.edge_records import parse_records
from firmware_io.gpio_edges import GpioLine
from firmware_io.modbus_link import RtuEndpoint
from firmware_io.modbus_reference import ModbusReference
from firmware_io.reference_profiles import load_profile
from firmware_io.serial_line import SerialSettings
from tests.hil import rig
from tests.hil.guest import running_rig

POLL_S = 0.037
"""At most a quarter of the refresh interval, and not commensurate with it."""
SETTLE_NS = 3 * NS_PER_S
"""The reference must have forgotten the ramp at which the load was applied."""
CARD = ReferenceCard("demo-reference", "hil", 0.05, 0.01, 0.2, 0.1)


def meter(serial: str) -> MeterUnderTest:
    return MeterUnderTest(
        serial, "1", rig.METER_CONSTANT_IMP_PER_KWH, Connection.DIRECT, Wiring.SINGLE_PHASE, 220.0, 5.0, 60.0
    )


def record(seconds: float, port: str) -> tuple[list[EdgeTrain], list[ReferenceSample], int, int]:
    """Edges of each line and polls of the reference over a run, and its first and last instant."""
    clock = SystemClock()
    lines = [GpioLine(number, chip_labels=("pinctrl-bcm2711",)) for number in rig.LINES]
    reference = ModbusReference(load_profile(rig.PROFILE), RtuEndpoint(SerialSettings(port, 19200)), clock)
    raw = [b"" for _ in lines]
    polls: list[ReferenceSample] = []
    clock.wait_until(clock.now_ns() + SETTLE_NS)
    first_ns = clock.now_ns()
    last_ns = first_ns + round(seconds * NS_PER_S)
    turn_ns = first_ns
    while turn_ns < last_ns:
        polls.append(reference.poll())
        raw = [sofar + line.read().raw for sofar, line in zip(raw, lines, strict=True)]
        turn_ns += round(POLL_S * NS_PER_S)
        clock.wait_until(turn_ns)
    reference.close()
    for line in lines:
        line.close()
    return [parse_records(one) for one in raw], polls, first_ns, last_ns


def register(values: list[StampedValue | None]) -> PolledRegister:
    known = [value for value in values if value is not None]
    return PolledRegister(
        np.array([value.request_ns for value in known], np.int64),
        np.array([value.reply_ns for value in known], np.int64),
        np.array([value.value for value in known], np.float64),
    )


def main() -> None:
    seconds = float(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, running_rig(Path(folder)):
        trains, polls, first_ns, last_ns = record(seconds, f"{folder}/reference")
    readings = ReferenceReadings(
        register([poll.energy_Wh for poll in polls]),
        register([poll.power_W for poll in polls]),
        tuple(poll.fault for poll in polls if poll.fault is not None),
    )
    found = []
    for index, (train, true_error_pct) in enumerate(zip(trains, rig.TRUE_ERRORS_PCT, strict=True)):
        result = evaluate(
            {"1": train},
            readings,
            reference_edges=None,
            meters={"1": meter(str(index))},
            card=CARD,
            load_point=rig.LOAD,
            stability_pct=2.0,
            run_ns=(first_ns, last_ns),
            clock_slew_ppm=0.0,
        )["1"]
        found.append(
            {
                "edges": len(train),
                "lost": int((np.diff(train.line_seqno) - 1).sum()),
                "alternating": bool((np.diff(train.kind) != 0).all()),
                "true_error_pct": true_error_pct,
                "percentage_error_pct": result.percentage_error_pct,
                "expanded_uncertainty_pct": result.expanded_uncertainty_pct,
                "estimator": result.estimator,
                "findings": [[f.reason.value, dict(f.values)] for f in result.findings],
            }
        )
    latency_ms = np.array([r.reply_ns - r.request_ns for p in polls for r in p.replies]) / 1e6
    print(json.dumps({"positions": found, "polls": len(polls), "latency_ms": float(np.median(latency_ms))}))


if __name__ == "__main__":
    main()
