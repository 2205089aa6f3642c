"""What the programs of then really wrote, upgraded by this one, and opened by them again after the way back.

    python -m tests.migrations.old_programs [--only COMMIT ...]

The last program of each schema, before the next migration came, is taken out of the history of this repository. It
measures a simulated meter, registers persons and equipment and takes a case to its explanation, as far as it had that.
Then this program opens a copy of all of it, holds it against its checkpoints and chains and recomputes the run; the old
program must refuse what was upgraded, and go on with what was not. Takes some minutes; status 1 where
anything is wrong.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.app import replay_run
from bench.clock import SystemClock
from bench.errors import BenchError
from bench.keeping.holds import require_holds
from bench.registry.store import writing
from tests.bench_process.support import open_journal
from tests.migrations.earlier import all_there, is_sound, rows_of
from web.casework import cases
from web.casework.intact import require_intact
from web.casework.store import Casework

ROOT = Path(__file__).parents[2]
NOW = "2026-11-27T08:00:00+00:00"
_ALONE = """
import sys
from pathlib import Path
here = sys.argv.pop()
sys.path[:] = [place for place in sys.path if place != here]
"""
"""Nothing of this checkout is seen by the program of then."""
WRITES = """
from tests.bench_process.support import plan_of, virtual_bench
state, cases = Path(sys.argv[1]), Path(sys.argv[2])
with virtual_bench(state) as process:
    process.run(plan_of())
try:
    from tests.registry.laboratory import laboratory
except ImportError:
    pass
else:
    if not (state / "registry.sqlite").exists():
        laboratory(state)
try:
    from tests.casework import stories
except ImportError:
    pass
else:
    cw = stories.opened(cases)
    stories.explained(cw, sys.argv[3])
    cw.close()
"""
OPENS = """
from tests.casework import stories
stories.opened(Path(sys.argv[1])).close()
"""


def commits() -> list[str]:
    """The last one before each that added a migration, the oldest first."""
    command = ["git", "log", "--reverse", "--format=%h", "--diff-filter=A", "--", "*.sql"]
    added = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return [f"{commit}~1" for commit in added[1:]]


def taken_out(commit: str, folder: Path) -> Path:
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def run_old(program: Path, script: str, *arguments: object) -> str:
    """What it said, where it failed; empty where it did not."""
    done = subprocess.run(
        [sys.executable, "-c", _ALONE + script, *map(str, arguments), str(ROOT)],
        env={**os.environ, "PYTHONPATH": str(program)},
        cwd=program,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["failed"])[-1]


def upgraded(state: Path, cases_folder: Path) -> list[str]:
    """What was found, for people. Errors: BenchError, AssertionError."""
    before = {path.name: rows_of(path) for path in databases(state, cases_folder)}
    open_journal(state, SystemClock().state()).close()
    require_holds(state)
    if "registry.sqlite" in before:
        with writing(state, NOW):
            pass
    found = []
    if "casework.sqlite" in before:
        path = cases_folder / "casework.sqlite"
        with closing(Casework(path, lambda: NOW)) as cw:
            found.append(f"case {cases.case(cw, 'C2026-0001').state}")
        assert require_intact(path) == len(before["casework.sqlite"]["cases"])
    for path in databases(state, cases_folder):
        all_there(before[path.name], rows_of(path))
        assert is_sound(path), path
    try:
        replayed = replay_run(state, "run-000001")
        assert replayed.differences == (), replayed.differences[:3]
        found.append(f"{replayed.results} results recomputed")
    except BenchError as refused:
        found.append(f"not recomputed: {refused}")
    return found


def databases(state: Path, cases_folder: Path) -> list[Path]:
    return [*sorted(state.glob("*.sqlite")), *sorted(cases_folder.glob("*.sqlite"))]


def tried(commit: str, folder: Path) -> list[str]:
    program = taken_out(commit, folder / "program")
    if not (program / "tests/bench_process/support.py").exists():
        return ["has no simulated bench to call"]
    state, cases_folder = folder / "data/state", folder / "data/cases"
    cases_folder.mkdir(parents=True)
    if said := run_old(program, WRITES, state, cases_folder, "A-1"):
        return [f"does not run by itself: {said}"]
    shutil.copytree(folder / "data", folder / "copy")
    found = upgraded(state, cases_folder)
    back = run_old(program, WRITES, folder / "copy/state", folder / "copy/cases", "A-2")
    assert back == "", f"the old program on its copy: {back}"
    if (cases_folder / "casework.sqlite").exists():
        said = run_old(program, OPENS, cases_folder)
        assert "newer than this program" in said, said
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", metavar="COMMIT")
    wrong = 0
    for commit in parser.parse_args().only or commits():
        with TemporaryDirectory() as folder:
            try:
                said = "; ".join(tried(commit, Path(folder)))
            except (BenchError, AssertionError) as problem:
                wrong += 1
                said = f"WRONG: {problem}"
        print(f"{commit}  {said}", flush=True)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
