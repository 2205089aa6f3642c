"""Kinds of records: what a run writes, and whoever reads it looks for.

Of the first and the last record of a run, of what its steps gave (those that look for a span of time are in
`span_records.py` with what their records hold), and of what answers no step.
"""

RUN_STARTED, RUN_ENDED, INTERRUPTED = "run_started", "run_ended", "interrupted"

LOAD_APPLIED, LOAD_STEADY, LOAD_NOT_REACHED = "load_applied", "load_steady", "load_not_reached"
LOAD_REMOVED = "load_removed"
WINDOW, ANSWERED, VERDICT = "window", "answered", "verdict"
METERS_READ = "meters_read"
POSITIONS_SKIPPED = "positions_skipped"
"""Of `AskSkipped`; there is none where nobody was taken out since the last one."""

ENVIRONMENT_READ = "environment_read"
"""Answers no step: temperature and humidity, every minute where there is a sensor."""
MACHINE_READ = "machine_read"
"""Answers no step: the computer's temperature and supply, every minute and when its supply changes, where it tells."""
