"""Makes a golden run: `python -m tests.golden.make NAME` writes tests/golden/NAME/.

A golden run is recorded once for each version of the estimators and kept: it must replay to the same digits for
ever. It is made anew only while its version has not been released.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench_process.support import PLAN, plan_of, virtual_bench

HERE = Path(__file__).parent
RECORDS_FILE = "records.jsonl"
GOLDEN_PLAN = PLAN.replace("load_points", "repeats_of_invalid = 0\nload_points").replace(
    '["Imax 1.0"]', '["Imax 1.0", "Ib 0.5L"]'
)
FAULT = 'faults = ["lost_edge@12#2"]'
"""The second load point is INVALID, so that a refusal is kept, too."""


def make(folder: Path) -> None:
    """Run the simulated bench and keep the bytes of its records and its raw files."""
    with tempfile.TemporaryDirectory() as state_dir:
        with virtual_bench(Path(state_dir), FAULT) as process:
            summary = process.run(plan_of(GOLDEN_PLAN))
            records = process.recorder.read(0, 1000)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(Path(state_dir) / "runs" / summary.run_id, folder)
    (folder / RECORDS_FILE).write_bytes(b"".join(record.body + b"\n" for record in records))


if __name__ == "__main__":
    make(HERE / sys.argv[1])
