"""The load of a run: armed, applied, waited for until the reference reads it steady, watched, removed.

Nothing of a run but this commands the load source. A load is held to be on from before its first command until its
removal has come back. It does not watch the contacts of the panel: the panel's loop removes the load by itself
(`bench/safety/`), and the run finds the guard of the source tripped when it looks next.
"""

from __future__ import annotations

from bench.measurement.measuring import PointMeasurement
from bench.measurement.settling import SettleWatch
from bench.methods.steps import ApplyLoad, Settle, Settled
from bench.records.frozen import to_json
from bench.records.kinds import LOAD_APPLIED, LOAD_NOT_REACHED, LOAD_STEADY
from bench.run.interlock import LoadState
from bench.run.under_way import RunUnderWay
from bench.safety.arming import Waiting
from bench.safety.liveness import RUNNER
from bench.safety.presses import What
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Finding, InstrumentFault
from calibration.reasons import Reason

_ASK_SOURCE_EVERY_S = 1.0


class RunLoad:
    """Of one run. `state`: as far as is known."""

    def __init__(self, run: RunUnderWay) -> None:
        self.state = LoadState.OFF
        self._run = run
        self._c = run.context
        self._watch: SettleWatch | None = None
        self._steady_ns = 0
        self._ask_source_ns = 0
        self._has_armed = False
        run.load_fault = self._fault

    def apply(self, step: ApplyLoad) -> None:
        """Errors: LoadRefusedError where nobody arms it in time; what the source raises."""
        progress = self._run.progress
        progress.enter("applying", step.point, "settling")
        self._rest(step.load_point)
        press = self._c.arming.arm(
            self._run.wait_s,
            lambda waiting: self._show(waiting, step.point),
            is_first=not self._has_armed and self._run.start_is_press,
        )
        self._has_armed = True
        progress.enter("applying", step.point, "settling")
        applied = {"point": step.point, "load_point": to_json(step.load_point), "armed": to_json(press)}
        self._run.record(LOAD_APPLIED, applied)
        self.state = LoadState.APPLIED  # before the command: a command that fails half-way is a load, too
        self._c.load_source.apply(step.load_point)

    def _rest(self, load_point: LoadPoint) -> None:
        """Wait until a high current may follow the one before, and say so."""
        clock, times = self._c.clock, self._c.equipment.load_times
        rest_s = times.rest_s(load_point, clock.now_ns())
        if rest_s <= 0.0:
            return
        rests = Finding(
            Reason.LOAD_RESTS, {"current": f"{load_point.current_A:g}", "seconds": f"{rest_s:.0f}"}
        )
        progress = self._run.progress
        progress.wait_for(Waiting(What.REST, (), rests, clock.now_ns() + round(rest_s * NS_PER_S)))
        try:
            while (left_s := times.rest_s(load_point, clock.now_ns())) > 0.0:
                self._run.wait_s(left_s)
        finally:
            progress.wait_for(None)

    def _show(self, waiting: Waiting | None, point: int) -> None:
        if waiting is not None:
            self._run.progress.enter(f"waiting_for_{waiting.what}", point, "settling")
        self._run.progress.wait_for(waiting)

    def settle(self, step: Settle) -> Settled:
        """Errors: LoadRefusedError where nobody confirms in time a load that is set by hand."""
        c, run = self._c, self._run
        confirmed = None
        if c.is_set_by_hand:
            confirmed = c.arming.confirm_load(run.wait_s, lambda waiting: self._show(waiting, step.point))
        run.progress.enter("settling", step.point, "settling")
        told = {"point": step.point, "confirmed": to_json(confirmed)}
        watch = c.load_watch.begin(step.load_point, c.clock.now_ns())
        while not watch.is_steady(c.acquisition, c.clock.now_ns()):
            if watch.is_over(c.clock.now_ns()):
                settled = Settled(watch.why_not_reached(c.acquisition, c.clock.now_ns()))
                run.record(LOAD_NOT_REACHED, {**told, "findings": to_json(settled.findings)})
                return settled
            run.wait_s(min(c.pace.publish_s, c.load_watch.look_every_s))
        self.state = LoadState.STEADY
        self._watch, self._steady_ns = watch, c.clock.now_ns()
        # The waiting began anew after it, for a reference in another range may read otherwise.
        fell = watch.fell(c.acquisition, watch.began_ns, self._steady_ns)
        fallen = () if fell is None else (fell,)
        run.tell(None, fallen)
        run.record(LOAD_STEADY, {**told, "findings": to_json(fallen)})
        return Settled()

    def refuse_what_fell(self, measurement: PointMeasurement) -> None:
        """A fall between the last look at the load and the run's first instant is in nobody's readings."""
        watch, self._watch = self._watch, None
        if watch is None:
            return
        fell = watch.fell(self._c.acquisition, self._steady_ns, measurement.first_ns)
        if fell is not None:
            for position in measurement.positions:
                fault = InstrumentFault(measurement.first_ns, fell)
                self._c.acquisition.line_faults[position].append(fault)

    def remove(self) -> None:
        """Safe to call in any state. Errors: InstrumentError where the source does not take it."""
        if self.state is LoadState.OFF:
            return
        self._c.load_source.remove()
        self.state = LoadState.OFF
        self._run.publish()

    def _fault(self) -> Finding | None:
        """Why the load that is applied must be taken away. The source itself is asked once in a while: it may take a
        time-out, during which nothing is published."""
        c, now_ns = self._c, self._c.clock.now_ns()
        if self.state is LoadState.OFF:
            return None
        if (overdue := c.equipment.load_times.overdue(now_ns)) is not None:
            return overdue
        if now_ns < self._ask_source_ns:
            return None
        self._ask_source_ns = now_ns + round(_ASK_SOURCE_EVERY_S * NS_PER_S)
        facts = c.equipment.source_facts
        c.liveness.turned(RUNNER, now_ns, away_s=facts.busy_s)
        return facts.fault()
