"""`bench` starts without what only some of its commands need: it is called often, on a small computer."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("typst", "pyhanko", "signxml", "lxml", "pikepdf", "segno", "flask", "bench.certificate.issuing")
SHOWN = "import sys, {module}; print(*sys.modules)"


@pytest.mark.parametrize("module", ["bench.commands.cli", "bench.service"])
def test_nothing_heavy_is_imported_before_it_is_needed(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOWN.format(module=module)], capture_output=True, text=True, check=True
    )
    imported = set(done.stdout.split())
    assert module in imported
    assert imported.isdisjoint(HEAVY)
