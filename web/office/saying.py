"""What the bench refuses, as one sentence beside the form it was asked with; and that it is written down."""

from __future__ import annotations

from bench.control.client import ControlRefusedError
from bench.errors import OperatorError
from web.refusals import sentence, write_down
from web.texts import text


def problem_said(problem: OperatorError, language: str) -> str:
    if isinstance(problem, ControlRefusedError):
        write_down(problem.reason)
        return sentence(problem.reason, problem.values, language)
    return text("access_refused.by_the_bench", language, said=str(problem))
