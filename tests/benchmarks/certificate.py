"""How long a certificate takes from its request to the sealed files.

    ./dev bench certificate [--repeat N]

The run of the demo (three load points), verified by a registered person. Each certificate is drafted (the run audited
and recomputed, the document set), signed by the verifier (password, run recomputed), and signed by the checker, which
issues it: recomputed, numbered, set, sealed, with its label, on the disk; that is the request that it is ready after.
Beside them stands what a program that only prints would do: XML and PDF of the same document.
Wall time, and beside it CPU time of this process: on a machine that others use, too, the wall says little.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.app import open_bench
from bench.app_reference import RecordedRaw
from bench.certificate import issuing
from bench.certificate.files import Rendered
from bench.certificate.issuing import Office
from bench.certificate.model import Certificate
from bench.certificate.office import office
from bench.certificate.request import load_request
from bench.commands.demo import demo_config, demo_plan
from bench.configuration.laboratory import LaboratorySection
from tests.benchmarks.timing import Spent, timed
from tests.registry.laboratory import PASSWORD, WHEN, Laboratory, laboratory

_REQUEST = Path(__file__).parents[2] / "bench/sim/demo-request.toml"
PRINTING = "the document alone, set and neither checked nor sealed"
ALL_THREE = "all three"
STEPS = ("draft", "first signature", "last signature, issued")


def laboratory_with_a_run(folder: Path) -> tuple[Office, Laboratory]:
    """The demo's run, at no pace."""
    lab = laboratory(folder)
    config = demo_config(folder, None, 0.0, 1)
    config = dataclasses.replace(
        config, laboratory=LaboratorySection(name_zh="示例计量所", years_of_validity=5)
    )
    with open_bench(config, print) as process:
        process.run(demo_plan(config), verifier=lab.verifier)
    return office(config, RecordedRaw), lab


def one_certificate(made: Office, lab: Laboratory, replaces: str) -> tuple[str, dict[str, Spent]]:
    """Its number, and what each step took. replaces: number of the one before it, "" for the first."""
    now, request = WHEN, load_request(_REQUEST)
    printed: list[Spent] = []

    def sketch(document: Certificate) -> Rendered:
        rendered, spent = timed(lambda: made.sketch(document))
        printed.append(spent)
        return rendered

    drafting = dataclasses.replace(made, sketch=sketch)

    def draft() -> issuing.Drafted:
        if replaces:
            return issuing.redraft(drafting, replaces, request, "once more", lab.verifier, now)
        return issuing.draft(drafting, "1", "1", request, lab.verifier, now)

    drafted, first = timed(draft)
    _, second = timed(lambda: issuing.sign(made, drafted.draft.id, lab.verifier, PASSWORD, None, now))
    signing, third = timed(lambda: issuing.sign(made, drafted.draft.id, lab.checker, PASSWORD, None, now))
    assert signing.entry is not None, "two signatures issue it"
    (document_alone,) = printed
    steps = dict(zip(STEPS, (first, second, third), strict=True))
    return signing.entry.issued.number, {
        PRINTING: document_alone,
        **steps,
        ALL_THREE: first + second + third,
    }


def measure(repeat: int) -> tuple[Spent, dict[str, list[Spent]]]:
    """The very first certificate of a process, with keys made and libraries loaded, and each step of `repeat` more."""
    with tempfile.TemporaryDirectory() as folder:
        made, lab = laboratory_with_a_run(Path(folder))
        number, first = one_certificate(made, lab, "")
        found: dict[str, list[Spent]] = {}
        for _ in range(repeat):
            number, steps = one_certificate(made, lab, number)
            for step, spent in steps.items():
                found.setdefault(step, []).append(spent)
        return first[ALL_THREE], found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=9)
    options = parser.parse_args(arguments)
    first, found = measure(options.repeat)
    print(f"the very first, with keys made and libraries loaded: {first.wall_s:.2f} s")
    for step, spent in found.items():
        walls = sorted(each.wall_s for each in spent)
        cpu_s = median(each.cpu_s for each in spent)
        print(f"{step}: median {median(walls):.3f} s ({walls[0]:.3f} to {walls[-1]:.3f}), CPU {cpu_s:.3f} s")


if __name__ == "__main__":
    main()
