"""The verifier page: its parts in `page/` as one HTML file that needs nothing else.

`page/page.html` has a place for the style and one for the script. The script is made of the modules that `ui/main.js`
imports, each once, after those that it imports itself. A module becomes a function that is called on the spot and gives
what it exports:

    const archive_merkle = (() => {
      const { sha256 } = archive_sha256;
      ...
      return { leafHash, nodeHash };
    })();

So modules keep to a part of the language, and whatever is outside of it is refused here instead of going wrong in a
customer's hands: `import { names } from "./file.js";` at the beginning of a line, `export` before a declaration
there; no other name for an import, no circle.

What the program says elsewhere, too, the names of items, the figures of a certificate and the sentences of findings,
comes from there: a module that no file holds, `generated.js`.

A content policy allows this style and this script by their hashes, pictures out of the page itself, and nothing else:
whoever reads the head of the page sees that it cannot send anything anywhere. The same files make the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from bench.canonical import JsonObject, canonical_bytes
from bench.certificate.words import in_order
from bench.certificate.words import word as printed_word
from bench.words import field_name, item_word
from calibration.reasons import Reason

_FOLDER = Path(__file__).parent / "page"
_ENTRY = "ui/main.js"
_GENERATED = "generated.js"
_FIGURE = "figure_"
_STYLE, _SCRIPT, _POLICY = "/* style */", "/* script */", "content policy"

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(
    r"^export ((?:async )?(?:function\*?|class|const|let) +([A-Za-z_$][\w$]*))", re.MULTILINE
)
_NOT_TAKEN = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class PageError(Exception):
    """A defect in the parts of the page: which file, and what is wrong with it."""


@cache
def verifier_page() -> bytes:
    """The page as it is published and put into every bundle."""
    return build_page(_FOLDER)


def build_page(folder: Path) -> bytes:
    """The page made of the parts in a folder. Errors: PageError."""
    script = '\n"use strict";\n' + _joined(folder) + "\n"
    style = "\n" + _read(folder, "page.css").strip() + "\n"
    for name, text, end in (("the script", script, "</script"), ("page.css", style, "</style")):
        if end in text.lower() or "<!--" in text:
            raise PageError(f"{name} holds {end} or <!--, which would end it")
    policy = (
        f"default-src 'none'; script-src '{_source_hash(script)}'; style-src '{_source_hash(style)}'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    page = _read(folder, "page.html")
    for place, text in ((_POLICY, policy), (_STYLE, style), (_SCRIPT, script)):
        if page.count(place) != 1:
            raise PageError(f"page.html has {place!r} {page.count(place)} times instead of once")
        page = page.replace(place, text)
    return page.encode("utf-8")


def _joined(folder: Path) -> str:
    """All modules, each after those that it imports."""
    exports: dict[str, frozenset[str]] = {}
    parts: list[str] = []

    def add(name: str, under_way: tuple[str, ...]) -> None:
        if name in under_way:
            raise PageError(f"{' -> '.join((*under_way, name))}: modules import each other in a circle")
        text = _generated() if name == _GENERATED else _read(folder, name)
        taken = []
        for names, source in _IMPORT.findall(text):
            imported = _resolved(name, source)
            if imported not in exports:
                add(imported, (*under_way, name))
            wanted = [part.strip() for part in names.split(",") if part.strip()]
            if missing := [one for one in wanted if one not in exports[imported]]:
                raise PageError(f"{name}: {imported} exports no {missing[0]!r}")
            taken.append(f"const {{ {', '.join(wanted)} }} = {_variable(imported)};\n")
        body = _IMPORT.sub("", text)
        given = tuple(found[1] for found in _EXPORT.findall(body))
        body = _EXPORT.sub(r"\1", body).strip()
        if (strange := _NOT_TAKEN.search(body)) is not None:
            raise PageError(f"{name}: {strange[0]!r} is no import or export that the page is made with")
        inside = f"{''.join(taken)}{body}\nreturn {{ {', '.join(given)} }};"
        parts.append(f"// {name}\nconst {_variable(name)} = (() => {{\n{inside}\n}})();")
        exports[name] = frozenset(given)

    add(_ENTRY, ())
    return "\n\n".join(parts)


def _variable(module: str) -> str:
    """The name that stands for what a module exports."""
    return re.sub(r"\W", "_", module.removesuffix(".js"))


def _read(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except OSError as error:
        raise PageError(f"{name}: {error.strerror}") from error


def _generated() -> str:
    """The module of the texts that the program has of its own: each as its Chinese and its English."""
    sentences: JsonObject = {reason.value: _sentence(reason) for reason in Reason}
    figures = {
        key.removeprefix(_FIGURE): texts
        for key, texts in printed_word.table.items()
        if key.startswith(_FIGURE)
    }
    names = in_order(dict.fromkeys([*field_name.table, *figures], ""))
    tables: dict[str, JsonObject] = {
        "ITEM_NAMES": dict(item_word.table),
        "FIELD_NAMES": dict(field_name.table),
        "FIGURE_SENTENCES": figures,
        "FIGURE_ORDER": {name: place for place, name in enumerate(names)},
        "REASON_SENTENCES": sentences,
    }
    return "".join(
        f"export const {name} = {canonical_bytes(table).decode('utf-8')};\n" for name, table in tables.items()
    )


def _sentence(reason: Reason) -> JsonObject:
    without = reason.without
    other = None if without is None else {"value": without.value, "texts": [without.zh, without.en]}
    return {"texts": [reason.zh, reason.en], "without": other}


def _resolved(importer: str, source: str) -> str:
    """Path of an imported module inside the folder. Errors: PageError where it leads out of it."""
    if not source.startswith(("./", "../")):
        raise PageError(f"{importer} imports {source!r}: only files of the page by their relative paths")
    parts = importer.split("/")[:-1]
    for part in source.split("/"):
        if part == ".." and not parts:
            raise PageError(f"{importer} imports {source!r}, which is outside of the page")
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _source_hash(text: str) -> str:
    """As a content policy names an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
