"""What was measured of the reference standard, held against its card in the configuration, and what to write there."""

from __future__ import annotations

from dataclasses import dataclass

from calibration.commissioning import ReferenceBehaviour
from calibration.reference_standard import ReferenceCard


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of the configuration against what was measured.

    setting: its name in [reference.card] or [reference]; limit: what it may be at most, where there is one;
    advice: what to write into the configuration; remark: a key of `words.py` that says why.
    """

    setting: str
    configured: float | bool
    measured: float | None
    agrees: bool
    advice: str = ""
    remark: str = ""
    limit: float | None = None


def compare(
    behaviour: ReferenceBehaviour, card: ReferenceCard, poll_interval_s: float, has_stepped: bool
) -> tuple[Comparison, ...]:
    """Each figure that a recording can confirm, with what to write where it does not.

    poll_interval_s: as configured; has_stepped: whether the load changed during the recording.
    """
    found = [
        _step("energy_step_Wh", card.energy_step_Wh, behaviour.energy_step_Wh),
        _step("power_step_W", card.power_step_W, behaviour.power_step_W),
        _refresh(card.refresh_s, behaviour),
        _lag(card, behaviour, has_stepped),
    ]
    poll_s, refresh_s = behaviour.poll_interval_s, behaviour.refresh_s
    if refresh_s is not None:
        limit_s = refresh_s / 4
        advice = "" if poll_s <= limit_s else f"poll_interval_s = {refresh_s / 5:.3f}"
        found.append(
            Comparison("poll_interval_s", poll_interval_s, poll_s, not advice, advice, limit=limit_s)
        )
    return tuple(found)


def _step(setting: str, configured: float, measured: float | None) -> Comparison:
    """A register whose step cannot be told apart moves finer than its card says, or not at all."""
    if measured is None:
        return Comparison(setting, configured, None, True, remark="no_step_seen")
    agrees = abs(measured - configured) <= 0.02 * configured
    return Comparison(setting, configured, measured, agrees, "" if agrees else f"{setting} = {measured:.6g}")


def _refresh(configured_s: float, behaviour: ReferenceBehaviour) -> Comparison:
    measured_s = behaviour.refresh_s
    if measured_s is None:
        return Comparison("refresh_s", configured_s, None, False, remark="uneven_refresh")
    agrees = abs(measured_s - configured_s) <= 0.005 * configured_s
    advice = "" if agrees else f"refresh_s = {measured_s:.4f}"
    if not behaviour.is_even:
        return Comparison("refresh_s", configured_s, measured_s, False, advice, "uneven_refresh")
    return Comparison("refresh_s", configured_s, measured_s, agrees, advice)


def _lag(card: ReferenceCard, behaviour: ReferenceBehaviour, has_stepped: bool) -> Comparison:
    lag = behaviour.lag
    useful_s = 0.5 * card.refresh_s
    if lag is None or lag.standard_uncertainty_s > useful_s:
        advice = "lag_known = false" if card.lag_known else ""
        remark = "lag_not_seen" if has_stepped else "load_did_not_change"
        return Comparison("power_lag_s", card.power_lag_s, None, not advice, advice, remark)
    own_s = 2 * (lag.standard_uncertainty_s**2 + card.power_lag_u_s**2) ** 0.5
    agrees = card.lag_known and abs(lag.lag_s - card.power_lag_s) <= own_s + 0.01 * card.refresh_s
    advice = f"power_lag_s = {max(lag.lag_s, 0.0):.4f}, power_lag_u_s = {lag.standard_uncertainty_s:.4f}"
    return Comparison("power_lag_s", card.power_lag_s, lag.lag_s, agrees, "" if agrees else advice)
