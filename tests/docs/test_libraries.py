"""The libraries: each pinned with the hash of every file, under a licence that asks for nothing of the bench's own
code, and needed. What is known to be wrong with them is asked on the network: `./dev audit`."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(?: ;[^\\]*)? ?\\?$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
_FREE = re.compile(
    r"\b(?:MIT|MIT-CMU|MIT-0|BSD|0BSD|Apache|PSF|Python Software Foundation|Zlib|CC0|ISC|ZPL|Zope Public|unlicense|"
    r"OFL|MPL|Mozilla Public|LGPL)(?:\b|-)",
    re.I,
)
_NOT_FREE = re.compile(r"(?<!L)(?<!Lesser )\b(?:A?GPL|SSPL|BUSL|Proprietary|Commercial)", re.I)
WITHOUT_A_WORD = {"axe-playwright-python": "MIT, says its repository; for tests alone"}
IMPORTED_BY_ANOTHER = {"lgpio": "by gpiozero, on a Pi"}


def pinned(lock: str) -> dict[str, list[str]]:
    """Each library of a lock file, with the lines that belong to it."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (ROOT / lock).read_text("utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            match = _PINNED.match(line)
            assert match is not None, f"{lock}: {line}: not pinned to one version"
            name = match[1]
        if name:
            found.setdefault(name, []).append(line)
    return found


def licence_of(name: str) -> str:
    """All that a library says of its licence."""
    said = metadata(name)
    classifiers = [c for c in said.get_all("Classifier") or [] if c.startswith("License ::")]
    return " | ".join([said.get("License-Expression") or "", (said.get("License") or "")[:200], *classifiers])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_library_is_pinned_with_the_hashes_of_its_files(lock: str) -> None:
    libraries = pinned(lock)
    assert len(libraries) > 30
    for name, lines in libraries.items():
        assert any(_HASH.match(line) for line in lines), name


@pytest.mark.parametrize("lock", LOCKS)
def test_every_licence_lets_the_bench_be_what_it_is(lock: str) -> None:
    looked_at = 0
    for name in pinned(lock):
        try:
            said = licence_of(name)
        except PackageNotFoundError:  # for another system or another Python
            continue
        looked_at += 1
        assert not _NOT_FREE.search(said), (name, said)
        assert _FREE.search(said) or name in WITHOUT_A_WORD, (name, said)
    assert looked_at > 30


def test_every_library_that_is_asked_for_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked_for = {re.match(r"[\w.-]+", line)[0].lower() for line in project["dependencies"]}  # type: ignore[index]
    modules: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules.setdefault(distribution.lower().replace("_", "-"), set()).add(module)
    source = "\n".join(
        path.read_text("utf-8")
        for part in ("calibration", "firmware_io", "bench", "web")
        for path in (ROOT / part).rglob("*.py")
    )
    for name in sorted(asked_for - set(IMPORTED_BY_ANOTHER)):
        used = modules.get(name, {name})
        assert any(
            re.search(rf'^\s*(?:import|from) {module}\b|"{module}"', source, re.M) for module in used
        ), f"{name}: nothing imports it; take it out of pyproject.toml"
