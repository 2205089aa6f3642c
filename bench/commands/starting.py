"""What starts a run: the options that `bench run` and `bench start` share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bench.configuration.config import Config
from bench.errors import OperatorError
from bench.plans.plan import CheckedPlan, load_plan
from bench.terminal.cli_options import config_option, json_option, lang_option
from bench.terminal.passwords import ask_password, password_option


@dataclass(frozen=True, slots=True)
class Wanted:
    """What starts a run: the plan, and the options of `bench run` and `bench start`."""

    plan_path: Path
    resumed_id: str | None
    verifier: str | None
    from_stdin: bool
    config_path: Path
    lang: str
    wants_json: bool

    def checked(self, config: Config) -> CheckedPlan:
        """The plan. Errors: OperatorError: what is wrong in it, and in both languages that nothing began."""
        path = self.plan_path
        try:
            return load_plan(path, [p.name for p in config.position])
        except OperatorError as error:
            raise OperatorError(
                f"{error} / 检定方案 {path} 有误，没有开始检定；请按前面的英文说明改正"
            ) from error

    def password(self) -> str | None:
        """Of the verifier, where one is named. Errors: OperatorError where there is nobody to ask."""
        return self.verifier and ask_password(self.verifier, self.lang, from_stdin=self.from_stdin)


def starting(command: Callable[[Wanted], None]) -> Callable[..., None]:
    """A command that starts a run: gets what is `Wanted` instead of the options from which that is made."""

    @functools.wraps(command)
    def with_wanted(**given: Any) -> None:
        command(Wanted(**given))

    plan_argument = click.argument("plan_path", metavar="PLAN.toml", type=click.Path(path_type=Path))
    resume_option = click.option(
        "--resume",
        "resumed_id",
        metavar="RUN",
        help="Go on with this interrupted run of the same plan (run-000002, or 2).",
    )
    by_option = click.option(
        "--by",
        "verifier",
        metavar="PERSON",
        help="Who verifies (id or name, with password); without one the result is informative.",
    )
    made: Callable[..., None] = with_wanted
    for option in (
        json_option, lang_option, config_option, password_option, by_option, resume_option, plan_argument,
    ):  # fmt: skip
        made = option(made)
    return made
