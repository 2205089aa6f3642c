"""What the bench asks and waits for, in lines for a terminal: who is asked what, and how to answer or confirm."""

from __future__ import annotations

from collections.abc import Callable

from bench.canonical import JsonObject
from bench.control.live import LiveState
from bench.items import Item
from bench.run.figures import waited_for
from bench.safety.arming import Waiting
from bench.safety.presses import By
from bench.terminal.words import word
from bench.words import field_word, item_word
from calibration.reasons import finding_sentence


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
    is_checklist = Item(question["item"]).facts.is_inspection
    example = f"{waiting[0] if waiting else 'all'} {fields[0]}={'broken' if is_checklist else '012345.67'}"
    if elsewhere is not None:
        example = f"{'ok' if is_checklist else example} {elsewhere}".rstrip()
        return [asked, word("how_to_answer_elsewhere", language, example=example)]
    return [asked, word("how_to_answer" if is_checklist else "how_to_type", language, example=example)]


def waiting_line(waits_for: JsonObject, language: str, elsewhere: str | None = None) -> str:
    """What the bench waits for, of STATE. elsewhere: as of `question_lines`."""
    why_not = waits_for.get("why_not")
    # The sentences of the reasons are about a run that has ended; where this one goes on, it has its own.
    key = f"wait_{why_not['reason'] if why_not else waits_for['what']}"
    if why_not and key not in word:
        said = finding_sentence(why_not, language)
        return word("wait_why_not", language, why=said)
    how = word("press_enter", language) if elsewhere is None else f"bench confirm {elsewhere}".rstrip()
    if By.START_BUTTON in waits_for["by"]:
        has_others = len(waits_for["by"]) > 1
        button = word("press_start", language)
        how = word("or_else", language, one=how, other=button) if has_others else button
    return word(key, language, how=how)


def waiting_teller(tell: Callable[[str], None], language: str) -> Callable[[Waiting | None], None]:
    """Tells on a terminal, each once, what a bench without a run waits for."""
    told: list[str] = []

    def show(waiting: Waiting | None) -> None:
        line = None if waiting is None else waiting_line(waited_for(waiting, waiting.until_ns), language)
        if line is not None and line not in told[-1:]:
            told.append(line)
            tell(line)

    return show


class QuestionTeller:
    """Tells every question that comes up and whatever is waited for, while it is entered as a context manager.

    options: what `bench answer` needs to find this bench, such as `--config live.toml`.
    """

    def __init__(
        self,
        live: LiveState,
        tell: Callable[[str], None],
        language: str,
        options: str,
    ) -> None:
        self._waiting_line: str | None = None
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
        line = None
        if (waits_for := state.get("waits_for")) is not None:
            line = waiting_line(waits_for, self._language, self._options)
            if line != self._waiting_line:
                self._tell(line)
        self._waiting_line = line
        question = state.get("question")
        is_new = question is not None and self._point is None
        self._point = None if question is None else question["point"]
        if is_new and question is not None:
            for line in question_lines(question, self._language, self._options):
                self._tell(line)
