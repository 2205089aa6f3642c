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
from bench.words import word
from calibration.reasons import Reason, sentence

_STYLES = {"PASS": "bold green", "FAIL": "bold red", "INVALID": "bold yellow"}


class RunProgress:
    """Shows the live state while it is entered as a context manager. language: zh or en."""

    def __init__(self, live: LiveState, console: Console, language: str) -> None:
        self._state = live
        self._language = language
        self._console = console
        self._display = Live(self._render(), console=console, auto_refresh=False, transient=False)

    def __enter__(self) -> RunProgress:
        self._display.start()
        self._state.listen(self._on_change)
        return self

    def __exit__(self, *unused: object) -> None:
        self._state.stop_listening(self._on_change)
        self._display.update(self._render(), refresh=True)
        self._display.stop()
        if not self._console.is_terminal:
            self._console.line()

    def _on_change(self, sequence: int, patch: JsonObject, state: JsonObject) -> None:
        if patch.keys() - {"clock"}:
            self._display.update(self._render_state(state), refresh=True)

    def _render(self) -> RenderableType:
        return self._render_state(self._state.snapshot()[1])

    def _render_state(self, state: JsonObject) -> RenderableType:
        return Group(
            self._headline(state), *self._warnings(state), self._table(state), *self._fault_lines(state)
        )

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
        """What is known before the run: an expired certificate, and loads that the reference cannot average."""
        lines = []
        if expired_on := state["bench"].get("certificate_expired_on"):
            lines.append(Text("! " + word("expired", self._language, day=expired_on), style="bold yellow"))
        for point in state["points"].values():
            if (warning := point.get("warning")) and point["state"] != "done":
                said = sentence(Reason(warning["reason"]), warning["values"], self._language)
                lines.append(Text(f"{point['name']}: {said}", style="yellow"))
        return lines

    def _table(self, state: JsonObject) -> Table:
        table = Table(box=box.SIMPLE)
        has_truth = state["bench"]["kind"] == "simulated"
        columns = ["position", "load_point", "error", "uncertainty", "limit", "pulses", "verdict"]
        for column in [*columns, "true"] if has_truth else columns:
            # What was measured is never cut; where the terminal is narrow, names wrap.
            is_name = column in ("position", "load_point")
            table.add_column(self._word(column), no_wrap=not is_name, overflow="fold")
        for position, shown in state["positions"].items():
            for key, point in state["points"].items():
                row = self._row(shown, key, point, state.get("point") == key)
                table.add_row(f"{position} {shown['serial']}", point["name"], *row[: len(table.columns) - 2])
        return table

    def _row(self, shown: JsonObject, key: str, point: JsonObject, is_running: bool) -> list[Any]:
        result = shown["results"].get(key)
        if result is not None:
            verdict = Text(self._word(result["verdict"]), style=_STYLES[result["verdict"]])
            figures = self._figures(result)
            return [*figures, str(result["pulses"]), verdict, signed(result.get("true_error_pct"))]
        state = self._word(point["state"])
        if is_running and shown.get("running"):
            return [*self._figures(shown["running"]), str(shown["pulses"]), state, ""]
        return ["", "", "", str(shown["pulses"]) if is_running else "", state, ""]

    @staticmethod
    def _figures(shown: JsonObject) -> list[str]:
        return [
            signed(shown["percentage_error_pct"]),
            shown["expanded_uncertainty_pct"] or "—",
            f"±{shown['mpe_pct']}",
        ]

    def _fault_lines(self, state: JsonObject) -> list[Text]:
        return [Text(f"! {line}", style="yellow") for line in fault_lines(state, self._language)]

    def _word(self, key: str) -> str:
        return word(key, self._language)


def signed(figure: str | None) -> str:
    """A figure with its sign always shown and a true minus sign."""
    if figure is None:
        return "—"
    return "−" + figure[1:] if figure.startswith("-") else "+" + figure
