"""Switching a load off: a few attempts, here and nowhere above, and then a person has to."""

from __future__ import annotations

from collections.abc import Callable

from bench.errors import InstrumentError

_ATTEMPTS = 3


def switch_off(command: Callable[[], None], what: str, after_failure: Callable[[], None]) -> None:
    """Until `command` succeeds. what: the thing, for the message.

    Errors: InstrumentError of the last attempt, which says to switch it off by hand.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            command()
        except InstrumentError as error:
            after_failure()
            if attempt == _ATTEMPTS:
                raise InstrumentError(f"{error}; switch the {what} off by hand") from error
        else:
            return
