"""The error tree. Every message is one line that says what happened and what to do.

Operator errors exit with 2, instrument errors with 5. Anything else that is raised is a defect.
"""

from __future__ import annotations


class BenchError(Exception):
    """Base of what the bench says to people."""

    exit_status = 2


class OperatorError(BenchError):
    """Wrong plan, configuration or command: says what to do."""


class NoRunError(OperatorError):
    """What was asked is of a run that is under way."""

    def __init__(self) -> None:
        super().__init__("no run is under way / 现在没有在检定")


class InstrumentError(BenchError):
    """A device is missing, unreachable or silent: says which and what it said."""

    exit_status = 5
