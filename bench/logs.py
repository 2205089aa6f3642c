"""The log of both processes: one line an event, for journald, and nothing of a person in it.

    level=error from=bench.sd_notify said="no turn lately: edges"
    level=error from=web.refusals said="a page failed: office.case" error=KeyError where="web/office/cases.py:61"

`journalctl -u bench -o cat | grep level=error` finds what was wrong. Under systemd each line begins with its priority
in angle brackets (sd-daemon(3)), which journald takes off and keeps: `journalctl -p err`.

What is said stands in the code; what is put into it is names of loops, endpoints and rules, ids of runs and cases, and
what a device or the system said. Of a defect stand the kind of the error and the places that it came through, and not
its own words, in which there may be what somebody has typed. Times are journald's.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import PurePath
from typing import TextIO

_PRIORITY = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}
_PARTS_OF_A_PLACE = 3
_LONGEST = 2000
_SAID = re.compile(r' said=(?:"((?:[^"\\]|\\.)*)"|(\S+))')


def start(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """From now on this process logs so, to stderr or to `stream`. For the beginning of a process."""
    handler = logging.StreamHandler(stream)
    # Set by systemd where stderr is a stream to journald.
    handler.setFormatter(LineFormatter(with_priority="JOURNAL_STREAM" in os.environ))
    root = logging.getLogger()
    root.setLevel(level)
    root.handlers[:] = [handler]


def teller(name: str, plain: Callable[[str], None], level: int = logging.INFO) -> Callable[[str], None]:
    """Tells somebody at a terminal by `plain`; where stderr is a log, by lines of its format, from `name`."""
    return plain if sys.stderr.isatty() else partial(logging.getLogger(name).log, level)


def said_in(line: str) -> str:
    """What a line of the log says, to be shown to a person; another line as it is."""
    found = _SAID.search(line)
    if found is None:
        return line
    quoted, word = found.groups()
    return word or re.sub(r'\\(["\\])', r"\1", quoted)


class LineFormatter(logging.Formatter):
    """with_priority: as journald reads it from a stream."""

    def __init__(self, *, with_priority: bool) -> None:
        super().__init__()
        self._with_priority = with_priority

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "level": record.levelname.lower(),
            "from": record.name,
            "said": record.getMessage()[:_LONGEST],
        }
        if record.exc_info and (error := record.exc_info[1]) is not None:
            fields |= {"error": type(error).__name__, "where": _where(error)}
        line = " ".join(f"{name}={_value(said)}" for name, said in fields.items())
        return f"<{_PRIORITY.get(record.levelno, 6)}>{line}" if self._with_priority else line


def _where(error: BaseException) -> str:
    """The places that it came through, the innermost last; file and line alone."""
    frames = traceback.extract_tb(error.__traceback__)
    return " ".join(f"{_short(frame.filename)}:{frame.lineno}" for frame in frames)[-_LONGEST:]


def _short(filename: str) -> str:
    return "/".join(PurePath(filename).parts[-_PARTS_OF_A_PLACE:])


def _value(said: str) -> str:
    """In quotation marks where it is more than a word; never more than a line."""
    if said and all(c.isalnum() or c in "._-" for c in said):
        return said
    escaped = said.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in escaped) + '"'
