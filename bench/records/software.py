"""Which software measured: its version, and the hash of every file that could change a result."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

_PACKAGES = ("calibration", "firmware_io", "bench", "web")
_SUFFIXES = (".py", ".toml", ".sql", ".js", ".html", ".css", ".typ", ".svg", ".png")
"""Of all that is shipped: what measures, and what shows, prints and verifies a result."""
_LIBRARIES = ("numpy", "pymodbus", "pyserial", "cryptography")
"""What computes, what reads the reference standard, what signs."""


@cache
def software_identity() -> dict[str, object]:
    """Version of the distribution and SHA-256 of each package, over names and contents in sorted order; the versions of
    Python and of the libraries that a result rests on."""
    return {
        "version": metadata.version("meter-test-bench"),
        "packages": {package: _package_hash(package) for package in _PACKAGES},
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        "python": platform.python_version(),
    }


def _package_hash(package: str) -> str:
    # Found and not imported: the measuring process has no use for Flask.
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    digest = hashlib.sha256()
    for name, path in sorted((f"{package}/{p.relative_to(folder).as_posix()}", p) for p in _files(folder)):
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.suffix in _SUFFIXES and "__pycache__" not in p.parts]
