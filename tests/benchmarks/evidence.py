"""How long a bundle takes: made from a run of some 100,000 edges, and verified with every figure computed again.

    ./dev bench evidence [--edges N] [--positions N] [--repeat N]

The run is measured in virtual time by the whole measuring process, the meters on one load, so edges and polls are what
a bench records. Times are of this process alone, from the bytes of the archive to the report, without the start of
Python; the median of several.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.app import open_bench
from bench.app_reference import RecordedRaw
from bench.configuration.config import parse_config
from bench.evidence.bundle import Signers, bundle_of
from bench.evidence.page_builder import verifier_page
from bench.evidence.verifying import verify_bundle
from bench.keys.log_key import all_log_publics, open_log_key
from bench.plans.plan import parse_plan
from bench.records.journal_reading import JournalReader
from tests.benchmarks.positions import bench_text, plan_text
from tests.benchmarks.timing import timed

EDGES = 100_000
EDGES_PER_S = 8.8
"""Of one meter: 1200 imp/kWh at 60 A, both edges of a pulse."""
EDGE_BYTES = 48


def record_run(state_dir: Path, edges: int, positions: int) -> tuple[str, int, int]:
    """The id of a run, and how many edges and polls it has."""
    config = parse_config(bench_text(state_dir, positions), "bench.toml")
    seconds = edges / positions / EDGES_PER_S
    text = plan_text(positions).replace('["Imax 1.0", "Ib 0.5L"]', '["Imax 1.0"]')
    text = text.replace("minimum_time_s = 20.0", f"minimum_time_s = {seconds:.0f}.0")
    text = text.replace("longest_time_s = 120.0", f"longest_time_s = {seconds + 60:.0f}.0")
    with open_bench(config, lambda line: None) as process:
        run_id = process.run(parse_plan(text, [p.name for p in config.position])).run_id
    files = state_dir / "runs" / run_id
    size = sum(path.stat().st_size for path in files.glob("edges-*.bin"))
    return run_id, size // EDGE_BYTES, (files / "reference.jsonl").read_bytes().count(b"\n")


@dataclass(frozen=True, slots=True)
class Repeated:
    """Seconds of several repeats: median and greatest by the wall, and the median of the processor, which nobody
    lengthens."""

    wall_s: float
    longest_s: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{self.wall_s:6.2f} {self.longest_s:6.2f} {self.cpu_s:6.2f}"


@dataclass(frozen=True, slots=True)
class Handled:
    """A bundle of so many bytes. hashed: the same bytes through SHA-256 and nothing else; measured_s: time of the bench
    that is in it."""

    positions: int
    edges: int
    polls: int
    size: int
    measured_s: float
    hashed: Repeated
    exported: Repeated
    verified: Repeated

    @property
    def records(self) -> int:
        """Of an edge or a poll each."""
        return self.edges + self.polls


def repeated(repeat: int, work: Callable[[], object]) -> Repeated:
    spent = [timed(work)[1] for _ in range(repeat)]
    walls_s = [each.wall_s for each in spent]
    return Repeated(median(walls_s), max(walls_s), median(each.cpu_s for each in spent))


def measure(positions: int, edges: int, repeat: int) -> Handled:
    """A run, exported and verified. Errors: SystemExit where the bundle does not hold."""
    with TemporaryDirectory() as folder:
        state_dir = Path(folder)
        run_id, edges, polls = record_run(state_dir, edges, positions)
        by = Signers(open_log_key(state_dir, may_make=False), all_log_publics(state_dir))
        page = verifier_page()
        with closing(JournalReader(state_dir)) as journal:
            bundle = bundle_of(journal, run_id, by, {}, page)
            exported = repeated(repeat, lambda: bundle_of(journal, run_id, by, {}, page))
    published = (by.key.fingerprint,)
    report, _ = verify_bundle(bundle, published, RecordedRaw)
    if not report.holds:
        raise SystemExit("the bundle does not hold")
    return Handled(
        positions,
        edges,
        polls,
        len(bundle),
        edges / positions / EDGES_PER_S,
        hashed=repeated(repeat, lambda: hashlib.sha256(bundle).digest()),
        exported=exported,
        verified=repeated(repeat, lambda: verify_bundle(bundle, published, RecordedRaw)),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--edges", type=int, default=EDGES)
    parser.add_argument("--positions", type=int, nargs="+", default=[12, 1])
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args(arguments)
    print("positions    edges     MB  export: median   most    CPU   verify: median   most    CPU (s)")
    for positions in options.positions:
        made = measure(positions, options.edges, options.repeat)
        print(
            f"{positions:9d} {made.edges:8d} {made.size / 1e6:6.1f}"
            f"          {made.exported}           {made.verified}",
            flush=True,
        )


if __name__ == "__main__":
    main()
