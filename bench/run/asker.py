"""Asks people and meters: questions of the desk, registers by a port or from a display."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

from bench.canonical import JsonObject
from bench.errors import InstrumentError, OperatorError
from bench.items import Item
from bench.measurement.observing import SpanResult
from bench.measurement.register_entry import reading_of
from bench.methods.meter_identity import compared_with_bench
from bench.methods.steps import AFTER, IDENTITY, Answered, Ask, ReadMeters
from bench.methods.visual import OK
from bench.ports import MeterReading
from bench.records.frozen import to_json
from bench.records.kinds import ANSWERED
from bench.registry.kept_texts import What
from bench.run.desk import Answers, Replaced
from bench.run.spans import Spans
from bench.run.under_way import RunUnderWay
from calibration.quantities import NS_PER_S, Finding
from calibration.reasons import Reason

_ASK_EVERY_S = 1.0
_FIGURE = re.compile(r"-|[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)
"""What is typed of a register, or `-` for one that is not there."""


class Asker:
    """Of one run. Every public method carries out one kind of step and returns what the method gets."""

    def __init__(self, run: RunUnderWay, spans: Spans) -> None:
        self._run = run
        self._c = run.context
        self._spans = spans
        self._counting_since_ns: dict[int, int] = {}

    def ask(self, step: Ask) -> Answered:
        self._run.progress.enter("asking", step.point, "measuring")
        said, replaced = self._ask(step)
        answers = {
            p: {field: self._kept(What.ANSWER, text) for field, text in fields.items()}
            for p, fields in said.items()
        }
        known = {"answers": to_json(answers), "replaced": self._kept_replaced(What.ANSWER, replaced)}
        self._run.record_with_raw(ANSWERED, {"point": step.point, "attempt": step.attempt, **known})
        return Answered(answers)

    def read_meters(self, step: ReadMeters) -> SpanResult:
        """Stage `before` starts the counting of pulses that `after` ends."""
        c, run, item = self._c, self._run, self._run.checked.points[step.point].item
        run.progress.enter("watching", step.point, "measuring")
        typed = tuple(p for p in step.positions if p in c.typed_registers)
        answers: Answers = {}
        replaced: tuple[Replaced, ...] = ()
        if typed:
            answers, replaced = self._ask(Ask(step.point, step.attempt, item, typed, item.facts.registers))
        run.wait_s(c.pace.inputs_lag_s)
        registers, silent = self._read_all(item, step.positions, answers)
        at_ns = c.clock.now_ns()
        since_ns = self._counting_since_ns.get(step.point, at_ns) if step.stage == AFTER else at_ns
        self._counting_since_ns[step.point] = at_ns
        run.wait_s(c.pace.inputs_lag_s)
        span = self._spans.span(step, (since_ns, at_ns), registers, silent)
        read = self._spans.end(step, span, {"replaced": self._kept_replaced(What.READING, replaced)})
        if step.stage == IDENTITY:
            run.progress.identified(registers, silent, at_ns)
        return read

    def _read_all(
        self, item: Item, positions: tuple[str, ...], answers: Answers
    ) -> tuple[dict[str, MeterReading], dict[str, tuple[Finding, ...]]]:
        """What each meter tells, and why it does not."""
        registers: dict[str, MeterReading] = {}
        silent: dict[str, tuple[Finding, ...]] = dict.fromkeys(positions, ())
        for p in positions:
            try:
                registers[p] = self._read(item, p, answers)
            except InstrumentError as error:  # may be plugged in again the next time
                silent[p] = (Finding(Reason.METER_SILENT, {"detail": str(error)}),)
            except OperatorError as error:
                detail = str(error)
                if p in self._c.typed_registers:  # it repeats what was typed
                    detail = self._run.keep(What.READING, detail)
                silent[p] = (Finding(Reason.METER_NOT_READ, {"detail": detail}),)
        return registers, silent

    def _kept(self, what: What, said: str) -> str:
        """What stands in the record for what a person said: `ok` and figures as they are, all else as a reference."""
        return said if said == OK or _FIGURE.fullmatch(said) else self._run.keep(what, said)

    def _kept_replaced(self, what: What, replaced: tuple[Replaced, ...]) -> list[JsonObject]:
        return [to_json(replace(each, said=self._kept(what, each.said))) for each in replaced]

    def _read(self, item: Item, position: str, answers: Answers) -> MeterReading:
        c, ports = self._c, self._c.equipment.meter_ports
        if position in c.typed_registers:
            return reading_of(item, answers.get(position, {}), c.clock.now_ns())
        if position not in ports:
            raise OperatorError("position.meter_port is 'none'")
        reading = ports[position].read()
        if reading.clock is None:
            return reading
        return replace(reading, clock=compared_with_bench(reading.clock, c.clock.state()))

    def _ask(self, question: Ask) -> tuple[Answers, tuple[Replaced, ...]]:
        """What is held when everybody has answered or the time is over, and what was answered before."""
        desk, clock, progress = self._c.equipment.desk, self._c.clock, self._run.progress
        until_ns = clock.now_ns() + round(self._c.config.desk.answer_within_s * NS_PER_S)
        desk.ask(question)
        try:
            while not self._is_answered(question, desk.answers()) and clock.now_ns() < until_ns:
                progress.ask(question, desk.answers(), self._shown(question))
                self._run.wait_s(_ASK_EVERY_S)
        finally:
            desk.withdraw()
            progress.ask(None, {})
        # After the question is withdrawn: an answer that was still taken is not lost.
        return desk.answers(), desk.replaced()

    def _shown(self, question: Ask) -> dict[str, MeterReading]:
        """What stands on the displays of those meters that only the bench can see; a dark one shows nothing."""
        shown = {}
        for position in question.positions:
            if (display := self._c.equipment.simulated_displays.get(position)) is not None:
                with suppress(InstrumentError):
                    shown[position] = display.read()
        return shown

    def _is_answered(self, question: Ask, answers: Answers) -> bool:
        answered = question.answered_by(answers)
        return all(p in answered or p in self._run.skipped for p in question.positions)
