"""`bench` starts without what only some of its commands need: it is called often, on a small computer."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("typst", "pyhanko", "signxml", "lxml", "pikepdf", "segno", "flask", "bench.certificate.issuing")
MEASURING = (*HEAVY, "bench.process", "bench.sim", "pymodbus", "bench.admin")
SHOWN = "import sys, {module}; print(*sys.modules)"


@pytest.mark.parametrize(
    ("module", "kept_out"),
    [
        ("bench.commands.cli", (*MEASURING, "rich", "bench.commands.words")),
        ("bench.commands.client_cli", (*MEASURING, "bench.app")),
        ("bench.commands.load_removal", MEASURING),
        ("bench.commands.web_cli", MEASURING),
        ("bench.commands.serve_cli", HEAVY),
        ("bench.service", HEAVY),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(module: str, kept_out: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOWN.format(module=module)], capture_output=True, text=True, check=True
    )
    imported = set(done.stdout.split())
    assert module in imported
    assert imported.isdisjoint(kept_out)
