"""Finding an answer by a few words, in the language in which somebody reads.

Latin words are looked for as they are written, parts of words too; Chinese has no spaces, so each pair of neighbouring
characters counts. What is found in the title counts thrice. No index: a handbook has some dozens of answers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from web.knowledge.model import Answer

LONGEST = 100
"""Characters of what is searched for; the rest is not looked at."""
_WORD = re.compile(r"[a-z0-9]+|[㐀-鿿]+")
_TITLE_COUNTS = 3


def search(answers: Sequence[Answer], wanted: str, language: str) -> list[Answer]:
    """Those in which every part of what is wanted is found, the best first; all of them where nothing is wanted."""
    parts = _parts(wanted[:LONGEST])
    if not wanted.strip():
        return list(answers)
    scored = [(_score(answer, parts, language), number, answer) for number, answer in enumerate(answers)]
    return [answer for score, _, answer in sorted(scored, key=lambda s: (-s[0], s[1])) if score]


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    for word in _WORD.findall(_folded(text)):
        if word.isascii() or len(word) == 1:
            parts.append(word)
        else:
            parts.extend(word[i : i + 2] for i in range(len(word) - 1))
    return parts


def _score(answer: Answer, parts: Sequence[str], language: str) -> int:
    """0 where a part is missing. Chinese: half of the pairs are enough, since particles stand between words."""
    title, body = _folded(answer.title(language)), _folded(answer.text(language))
    counts = [_TITLE_COUNTS * title.count(part) + body.count(part) for part in parts]
    latin = [count for part, count in zip(parts, counts, strict=True) if part.isascii()]
    others = [count for part, count in zip(parts, counts, strict=True) if not part.isascii()]
    if not parts or not all(latin) or 2 * sum(map(bool, others)) < len(others):
        return 0
    return sum(counts)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
