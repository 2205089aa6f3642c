"""A programmable source that is told lines and answers in lines, as SCPI instruments do.

Every setting is asked for again and compared with what the line said, after its rounding. Where the profile knows how
to ask for errors, that is asked after each command, and what the source said goes into the message. Only off is not
held against errors: they may be old ones, and what proves it is the state of the output.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.errors import InstrumentError
from bench.ports import Clock
from firmware_io.exchanges import Opener
from firmware_io.line_source_profiles import LineSetting, LineSourceProfile
from firmware_io.line_source_templates import LONGEST_LINE, line_length
from firmware_io.programmable_source import Output
from firmware_io.protocol_errors import BadReplyError, ReplyFault
from firmware_io.source_link import SourceLink, WiredSource

_OLD_ERRORS = 32
_ADVICE = "look at its range, its lock and its remote mode"
_SHOWN_CHARACTERS = 60


class LineSource(WiredSource):
    """A `SourceDevice`. timeout_s: longest time from a question to the end of its answer."""

    def __init__(
        self, profile: LineSourceProfile, opener: Opener, clock: Clock, *, timeout_s: float = 0.5
    ) -> None:
        self._profile = profile
        super().__init__(profile, SourceLink(profile.name, opener, clock, timeout_s, profile.silence_s))

    @property
    def sets_within_s(self) -> float:
        return (3 * len(self._profile.settings) + _OLD_ERRORS) * self._link.exchange_s

    def identity(self) -> str:
        """What it says is kept and shown, so that only what can be shown is taken."""
        if self._profile.identity is None:
            return ""
        return "".join(filter(str.isprintable, self._ask(self._profile.identity.line({})))).strip()

    def set(self, values: Mapping[str, float]) -> None:
        self._forget_errors()
        for setting in self._profile.settings:
            self._set(setting, values)

    def _set(self, setting: LineSetting, values: Mapping[str, float]) -> None:
        line = setting.send.line(values)
        self._command(line)
        said = self._ask(setting.ask.line({}))
        read = setting.reply.read(said)
        told = setting.send.told(values)
        if read is None or any(abs(read[field] - told[field]) > setting.within for field in told):
            raise InstrumentError(
                f"{self.name}: after {line!r} it answers {_shown(said)} to {setting.ask.text!r}; {_ADVICE}"
            )

    def switch(self, *, on: bool) -> None:
        if on:
            self._command(self._profile.on.line({}))
        else:
            self._tell(self._profile.off.line({}))

    def output(self) -> Output:
        said = self._ask(self._profile.state.line({}))
        return next(
            (output for output, answer in self._profile.meanings if answer.read(said) is not None),
            Output.UNKNOWN,
        )

    def _command(self, line: str) -> None:
        """A command, its acknowledgement, and no error after it."""
        self._tell(line)
        if (error := self._error()) is not None:
            raise InstrumentError(f"{self.name}: after {line!r} it reports {_shown(error)}; {_ADVICE}")

    def _tell(self, line: str) -> None:
        """A command and its acknowledgement, where there is one."""
        expected = self._profile.acknowledge
        if expected is None:
            self._link.tell(self._bytes(line))
        elif expected.read(said := self._ask(line)) is None:
            raise InstrumentError(f"{self.name}: it answers {_shown(said)} to {line!r}; {_ADVICE}")

    def _error(self) -> str | None:
        """The oldest error that the source reports; None where it reports none, or cannot be asked."""
        if self._profile.error is None:
            return None
        said = self._ask(self._profile.error.line({}))
        return None if any(answer.read(said) is not None for answer in self._profile.no_error) else said

    def _forget_errors(self) -> None:
        """Those of before are nobody's."""
        for _ in range(_OLD_ERRORS):
            if self._error() is None:
                return
        raise InstrumentError(
            f"{self.name}: it reports one error after another; look at it, and at [error] of its profile"
        )

    def _ask(self, line: str) -> str:
        terminator = self._profile.reply_terminator

        def read(reply: bytes) -> str:
            text = reply.removesuffix(terminator).decode("ascii", "replace")
            if len(reply) > LONGEST_LINE or "\ufffd" in text:
                raise BadReplyError(ReplyFault.GARBLED, f"{_shown(text)} to {line!r}")
            return text.strip()

        return self._link.ask(self._bytes(line), lambda received: line_length(received, terminator), read)

    def _bytes(self, line: str) -> bytes:
        return line.encode("ascii") + self._profile.terminator


def _shown(said: str) -> str:
    """What a device said, on one line and not longer than one."""
    return repr(said if len(said) <= _SHOWN_CHARACTERS else f"{said[:_SHOWN_CHARACTERS]}…")
