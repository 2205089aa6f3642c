"""What the documents point at is there: every path, and every name that is given behind a path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
_FOLDERS = ("calibration", "firmware_io", "bench", "web", "systemd", "tests", "docs")
_CODE = re.compile(r"`([^`\n]+)`")
_NAMES = re.compile(r"`([\w/]+\.py)`: ((?:`[A-Za-z_][\w.]*`(?:, | and )?)+)")
_LINK = re.compile(r"\]\(([^)#:\s]+)(#[^)\s]*)?\)")


def paths_of(text: str) -> Iterator[str]:
    """Whatever stands in backquotes and begins with one of our folders; NAME stands for any name."""
    for quoted in _CODE.findall(text):
        path = re.split(r"[:\s]", quoted)[0]
        if path.split("/")[0] in _FOLDERS and "/" in path:
            yield path.replace("NAME", "*")


def names_of(text: str) -> Iterator[tuple[str, str]]:
    """(path, name) of every `path.py`: `Name`, `name`."""
    for path, names in _NAMES.findall(text):
        for name in _CODE.findall(names):
            yield path, name


def anchors_of(document: Path) -> set[str]:
    """The anchors that its headings make on a web page of the repository."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_there_is_something_to_look_at() -> None:
    tour = (ROOT / "README.md").read_text("utf-8")
    assert len(set(paths_of(tour))) > 30
    assert len(set(names_of(tour))) > 3


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_that_a_document_gives_is_there(document: Path) -> None:
    text = document.read_text("utf-8")
    gone = [path for path in paths_of(text) if not any(ROOT.glob(path.rstrip("/")))]
    assert not gone


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_name_that_a_document_gives_is_defined_in_its_file(document: Path) -> None:
    for path, name in names_of(document.read_text("utf-8")):
        source = (ROOT / path).read_text("utf-8")
        last = re.escape(name.split(".")[-1])
        assert re.search(rf"^\s*(?:(?:async )?def|class) {last}\b|^\s*{last}(?::| =)", source, re.M), (
            path,
            name,
        )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    for target, anchor in _LINK.findall(document.read_text("utf-8")):
        found = document.parent / target
        assert found.exists(), target
        if anchor:
            assert anchor[1:] in anchors_of(found), (target, anchor)
