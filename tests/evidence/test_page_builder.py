"""The page is made of its modules: what it takes, what it refuses, and that nothing in it can leave the device."""

from __future__ import annotations

import base64
import hashlib
import re
import tomllib
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

import pytest

import bench.evidence
from bench.evidence.page_builder import PageError, build_page, verifier_page
from calibration.reasons import Reason

Folder = Callable[..., Path]
ROOM = Path(bench.evidence.__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Makes a folder with the parts of a small page; files: other modules, by their paths without ".js"."""

    def made(main: str, style: str = "p { margin: 0 }", **files: str) -> Path:
        head = '<meta content="content policy"><style>/* style */</style>'
        (tmp_path / "page.html").write_text(f"{head}<script>/* script */</script>")
        (tmp_path / "page.css").write_text(style)
        for name, text in {"ui/main": main, **{n.replace("__", "/"): t for n, t in files.items()}}.items():
            path = tmp_path / f"{name}.js"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return tmp_path

    return made


def test_a_module_comes_once_and_after_those_that_it_imports(folder: Folder) -> None:
    page = build_page(
        folder(
            'import { a } from "../a.js";\nimport { b } from "../x/b.js";\na(b);\n',
            a='import { b } from "./x/b.js";\nexport function a() { return b; }\n',
            x__b="export const b = 1;\nconst hidden = 2;\n",
        )
    ).decode()
    assert page.index("const x_b = ") < page.index("const a = ") < page.index("const ui_main = ")
    assert page.count("const b = 1;") == 1
    assert "return { b };" in page
    assert "const { b } = x_b;" in page
    assert "export" not in page


def test_the_same_names_in_two_modules_do_not_meet(folder: Folder) -> None:
    page = build_page(
        folder(
            'import { a } from "../a.js";\nconst SIZE = 1;\n', a="const SIZE = 2;\nexport const a = SIZE;\n"
        )
    )
    assert page.decode().count("const SIZE") == 2


@pytest.mark.parametrize(
    ("main", "says"),
    [
        ('import { a as b } from "../a.js";\n', "a as b"),
        ('import a from "../a.js";\n', "import a"),
        ('import { c } from "../a.js";\n', "'c'"),
        ('import { a } from "../../a.js";\n', "outside"),
        ('import { a } from "https://example.org/a.js";\n', "relative"),
        ('import { a } from "../none.js";\n', "none.js"),
        ('import { main } from "../b.js";\nexport const main = 1;\n', "circle"),
        ("export default 1;\n", "export default"),
        ('const end = "</script>";\n', "</script"),
        ('const comment = "<!--";\n', "<!--"),
    ],
)
def test_what_the_page_is_not_made_with_is_refused(folder: Folder, main: str, says: str) -> None:
    other = 'import { main } from "./ui/main.js";\nexport const b = main;\n'
    with pytest.raises(PageError) as refused:
        build_page(folder(main, a="export const a = 1;\n", b=other))
    assert says in str(refused.value)


def test_the_page_is_the_same_each_time_and_its_policy_allows_exactly_its_own_parts() -> None:
    page = verifier_page()
    assert page == build_page(ROOM / "page")
    text = page.decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    script = re.search("<script>(.*)</script>", text, re.DOTALL)
    style = re.search("<style>(.*)</style>", text, re.DOTALL)
    assert policy
    assert script
    assert style
    assert policy[1].split("; ") == [
        "default-src 'none'",
        f"script-src '{source_hash(script[1])}'",
        f"style-src '{source_hash(style[1])}'",
        "img-src data: blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def source_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_no_part_reaches_out_or_makes_code_or_markup_of_data() -> None:
    script = verifier_page().decode()
    for word in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "sendBeacon",
        "EventSource",
        "innerHTML",
        "outerHTML",
        "eval(",
        "insertAdjacentHTML",
        "new Function",
        "document.write",
        "localStorage",
        "document.cookie",
    ):
        assert word not in script, word


def test_every_reason_has_its_sentence_in_the_page() -> None:
    text = verifier_page().decode()
    for reason in Reason:
        assert f'"{reason.value}":{{"texts":' in text


def test_all_parts_of_the_page_are_installed_with_the_program() -> None:
    settings = tomllib.loads((ROOM.parents[1] / "pyproject.toml").read_text())
    patterns = settings["tool"]["setuptools"]["package-data"]["bench"]
    parts = [
        path.relative_to(ROOM.parent).as_posix() for path in (ROOM / "page").rglob("*") if path.is_file()
    ]
    assert len(parts) > 20
    for part in parts:
        assert any(fnmatch(part, p) and p.count("/") == part.count("/") for p in patterns), part


def test_both_languages_of_a_text_have_places_for_the_same_values() -> None:
    texts = re.findall(
        r"^  (\w+): \[\s*\"(.*?)\",\s*\"(.*?)\",?\s*\],$",
        (ROOM / "page/words.js").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    assert len(texts) > 100
    for key, zh, en in texts:
        assert set(re.findall(r"\{(\w+)\}", zh)) == set(re.findall(r"\{(\w+)\}", en)), key


def test_every_text_that_is_said_is_there_and_none_is_left_over() -> None:
    words = (ROOM / "page/words.js").read_text()
    known = set(re.findall(r"^  (\w+): \[", words, re.MULTILINE))
    assert words.count(": [") == len(known), "a text stands there twice"
    others = "".join(
        p.read_text() for p in (ROOM / "page").rglob("*.*") if p.name != "words.js" and p.is_file()
    )
    said = set(re.findall(r'(?:say|Refused)\("(\w+)"', others)) | set(
        re.findall(r'data-word="(\w+)"', others)
    )
    assert said <= known, said - known
    made = {"step_", "outcome_", "working_"}
    left = {
        key
        for key in known
        if not re.search(rf'"{key}"', others) and not any(key.startswith(m) for m in made)
    }
    assert left <= {"PASS", "FAIL", "INVALID", "UNJUDGED"}
