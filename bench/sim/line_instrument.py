"""A programmable source with a SCPI-like language on a serial port: its own little parser, behind it the simulated one.

It answers questions and nothing else; what it does not understand, or refuses, goes on its list of errors.
"""

from __future__ import annotations

import os
import select
import threading
import tty

from bench.sim.programmable_source import SimulatedProgrammableSource, SourceFault
from firmware_io.programmable_source import Output

_CHUNK_BYTES = 512
_LONGEST_LINE = 256
_FIELDS = {"FREQ": "frequency_Hz", "VOLT": "voltage_V", "CURR": "current_A", "PHAS": "phase_angle_deg"}
_STATES = {Output.ON: "1", Output.OFF: "0", Output.TRIPPED: "TRIP,OVERLOAD"}


class LineInstrument:
    """Listens on a serial port from a thread of its own until `close`."""

    def __init__(self, source: SimulatedProgrammableSource, path: str) -> None:
        self._source = source
        self._errors: list[str] = []
        self._port = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._port)
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._listen, name=f"line instrument {path}")
        self._thread.start()

    def close(self) -> None:
        """Stop listening and end the thread."""
        os.write(self._wake_write, b"x")
        self._thread.join()
        for fd in (self._port, self._wake_read, self._wake_write):
            os.close(fd)

    def _listen(self) -> None:
        waiting = b""
        while True:
            ready, _, _ = select.select([self._port, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            waiting += os.read(self._port, _CHUNK_BYTES)
            while b"\n" in waiting:
                line, waiting = waiting.split(b"\n", 1)
                if (answer := self._answer(line.decode("ascii", "replace").strip())) is not None:
                    os.write(self._port, answer.encode("ascii") + b"\n")
            waiting = waiting[-_LONGEST_LINE:]

    def _answer(self, line: str) -> str | None:
        if SourceFault.SILENT in self._source.faults:
            return None
        match line.split():
            case ["*IDN?"]:
                return self._source.identity
            case ["OUTP:STAT?"]:
                return _STATES[self._source.output]
            case ["SYST:ERR?"]:
                return self._errors.pop(0) if self._errors else '0,"No error"'
            case ["OUTP", "ON" | "OFF" as wanted]:
                self._source.switch(on=wanted == "ON")
            case [question] if question.removesuffix("?") in _FIELDS and question.endswith("?"):
                return f"{self._source.shown(_FIELDS[question[:-1]]):+.6E}"
            case [name, number] if name in _FIELDS:
                self._set(_FIELDS[name], number)
            case _:
                self._errors.append('-113,"Undefined header"')
        return None

    def _set(self, field: str, number: str) -> None:
        try:
            is_taken = self._source.set(field, float(number))
        except ValueError:
            self._errors.append('-104,"Data type error"')
            return
        if not is_taken:
            self._errors.append('-222,"Data out of range"')
