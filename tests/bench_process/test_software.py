"""What measured is named by the hash of its files, without loading what does not measure."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import web
from bench.records.software import _SUFFIXES, software_identity


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
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            digest.update(f"web/{path.relative_to(folder)}\0{len(content)}\0".encode() + content)
    packages = software_identity()["packages"]
    assert isinstance(packages, dict)
    assert packages["web"] == digest.hexdigest()


def test_every_kind_of_file_that_is_shipped_is_hashed() -> None:
    """As pyproject.toml lists them; a kind that is not hashed could change without a word in the record."""
    root = Path(web.__file__).parents[1]
    packages = [root / name for name in ("bench", "calibration", "firmware_io", "web")]
    kinds = {path.suffix for p in packages for path in p.rglob("*") if "__pycache__" not in path.parts}
    assert kinds - {""} <= set(_SUFFIXES)


def test_the_record_names_what_a_result_rests_on() -> None:
    identity = software_identity()
    assert identity["python"] == ".".join(map(str, sys.version_info[:3]))
    libraries = identity["libraries"]
    assert isinstance(libraries, dict)
    assert set(libraries) == {"numpy", "pymodbus", "pyserial", "cryptography"}
    assert all(version[0].isdigit() for version in libraries.values())
