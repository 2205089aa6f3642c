"""How long each pulse of a watch was waited for, by hand."""

from __future__ import annotations

from calibration.pulse_waits import pulse_waits


def test_the_first_wait_is_from_the_start_of_the_watch() -> None:
    waits = pulse_waits((30.0, 70.0, 75.0), 2, 80.0)
    assert (waits.waits_s, waits.unended_s, waits.longest_s) == ((30.0, 40.0), None, 40.0)
    assert waits.figures == {"waits_s": "30.0, 40.0", "longest_wait_s": "40.0"}
    assert waits.are_within(40.0)
    assert not waits.are_within(39.9)


def test_a_pulse_that_did_not_come_was_waited_for_to_the_end() -> None:
    waits = pulse_waits((30.0,), 2, 100.0)
    assert (waits.waits_s, waits.unended_s, waits.longest_s) == ((30.0,), 70.0, 70.0)
    assert waits.figures["unended_wait_s"] == "70.0"
    assert not waits.are_within(1000.0), "it never came"


def test_a_line_without_a_pulse_has_one_wait_that_nothing_ended() -> None:
    waits = pulse_waits((), 2, 100.0)
    assert (waits.waits_s, waits.unended_s, waits.longest_s) == ((), 100.0, 100.0)
    assert waits.figures["waits_s"] == ""
