"""Which software measured: its version, and the hash of every file that could change a result."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable

_PACKAGES = ("calibration", "firmware_io", "bench", "web")
_SUFFIXES = (".py", ".toml", ".sql")


@cache
def software_identity() -> dict[str, object]:
    """Version of the distribution and SHA-256 of each package, over names and contents in sorted order."""
    return {
        "version": metadata.version("meter-test-bench"),
        "packages": {package: _package_hash(package) for package in _PACKAGES},
        "libraries": {name: metadata.version(name) for name in ("numpy", "pymodbus")},
    }


def _package_hash(package: str) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(_files(resources.files(package), package)):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _files(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        name = f"{prefix}/{entry.name}"
        if entry.is_dir():
            if entry.name != "__pycache__":
                found += _files(entry, name)
        elif entry.name.endswith(_SUFFIXES):
            found.append((name, entry.read_bytes()))
    return found
