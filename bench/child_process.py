"""Work in a process of its own, so that it takes no time from the loops of the measuring process.

The child gets what it needs on stdin, passwords too, and nothing on its command line, which every user of the machine
can read; it is nice to the loops. It answers on stdout with one JSON object.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import BinaryIO

from bench.canonical import JsonObject
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.errors import BenchError, InstrumentError, OperatorError

_NICENESS = 10
_LOOKS_EACH_S = 0.2


def _never() -> bool:
    return False


def ask_child(
    module: str,
    asked: JsonObject,
    patience_s: float,
    failed: str,
    is_given_up: Callable[[], bool] = _never,
) -> JsonObject | None:
    """What `python -m module` answers; None where it was given up meanwhile, and then it has ended.

    failed: what could not be done, for the message. Errors: OperatorError with what the child refused it for
    (RefusedByRuleError where a rule says so), InstrumentError where it does not end in time, or ends otherwise.
    """
    with (
        _in_memory(json.dumps(asked).encode()) as stdin,
        subprocess.Popen(
            [sys.executable, "-m", module], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child,
    ):
        try:
            said = _said(child, patience_s, is_given_up)
            answer: JsonObject | None = None if said is None else json.loads(said)
        except (OSError, subprocess.TimeoutExpired, ValueError) as error:
            raise InstrumentError(f"{failed} ({type(error).__name__}); try again") from error
        finally:
            child.kill()  # nothing where it has ended
    if answer is not None and "rule" in answer:
        raise RefusedByRuleError(Refusal(answer["rule"]), **answer["values"])
    if answer is not None and "refused" in answer:
        raise OperatorError(str(answer["refused"]))
    return answer


def _in_memory(content: bytes) -> BinaryIO:
    """A file to be read, on no disk. A pipe takes some 64 kB until the child reads, and we do not wait for that."""
    file = os.fdopen(os.memfd_create("asked"), "w+b")
    file.write(content)
    file.seek(0)
    return file


def _said(child: subprocess.Popen[bytes], patience_s: float, is_given_up: Callable[[], bool]) -> bytes | None:
    """Errors: TimeoutExpired."""
    for _ in range(max(round(patience_s / _LOOKS_EACH_S), 1)):
        try:
            return child.communicate(timeout=_LOOKS_EACH_S)[0]
        except subprocess.TimeoutExpired:
            if is_given_up():
                return None
    raise subprocess.TimeoutExpired(child.args, patience_s)


def answer_parent(find: Callable[[JsonObject], JsonObject]) -> None:
    """The child's side: what `find` makes of what was asked, or what it refuses."""
    os.nice(_NICENESS)
    try:
        answer = find(json.load(sys.stdin))
    except RefusedByRuleError as error:
        answer = {"rule": error.reason.value, "values": error.values}
    except BenchError as error:
        answer = {"refused": str(error)}
    json.dump(answer, sys.stdout)
