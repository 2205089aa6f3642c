"""The live state as a few lines and a table of rich: while a run goes on, at its end, and of a recorded one."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.canonical import JsonObject
from bench.terminal.fault_lines import SHOWN, fault_lines, reason_lines, repetition_lines
from bench.terminal.questions import waiting_line
from bench.terminal.result_text import result_cells, signed
from bench.terminal.whole_words import keep_words_whole
from bench.terminal.words import environment_line, point_word, told_line, word
from calibration.reasons import EXPIRED, finding_sentence

_STYLES = {
    "PASS": "bold green",
    "FAIL": "bold red",
    "INVALID": "bold yellow",
    "UNJUDGED": "bold",
}
_MOST_ROWS = 200
_LINES_BESIDE = 12
"""Of the display beside the table. Where rows for all test points do not fit, a row stands for a position."""


class StateView:
    """language: zh or en. The console is asked how much of a state fits on it.

    elsewhere: how what is waited for can be confirmed on another terminal; None: at this very terminal.
    """

    def __init__(self, console: Console, language: str, elsewhere: str | None = "") -> None:
        self._console = console
        self._elsewhere = elsewhere
        self._language = language

    def render(self, state: JsonObject) -> RenderableType:
        is_over = bool((state.get("run") or {}).get("verdict") or state.get("is_recorded"))
        rows = len(state["points"]) * len(state["positions"])
        fits = rows <= (_MOST_ROWS if is_over else self._console.height - _LINES_BESIDE)
        table = self._table(state) if fits else self._table_of_positions(state)
        below = self._reason_lines(state) if is_over else self._fault_lines(state)
        lines = (
            *self._told(state),
            *self._environment(state),
            *self._supply(state),
            *below,
            *self._waiting(state),
        )
        return Group(self._headline(state), *self._warnings(state), table, *lines)

    def _environment(self, state: JsonObject) -> list[Text]:
        """What the sensor of the bench has read over the run."""
        environment = state.get("environment")
        if not environment or not environment["over_run"]["temperature_C"]:
            return []
        return [Text(environment_line(environment["over_run"], self._language), style="dim")]

    def _supply(self, state: JsonObject) -> list[Text]:
        """Said only where the computer's was too low: no figure rests on it."""
        if not (state.get("machine") or {}).get("was_undervolted"):
            return []
        return [Text(self._word("undervolted"), style="yellow")]

    def _told(self, state: JsonObject) -> list[Text]:
        """What the meters told of themselves, beside what the plan says of them."""
        return [
            Text(told_line(position, shown["told"], self._language), style="dim")
            for position, shown in state["positions"].items()
            if shown.get("told")
        ]

    def _headline(self, state: JsonObject) -> Text:
        run = state.get("run") or {}
        reference = state["reference"]
        read = f"{reference['power_W']} W" if reference.get("power_W") else self._word("silent")
        line = Text(f"{self._word(state['bench']['kind'])}  {run.get('id', '')}  ", style="bold")
        if state.get("is_recorded") and not run.get("verdict"):
            was = "interrupted" if state["phase"] == "interrupted" else "open"
            line.append(self._word(f"run_{was}"), style="bold yellow")
        elif not run.get("verdict"):  # afterwards the load is off, which says nothing of the run
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
        for finding in (state.get("run") or {}).get("not_official_because", ()):
            why = finding_sentence(finding, self._language)
            if state["bench"]["kind"] == "informative":
                lines.append(Text(word("not_official", self._language, why=why), style="yellow"))
            elif finding["reason"] in EXPIRED:
                lines.append(Text(f"! {why}", style="bold yellow"))
        for finding in (state.get("clock", {}).get("pps") or {}).get("reasons", ()):
            said = finding_sentence(finding, self._language)
            lines.append(Text(f"! {said}", style="yellow"))
        for point in state["points"].values():
            if (warning := point.get("warning")) and point["state"] != "done":
                said = finding_sentence(warning, self._language)
                lines.append(Text(f"{point_word(point, self._language)}: {said}", style="yellow"))
        return lines

    def _waiting(self, state: JsonObject) -> list[Text]:
        if (waits_for := state.get("waits_for")) is None:
            return []
        return [Text(waiting_line(waits_for, self._language, self._elsewhere), style="bold")]

    def _table(self, state: JsonObject) -> Table:
        """A row for each test point of each position."""
        has_truth = state["bench"]["kind"] == "simulated" and not state.get("is_recorded")
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
        keep_words_whole(table, self._console)
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
        keep_words_whole(table, self._console)
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
        state = self._word(_happens(shown, point) if is_running else point["state"])
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
            earlier = " ".join(filter(None, (self._word("earlier_run"), result.get("taken_from"))))
            said = f"{said} ({earlier})"
        return Text(said, style=_STYLES[result["verdict"]])

    def _watching(self, watching: JsonObject) -> str:
        """How far a step without a comparison has come."""
        unit = "Wh" if watching["stage"] == "energy" else "s"
        return f"{self._word(watching['stage'])} {watching['gone']}/{watching['whole']} {unit}"

    def _reason_lines(self, state: JsonObject) -> list[Text]:
        """Of every FAIL and INVALID; then what was repeated; of a run that has just ended the newest of that."""
        lines = [Text(line, style=_STYLES[verdict]) for verdict, line in reason_lines(state, self._language)]
        repeated = repetition_lines(state, self._language)
        shown = repeated if state.get("is_recorded") else repeated[-SHOWN:]
        lines += [Text(f"! {line}", style="yellow") for line in shown]
        if more := len(repeated) - len(shown):
            lines.append(
                Text(word("more_faults", self._language, more=more, run=state["run"]["id"]), style="yellow")
            )
        return lines

    def _fault_lines(self, state: JsonObject) -> list[Text]:
        return [Text(f"! {line}", style="yellow") for line in fault_lines(state, self._language)]

    def _word(self, key: str) -> str:
        return word(key, self._language)


def _happens(shown: JsonObject, point: JsonObject) -> str:
    """At the running test point: what is done there, or why nothing is for this position."""
    if shown.get("is_skipped"):
        return "taken_out"
    if shown.get("is_spoilt"):
        return "disturbed"
    return str(point["state"])
