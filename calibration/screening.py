"""What can be seen to be wrong in the input before anything is computed from it.

A wrong number is worse than none. So a window is screened first, and what cannot be explained makes it INVALID
with a reason. Each check uses something the data must obey whatever the meter's error is:

The pulse line (`pulse_screening.py`)
    The kernel numbers the edges of a line, so a gap in the numbers is an exact count of lost edges. Both edges
    are asked for, so they must alternate; interrupts that were lost unseen break the alternation.
    Each pulse interval carries the same energy. The power curve says how much energy flowed in an interval, and
    the typical interval says how much there should be, so neither the meter's error nor an unsteady load
    disturbs the comparison. An interval of about two energies lacks a pulse, a pair that only together makes one
    has a pulse too many, a short one followed by a long one holds a pulse that came early.
    A meter that emits on a lattice of period Delta may shift each pulse by up to Delta, so its intervals may
    legitimately be 1 : 2, and a single one proves nothing within 2 Delta. But such a meter's count stays within
    one lattice period of the energy for ever, whereas a lost or an extra pulse moves it by a whole pulse *from
    then on*. So the count is held against the energy curve over stretches of 64 pulses: the narrowest straight
    strip that contains it may not be wider than the lattice explains.
    A line that gives no pulse for much longer than the load asks is silent.

The reference standard (`reference_screening.py`)
    A register that counts energy under load never stands still for much longer than its step takes, never goes
    back, and moves as its own power register says. Where it changed, the energy it gained is known to a step and
    the instant to a poll interval, so the difference between the energy register and the integral of the power
    register stays in a strip of known width around a straight line (the line's slope is the ratio of their
    gains, which is nobody's fault). A lasting step in it is a jump, a bend is a changed range.
    Polls have a rhythm; a hole in it is silence.

The load
    Its mean over blocks of seconds may not leave the declared stability around its median. Block means and not
    single readings, because every source flickers; the median and not the mean, because a step in the middle of
    a run would hide half of itself in the mean.

Limits are set so that a clean run is refused less than once in a hundred times; the tests hold them to that over
simulated runs with a source of 0.5 % rms, pulsation, lattices and lag. What lies below these limits is small
against the uncertainty of the window or is left to the estimators' own gates and to their mutual comparison.
"""

from __future__ import annotations

from calibration.pulse_screening import screen_edges, screen_intervals, screen_line_silence
from calibration.reference_screening import screen_readings

__all__ = ["screen_edges", "screen_intervals", "screen_line_silence", "screen_readings"]
