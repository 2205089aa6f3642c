"""The one door to typst: a template and its data in, PDF/A-3b (or pictures of its pages) out.

Everything that a template reads is handed in as files in memory; nothing is read from the disk but the font, which
comes with the package `noto-cjk-sans-otc` and has Chinese and Latin in one weight. No package of typst's registry is
used, so no network. The same files give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bench.canonical import JsonObject
from bench.errors import OperatorError

if TYPE_CHECKING:
    import typst

_TEMPLATES = "typst"
_STANDARD = "a-3b"
_PARTS = ("plot.typ",)
"""Templates that others import."""
_NO_GLYPH = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)


def pdf_of(template: str, data: JsonObject, files: Mapping[str, bytes]) -> bytes:
    """template: name of a file in bench/certificate/typst/; files: by the names that the template reads.

    Errors: OperatorError for a text with a character that the font does not have, or a picture that is none.
    """
    printed = _compile(template, data, files, "pdf")
    assert isinstance(printed, bytes)
    return printed


def pictures_of(template: str, data: JsonObject, files: Mapping[str, bytes], ppi: float) -> list[bytes]:
    """The pages as PNG, for people who look at the layout."""
    printed = _compile(template, data, files, "png", ppi)
    return [printed] if isinstance(printed, bytes) else printed


def _compile(
    template: str, data: JsonObject, files: Mapping[str, bytes], kind: str, ppi: float | None = None
) -> bytes | list[bytes]:
    import typst  # heavy, and only needed where something is printed

    project = {
        "main.typ": _template(template),
        **{name: _template(name) for name in _PARTS},
        "data.json": json.dumps(data, ensure_ascii=False, sort_keys=True).encode("utf-8"),
        **files,
    }
    standards = [_STANDARD] if kind == "pdf" else []
    compile_project: Any = typst.compile  # whose stub does not know of a project of several files in memory
    try:
        printed: bytes | list[bytes] = compile_project(
            project, font_paths=_fonts(), format=kind, ppi=ppi, pdf_standards=standards
        )
    except typst.TypstError as error:
        if missing := _NO_GLYPH.search(error.message):
            raise OperatorError(
                f"the font of certificates has no {missing[1]!r}; write that text without it"
            ) from error
        if "image" in error.message or "SVG" in error.message:
            raise OperatorError(
                f"[laboratory] logo_file cannot be drawn: {error.message.splitlines()[0]}"
            ) from error
        raise
    return printed


def _template(name: str) -> bytes:
    return (resources.files("bench.certificate") / _TEMPLATES / name).read_bytes()


@cache
def _fonts() -> typst.Fonts:
    import typst

    with resources.as_file(resources.files("noto_cjk_sans_otc")) as folder:
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
