"""What the bench asks, in lines for a terminal: who is asked what, and how to answer."""

from __future__ import annotations

from collections.abc import Callable

from bench.canonical import JsonObject
from bench.items import Item
from bench.live import LiveState
from bench.words import field_word, item_word, word


def question_lines(question: JsonObject, language: str, elsewhere: str | None = None) -> list[str]:
    """Lines for a question of STATE, for those who have not answered yet.

    elsewhere: options of `bench answer` on another terminal; None: the answer is typed at this very terminal.
    """
    waiting = [p for p in question["positions"] if p not in question["answered"]]
    fields = question["fields"]
    asked = word(
        "question",
        language,
        item=item_word(question["item"], language),
        positions=", ".join(waiting),
        fields=", ".join(field_word(field, language) for field in fields),
    )
    is_checklist = question["item"] == Item.VISUAL.value
    example = f"{waiting[0] if waiting else 'all'} {fields[0]}={'broken' if is_checklist else '012345.67'}"
    if elsewhere is not None:
        example = f"{'ok' if is_checklist else example} {elsewhere}".rstrip()
        return [asked, word("how_to_answer_elsewhere", language, example=example)]
    return [asked, word("how_to_answer" if is_checklist else "how_to_type", language, example=example)]


class QuestionTeller:
    """Tells every question that comes up, while it is entered as a context manager.

    options: what `bench answer` needs to find this bench, such as `--config live.toml`.
    """

    def __init__(self, live: LiveState, tell: Callable[[str], None], language: str, options: str) -> None:
        self._options = options
        self._live = live
        self._tell = tell
        self._language = language
        self._point: str | None = None

    def __enter__(self) -> QuestionTeller:
        self._live.listen(self._on_change)
        return self

    def __exit__(self, *unused: object) -> None:
        self._live.stop_listening(self._on_change)

    def _on_change(self, sequence: int, patch: JsonObject, state: JsonObject) -> None:
        question = state.get("question")
        is_new = question is not None and self._point is None
        self._point = None if question is None else question["point"]
        if is_new and question is not None:
            for line in question_lines(question, self._language, self._options):
                self._tell(line)
