"""Makes a golden run: `python -m tests.golden.make NAME` writes tests/golden/NAME/.

A golden run is recorded once for each version of the estimators and kept: it must replay to the same digits for
ever. It is made anew only while its version has not been released. run-1 is of record format 1, which did not keep its
rule set; run-2 is of version 1 of all estimators. run-3 has the reference standard's own pulses, which version 2
screens.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from bench.app import open_bench
from bench.configuration.config import parse_config
from tests.bench_process.support import BENCH, PLAN, plan_of

HERE = Path(__file__).parent
RECORDS_FILE = "records.jsonl"
WISHES = """repeats_of_invalid = 0
tests = ["warm_up", "basic_error"]
warm_up_s = 5.0
repeats = 2
decision_rule = "regulation"
load_points"""
GOLDEN_PLAN = PLAN.replace("load_points", WISHES).replace('["Imax 1.0"]', '["Imax 1.0", "Ib 0.5L"]')
FAULTS = 'faults = ["doubled_pulse@12#2:reference", "lost_edge@12#3"]'
"""At the first load point the reference's own pulses are refused; the second, the third load, is INVALID."""
WIRED = (
    "[load_source]",
    'reference_pulse_constant_imp_per_Wh = 20.0\n\n[reference.pulses]\ndriver = "sim"\n\n[load_source]',
)


def make(folder: Path) -> None:
    """Run the simulated bench and keep the bytes of its records and its raw files."""
    with tempfile.TemporaryDirectory() as state_dir:
        text = BENCH.replace(*WIRED).format(state_dir=state_dir, simulation=FAULTS)
        with open_bench(parse_config(text, "bench.toml"), lambda line: None) as process:
            summary = process.run(plan_of(GOLDEN_PLAN))
            records = process.recorder.read(0, 1000)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(Path(state_dir) / "runs" / summary.run_id, folder)
    (folder / RECORDS_FILE).write_bytes(b"".join(record.body + b"\n" for record in records))


if __name__ == "__main__":
    make(HERE / sys.argv[1])
