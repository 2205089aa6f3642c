"""A measuring process that serves its socket, and carries one plan out as soon as a line comes on its standard input.

    python -m tests.bench_process.one_run CONFIG

Until then its virtual time stands: the run begins at the same instant, however long it took until the line came.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.app import open_bench
from bench.configuration.config import load_config
from bench.plans.plan import parse_plan
from bench.service import Service
from tests.bench_process.support import PLAN


def main() -> None:
    config = load_config(Path(sys.argv[1]))
    with open_bench(config, lambda line: None) as process, Service(process) as service:
        print("ready", flush=True)
        sys.stdin.readline()
        print(service.run_one(parse_plan(PLAN, ["1"])).run_id, flush=True)


if __name__ == "__main__":
    main()
