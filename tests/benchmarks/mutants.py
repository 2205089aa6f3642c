"""Mutation testing: how many small changes of the arithmetic its own tests notice.

    ./dev mutants [MODULE ...] [--tests FILE ...] [--workers N]

mutmut changes one operator, figure, name or argument of a function at a time and runs the tests that call it; a mutant
that no test notices has survived. Of each module in calibration/ (all of `CORE` where none is named) the mutants are
held against the tests of that module alone, `TESTS`: what only a simulation somewhere else would notice counts as
unnoticed here, and a mutant takes a second instead of minutes. Every module is tried afresh. What is written is in
mutants/, and `./dev clean` removes it.

docs/mutants.md says what came of it, and why each survivor may live.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence

from mutmut import __main__ as mutmut
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

CORE = (
    "percentage_error", "alignment", "timebase", "set_membership", "estimators/*", "evaluation", "uncertainty",
    "student_t", "runs", "conformity", "regulation", "risk", "sequential", "rules", "rule_files", "no_load",
    "starting", "registers", "meter_edges", "line", "strip", "pulse_screening", "reference_screening", "held_load",
    "refresh_jitter",
)  # fmt: skip
TESTS: dict[str, tuple[str, ...]] = {
    "alignment": ("test_alignment", "test_budget_rows"),
    "timebase": ("test_timebase", "test_budget_rows"),
    "estimators/*": ("test_budget_rows",),
    "evaluation": ("test_evaluation_exact", "test_evaluation"),
}
"""Files of tests/unit/ that a module is held against, where it is not test_MODULE."""
_KILLED = ("killed", "timeout", "segfault", "caught by type check")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0: all modules could be tried, however many mutants survived."""
    parser = argparse.ArgumentParser(prog="./dev mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", default=CORE)
    parser.add_argument("--tests", nargs="+", metavar="FILE", help="of tests/unit/, for those of the module")
    parser.add_argument("--workers", type=int, default=None)
    given = parser.parse_args(arguments)
    if len(given.modules) == 1:
        return _try(given.modules[0], given.tests, given.workers)
    # mutmut keeps what it knows in the process, so each module has one of its own.
    each = [sys.executable, "-m", __spec__.name]
    return max(subprocess.run([*each, module]).returncode for module in given.modules)


def _try(module: str, tests: Sequence[str] | None, workers: int | None) -> int:
    # What mutmut remembers of an earlier run it does not always come to the end of.
    shutil.rmtree("mutants", ignore_errors=True)
    settings = config()
    settings.only_mutate = [f"calibration/{module}.py"]
    files = tests or TESTS.get(module, (f"test_{module}",))
    settings.pytest_add_cli_args_test_selection = [
        f"tests/unit/{name.removesuffix('.py')}.py" for name in files
    ]
    mutmut._run((), workers)
    _report(module)
    return 0


def _report(module: str) -> None:
    outcomes: dict[str, str] = {}
    for path in mutmut.walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        outcomes |= {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}
    survivors = [name for name, outcome in outcomes.items() if outcome not in _KILLED]
    for name in survivors:
        changed = [
            line
            for line in get_diff_for_mutant(name).splitlines()
            if line[:1] in "+-" and line[:3] not in ("---", "+++")
        ]
        print(f"\n{name}: {outcomes[name]}", *changed, sep="\n    ")
    killed = len(outcomes) - len(survivors)
    share = 100.0 * killed / len(outcomes)
    print(
        f"\n{module}: {len(outcomes)} mutants, {killed} killed, {len(survivors)} survived: {share:.1f} % killed"
    )


if __name__ == "__main__":
    sys.exit(main())
