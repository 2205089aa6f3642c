"""What the web prints has one door to typst: a template of a room and its data in, a PDF or pictures of its pages out.

A template is a file `typst/NAME.typ` in its room's folder. What it reads is handed in as files in memory: `data.json`
and what the caller adds (`qr.svg`, say); nothing is read from the disk but the font, which comes with the package
`noto-cjk-sans-otc` and has Chinese and Latin in one weight, and nothing from the network. A text is data there, never
typst's own language, whatever somebody wrote. The same files give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from web.casework.refused import Refused

if TYPE_CHECKING:
    import typst

_NO_GLYPH = re.compile(r'the text `?"(.*?)"`? could not be displayed', re.DOTALL)
_LONGEST_SHOWN = 20


def pdf_of(
    room: str, template: str, data: Mapping[str, Any], files: Mapping[str, bytes] | None = None
) -> bytes:
    """room: a package such as "web.review"; template: "month" for its typst/month.typ. PDF/A-3b.

    Errors: Refused not_printable for a text with a character that the font does not have.
    """
    printed = _compile(room, template, data, files, "pdf", None)
    assert isinstance(printed, bytes)
    return printed


def pictures_of(
    room: str,
    template: str,
    data: Mapping[str, Any],
    files: Mapping[str, bytes] | None = None,
    ppi: float = 144.0,
) -> list[bytes]:
    """The pages as PNG; one long picture where the template sets `height: auto`. Errors: as above."""
    printed = _compile(room, template, data, files, "png", ppi)
    return [printed] if isinstance(printed, bytes) else printed


def _compile(
    room: str,
    template: str,
    data: Mapping[str, Any],
    files: Mapping[str, bytes] | None,
    kind: Literal["pdf", "png"],
    ppi: float | None,
) -> bytes | list[bytes]:
    import typst  # heavy, and only needed where something is printed

    project = {
        "main.typ": (resources.files(room) / "typst" / f"{template}.typ").read_bytes(),
        "data.json": json.dumps(data, ensure_ascii=False, sort_keys=True).encode("utf-8"),
        **(files or {}),
    }
    standards = ["a-3b"] if kind == "pdf" else []
    compile_project: Any = typst.compile  # whose stub does not know of a project of several files in memory
    try:
        printed: bytes | list[bytes] = compile_project(
            project, font_paths=_fonts(), format=kind, ppi=ppi, pdf_standards=standards
        )
    except typst.TypstError as error:
        if missing := _NO_GLYPH.search(error.message):
            raise Refused("not_printable", written=missing[1][:_LONGEST_SHOWN]) from error
        raise
    return printed


@cache
def _fonts() -> typst.Fonts:
    import typst

    with resources.as_file(resources.files("noto_cjk_sans_otc")) as folder:
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
