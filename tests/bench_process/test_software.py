"""What measured is named by the hash of its files, without loading what does not measure."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import web
from bench.records.software import software_identity


def test_the_measuring_process_does_not_load_the_web() -> None:
    program = (
        "import sys, bench.process; from bench.records.software import software_identity; "
        "software_identity(); print(sorted({'web', 'flask'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_package_is_named_by_the_names_and_contents_of_its_files() -> None:
    folder = Path(web.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda p: f"web/{p.relative_to(folder)}"):
        if path.suffix in {".py", ".toml", ".sql"}:
            content = path.read_bytes()
            digest.update(f"web/{path.relative_to(folder)}\0{len(content)}\0".encode() + content)
    packages = software_identity()["packages"]
    assert isinstance(packages, dict)
    assert packages["web"] == digest.hexdigest()
