"""Progress of a run on the terminal: the same live state as the page, in a few lines of rich."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bench.canonical import JsonObject
from bench.fault_lines import fault_lines
from bench.live import LiveState
from bench.questions import question_lines
from bench.result_text import result_cells, signed
from bench.words import point_word, word
from calibration.reasons import Reason, sentence

_STYLES = {
    "PASS": "bold green",
    "FAIL": "bold red",
    "INVALID": "bold yellow",
    "UNJUDGED": "bold",
}
_MOST_ROWS = 200
_LINES_BESIDE = 12
"""Of the display beside the table. Where rows for all test points do not fit, a row stands for a position."""


class RunProgress:
    """Shows the live state while it is entered as a context manager. language: zh or en.

    While the bench asks something the display stands still, so that an answer can be typed under it.
    can_type: whether the answer is typed at this very terminal.
    """

    def __init__(self, live: LiveState, console: Console, language: str, *, can_type: bool = False) -> None:
        self._state = live
        self._language = language
        self._console = console
        self._can_type = can_type
        self._question: JsonObject | None = None
        self._display = self._new_display(live.snapshot()[1])

    def __enter__(self) -> RunProgress:
        self._display.start()
        self._state.listen(self._on_change)
        return self

    def __exit__(self, *unused: object) -> None:
        self._state.stop_listening(self._on_change)
        self._display.update(self._render_state(self._state.snapshot()[1]), refresh=True)
        self._display.stop()
        if not self._console.is_terminal:
            self._console.line()

    def _new_display(self, state: JsonObject) -> Live:
        return Live(self._render_state(state), console=self._console, auto_refresh=False, transient=False)

    def _on_change(self, sequence: int, patch: JsonObject, state: JsonObject) -> None:
        question = state.get("question")
        if question is not None:
            if question != self._question:
                self._ask(question)
            return
        if self._question is not None:
            self._question = None
            self._display = self._new_display(state)
            self._display.start()
        if patch.keys() - {"clock"}:
            self._display.update(self._render_state(state), refresh=True)

    def _ask(self, question: JsonObject) -> None:
        if self._question is None:
            self._display.stop()
        self._question = question
        for line in question_lines(question, self._language, can_type=self._can_type):
            self._console.print(Text(line, style="bold"))

    def _render_state(self, state: JsonObject) -> RenderableType:
        is_over = bool((state.get("run") or {}).get("verdict"))
        rows = len(state["points"]) * len(state["positions"])
        fits = rows <= (_MOST_ROWS if is_over else self._console.height - _LINES_BESIDE)
        table = self._table(state) if fits else self._table_of_positions(state)
        return Group(self._headline(state), *self._warnings(state), table, *self._fault_lines(state))

    def _headline(self, state: JsonObject) -> Text:
        run = state.get("run") or {}
        reference = state["reference"]
        read = f"{reference['power_W']} W" if reference.get("power_W") else self._word("silent")
        line = Text(f"{self._word(state['bench']['kind'])}  {run.get('id', '')}  ", style="bold")
        if not run.get(
            "verdict"
        ):  # afterwards the load is off, and what is read then says nothing of the run
            line.append(f"{self._word('reference')}: {read}  ", style="none")
        if state.get("ends_in_s"):
            line.append(word("left", self._language, seconds=state["ends_in_s"]), style="none")
        if run.get("verdict"):
            line.append(self._word(run["verdict"]), style=_STYLES[run["verdict"]])
        return line

    def _warnings(self, state: JsonObject) -> list[Text]:
        """What is known before the run: an expired certificate, why it is not official, loads that the reference
        cannot average."""
        lines = []
        if expired_on := state["bench"].get("certificate_expired_on"):
            lines.append(Text("! " + word("expired", self._language, day=expired_on), style="bold yellow"))
        if state["bench"]["kind"] == "informative":
            for finding in (state.get("run") or {}).get("not_official_because", ()):
                why = sentence(Reason(finding["reason"]), finding["values"], self._language)
                lines.append(Text(word("not_official", self._language, why=why), style="yellow"))
        for point in state["points"].values():
            if (warning := point.get("warning")) and point["state"] != "done":
                said = sentence(Reason(warning["reason"]), warning["values"], self._language)
                lines.append(Text(f"{point_word(point, self._language)}: {said}", style="yellow"))
        return lines

    def _table(self, state: JsonObject) -> Table:
        """A row for each test point of each position."""
        has_truth = state["bench"]["kind"] == "simulated"
        columns = ["position", "test_point", "error", "uncertainty", "limit", "pulses", "verdict"]
        table = self._with_columns([*columns, "true"] if has_truth else columns)
        for position, shown in state["positions"].items():
            name = f"{position} {shown['serial']}"
            for key, point in state["points"].items():
                if position in point["positions"]:
                    row = self._row(shown, key, point, state.get("point") == key)
                    cells = (name, point_word(point, self._language), *row)
                    table.add_row(*cells[: len(table.columns)])
                    name = ""
        return table

    def _table_of_positions(self, state: JsonObject) -> Table:
        """A row for each position: how far it has come, and its figures at the running test point."""
        key = state.get("point") or ""
        point = state["points"].get(key)
        table = self._with_columns(
            ["position", "done_of", "error", "uncertainty", "limit", "pulses", "verdict"]
        )
        for position, shown in state["positions"].items():
            whole = sum(position in p["positions"] for p in state["points"].values())
            figures = [""] * 4
            if point is not None and position in point["positions"]:
                figures = self._row(shown, key, point, True)[:4]
            done = f"{len(shown['results'])}/{whole}"
            table.add_row(f"{position} {shown['serial']}", done, *figures, self._so_far(shown))
        if point is not None:
            table.title = point_word(point, self._language)
        return table

    def _so_far(self, shown: JsonObject) -> Text:
        """The verdict of a position, or the worst that it has had until now."""
        had = {result["verdict"] for result in shown["results"].values()}
        worst = next((v for v in ("FAIL", "INVALID", "PASS", "UNJUDGED") if v in had), None)
        verdict = shown.get("verdict") or worst
        return Text("") if verdict is None else Text(self._word(verdict), style=_STYLES[verdict])

    def _with_columns(self, columns: list[str]) -> Table:
        table = Table(box=box.SIMPLE, collapse_padding=True, pad_edge=False)
        for column in columns:
            # What was measured is never cut; where the terminal is narrow, names wrap.
            is_name = column in ("position", "test_point")
            table.add_column(self._word(column), no_wrap=not is_name, overflow="fold")
        return table

    def _row(self, shown: JsonObject, key: str, point: JsonObject, is_running: bool) -> list[Any]:
        """Error, U, limit, pulses, verdict or what happens, true error."""
        result = shown["results"].get(key)
        if result is not None:
            truth = signed(result.get("true_error_pct"))
            return [*result_cells(result), str(result["pulses"] or "—"), self._verdict(result), truth]
        state = self._word(point["state"])
        if is_running and (running := shown.get("running")):
            figures = [signed(running["percentage_error_pct"]), running["expanded_uncertainty_pct"] or "—"]
            mpe_pct = running["mpe_pct"]
            return [*figures, f"±{mpe_pct}" if mpe_pct else "—", str(shown["pulses"]), state, ""]
        if is_running and (watching := shown.get("watching")):
            pulses = watching["pulses"]
            return [self._watching(watching), "", "", "" if pulses is None else str(pulses), state, ""]
        return ["", "", "", str(shown["pulses"]) if is_running else "", state, ""]

    def _verdict(self, result: JsonObject) -> Text:
        said = self._word(result["verdict"])
        if result.get("conditional"):
            said = word("conditional", self._language, verdict=said)
        if result.get("taken_over"):
            said = f"{said} ({self._word('earlier_run')})"
        return Text(said, style=_STYLES[result["verdict"]])

    def _watching(self, watching: JsonObject) -> str:
        """How far a step without a comparison has come."""
        unit = "Wh" if watching["stage"] == "energy" else "s"
        return f"{self._word(watching['stage'])} {watching['gone']}/{watching['whole']} {unit}"

    def _fault_lines(self, state: JsonObject) -> list[Text]:
        return [Text(f"! {line}", style="yellow") for line in fault_lines(state, self._language)]

    def _word(self, key: str) -> str:
        return word(key, self._language)
