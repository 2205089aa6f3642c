"""Add up the reports of all suites: `total.py FOLDER` prints `N passed, N failed`, exit status 1 if any failed.

FOLDER holds a NAME.status for each command (its exit status) and a NAME.xml (JUnit) for each that ran tests.
Standard library only: this runs with whatever Python the machine has.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree


def count(status_file: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped tests of one command; a command without tests counts as one."""
    status = int(status_file.read_text())
    report = status_file.with_suffix(".xml")
    passed = failed = skipped = 0
    if report.exists():
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            tests = int(suite.get("tests", 0))
            wrong = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            left_out = int(suite.get("skipped", 0))
            passed, failed, skipped = passed + tests - wrong - left_out, failed + wrong, skipped + left_out
    elif status == 0:
        passed = 1
    if status != 0 and failed == 0:
        failed = 1
    return passed, failed, skipped


def main(folder: Path) -> int:
    total = [0, 0, 0]
    for status_file in sorted(folder.glob("*.status")):
        counts = count(status_file)
        total = [a + b for a, b in zip(total, counts, strict=True)]
        sys.stdout.write("{:>18}: {} passed, {} failed, {} skipped\n".format(status_file.stem, *counts))
    sys.stdout.write(f"{total[0]} passed, {total[1]} failed\n")
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
