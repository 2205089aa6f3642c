"""A run that may begin: all that its results will hang on, looked up once and frozen with its record.

The registry is asked here and nowhere later; the sensor and the limits of the bench here first, before anything is
promised. So whoever asks for a run hears at once why there is none, and what the page says of its worth is what the
record keeps.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from bench.before_run.briefed import briefed
from bench.before_run.plan_check import require_runnable
from bench.before_run.worth import kind_of, why_not_official
from bench.canonical import JsonObject
from bench.configuration.config import Config
from bench.measurement.environment import (
    Ambient,
    EnvironmentReading,
    at_ambient,
    read_environment,
    require_known_ambient,
)
from bench.methods.briefing import Briefing, TakenOver
from bench.plans.plan import CheckedPlan
from bench.records.frozen import to_json
from bench.records.inputs import frozen_inputs, recorded_configuration
from bench.records.software import software_identity
from bench.registry.cards import Card
from bench.registry.standing import standing
from bench.run.equipment import Equipment
from calibration.quantities import Finding, Kind


@dataclass(frozen=True)
class Resumed:
    """What an earlier run has given, by test point and position: its verdicts, and the results as they are shown."""

    run_id: str
    verdicts: Mapping[tuple[int, str], TakenOver]
    results: Mapping[tuple[int, str], JsonObject]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What a run before a customer's eyes is of: the case, and what of the checklist was done before it started."""

    case: str
    ticked: frozenset[str]


@dataclass(frozen=True)
class PreparedRun:
    """kind: what the run is worth; because: everything that keeps it from being official.

    config: with the figures of the reference standard's card. cards: of the equipment, as they are now. reading: of the
    environment before the run; None without a sensor. verifier: id of the person, empty where nobody said who he is.
    witnessed: the case that it is of; None for none.
    station: of the devices and the software, for the record. stop: set by whoever wants the run's end, also before it
    has begun. begun: done when its first record is safe on disk, or with why there will be none.
    """

    run_id: str
    config: Config
    briefing: Briefing
    kind: Kind
    because: tuple[Finding, ...]
    cards: tuple[Card, ...]
    reading: EnvironmentReading | None
    verifier: str
    station: JsonObject
    witnessed: Witnessed | None = None
    resumed: Resumed | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    begun: Future[None] = field(default_factory=Future)

    def never_began(self, why: Exception) -> None:
        """Tell whoever waits for its first record that there will be none. Where there is one: nothing."""
        if not self.begun.done():
            self.begun.set_exception(why)

    @property
    def checked(self) -> CheckedPlan:
        return self.briefing.checked

    @property
    def case(self) -> str:
        """Id of the case that it is of; "" for none."""
        return "" if self.witnessed is None else self.witnessed.case

    @property
    def start_is_press(self) -> bool:
        """Whether asking for it arms a bench without a start button, as whoever asked stands beside it.

        Who starts the run of a case has a session, and may be anywhere: then somebody at the bench confirms. Where the
        load is simulated there is nothing to stand beside.
        """
        return self.witnessed is None or self.config.load_source.is_simulated

    def going_on(self, resumed: Resumed) -> PreparedRun:
        """The same run, going on with an earlier one."""
        return replace(self, resumed=resumed, briefing=replace(self.briefing, taken_over=resumed.verdicts))

    def frozen(self) -> JsonObject:
        """Everything that the run's results will be computed with; `bench/replay/rerun.py` reads it back."""
        briefing = self.briefing
        return {
            **frozen_inputs(briefing.checked),
            "reference_card": to_json(briefing.card),
            "pooled_repeatability": to_json(briefing.pooled),
            "clock_frequency_U_ppm": to_json(briefing.clock_frequency_U_ppm),
            "pps_U_ppm": to_json(briefing.pps_U_ppm),
            "meter_identities": to_json(briefing.identities),
            "planned": to_json(briefing.planned),
            "resumes": None if self.resumed is None else self.resumed.run_id,
            "taken_over": [
                {"point": point, "position": position, **to_json(taken)}
                for (point, position), taken in briefing.taken_over.items()
            ],
            "environment": to_json(self.reading),
            "station": {
                **self.station,
                "bench": self.config.bench.id,
                "kind": self.kind.value,
                "verifier": self.verifier,
                "not_official_because": to_json(self.because),
                "equipment": [to_json(replace(card, set_aside_why="")) for card in self.cards],
                "configuration": recorded_configuration(self.config),
            },
            **self._witnessed(),
        }

    def _witnessed(self) -> JsonObject:
        if self.witnessed is None:
            return {}
        return {"case": self.witnessed.case, "checklist": dict.fromkeys(sorted(self.witnessed.ticked), True)}


def prepared(
    run_id: str,
    checked: CheckedPlan,
    config: Config,
    equipment: Equipment,
    today: str,
    verifier: str,
    witnessed: Witnessed | None = None,
) -> PreparedRun:
    """today: YYYY-MM-DD.

    Errors: OperatorError where the bench cannot carry the plan out or the registry cannot be read, InstrumentError
    where the reference standard depends on a temperature that its sensor does not tell.
    """
    sensor = equipment.environment
    reading = None if sensor is None else read_environment(sensor, equipment.clock.now_ns())
    checked = at_ambient(checked, reading)
    require_known_ambient(config.reference.card.as_card(), reading)
    require_runnable(checked, config, equipment.source_facts.require)
    found = standing(config, checked, today, verifier)
    because = why_not_official(
        checked, found.config, equipment.pulse_inputs, today, registered=found.findings
    )
    because += Ambient(None, reading).why_not(checked.rules.conditions)
    return PreparedRun(
        run_id,
        found.config,
        briefed(checked, found.config),
        kind_of(equipment.worth, because),
        because,
        found.cards,
        reading,
        verifier,
        {**equipment.station, "software": software_identity()},
        witnessed,
    )
