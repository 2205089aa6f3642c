// A run's polls laid onto the refresh clock: what the reference showed at each refresh, and its power curve (docs/metrology.md, "The
// refresh grid" and "The fused estimator", steps 1 and 2).
import { fixedText } from "../course/fractions.js";
import { PERIODIC_WITHIN, FEWEST_CHANGES, inRunTime, refreshBefore, refreshClockOf, runSeconds } from "./refresh_clock.js";
import { energyStepAt } from "./reference_standard.js";
import { average, median, placesWhere, readCurve, steps, valuesAt, variance } from "./series.js";

const POLLS_A_REFRESH = 4;
const RATES_APART = 1.001;
const FEWEST_REFRESHES = 3;
const CLEAR_BY = 3;
const UNKNOWN_LAG_REFRESHES = 1.5;

/** {origin_ns, card, grid or finding (the other null), duration_s, step_Wh, lagU_s, referencePulse_s or null}.
 * samples: wholly inside of the run; referencePulse_ns: instants of the reference's own pulses, or null. */
export function alignedRun(samples, card, origin_ns, referencePulse_ns) {
  const energy = inRunTime(samples.energy, origin_ns);
  const power = inRunTime(samples.power, origin_ns);
  const count = energy.value.length;
  const laid = count > 2 ? gridOf(energy, power, card) : tooFewTicks(0, FEWEST_CHANGES);
  const latency_s = count > 2 ? average(energy.answered_s.map((answered, k) => answered - energy.asked_s[k])) : NaN;
  const ownLag_s = card.lag_known ? card.power_lag_u_s : UNKNOWN_LAG_REFRESHES * card.refresh_s;
  return {
    origin_ns,
    card,
    grid: laid.reason ? null : laid,
    finding: laid.reason ? laid : null,
    duration_s: count > 2 ? energy.at_s[count - 1] - energy.at_s[0] : 0,
    step_Wh: count ? energyStepAt(card, energy.value[count - 1]) : card.energy_step_Wh,
    lagU_s: Math.hypot(ownLag_s, (0.5 * latency_s) / Math.sqrt(3)),
    referencePulse_s: referencePulse_ns === null ? null : runSeconds(referencePulse_ns, origin_ns),
  };
}

export function tooFewTicks(ticks, needed) {
  return { reason: "too_few_ticks", values: { ticks: String(ticks), needed: String(needed) } };
}

/** Run times (s) between which the reference is known, by its registers or by its pulses; null where by neither. */
export function coveredBy({ grid, referencePulse_s }) {
  const at_s = grid ? grid.curve.at_s : referencePulse_s;
  return at_s !== null && at_s.length > 1 ? [at_s[0], at_s[at_s.length - 1]] : null;
}

function gridOf(energy, power, card) {
  const poll_s = median(steps(energy.at_s));
  if (poll_s * POLLS_A_REFRESH > card.refresh_s * RATES_APART) return polledTooSlowly(poll_s, card);
  const clock = refreshClockOf(energy, power, card.refresh_s);
  if (clock === null) return tooFewTicks(steps(energy.value).filter((step) => step !== 0).length, FEWEST_CHANGES);
  if (clock.residual_s > PERIODIC_WITHIN * clock.bracket_s) return notPeriodic(clock);
  const first = refreshBefore(clock, energy.at_s[0]) + 1;
  const count = refreshBefore(clock, energy.at_s[energy.at_s.length - 1]) + 1 - first;
  if (count < FEWEST_REFRESHES) return tooFewTicks(clock.count, FEWEST_CHANGES);
  const shown_W = shownAfter(power, clock, first, count);
  const seen = placesWhere(count, (j) => !Number.isNaN(shown_W[j]));
  if (seen.length < 0.5 * count) return polledTooSlowly(poll_s, card);
  const seen_W = valuesAt(shown_W, seen);
  const power_W = shown_W.map((shown, j) => (Number.isNaN(shown) ? readCurve(seen, seen_W, j) : shown));
  const at_s = power_W.map((_, j) => clock.phase_s + clock.period_s * (first + j));
  const curve = powerCurve(at_s, power_W, clock.period_s, card.power_lag_s);
  const register_Wh = shownAfter(energy, clock, first, count);
  const steps_W = steps(power_W);
  const mean_W = average(power_W);
  const [scatter_W, perRefresh_Wh] = [Math.sqrt(variance(steps_W)), (mean_W * clock.period_s) / 3600];
  return { clock, at_s, power_W, register_Wh, curve, steps_W, scatter_W, mean_W, perRefresh_Wh };
}

/** G: energy (Wh) by the power register alone, at the refreshes less the lag, from 0 one interval before the first. */
function powerCurve(at_s, power_W, period_s, lag_s) {
  const curve = { at_s: new Float64Array(at_s.length + 1), energy_Wh: new Float64Array(at_s.length + 1) };
  curve.at_s[0] = at_s[0] - period_s - lag_s;
  at_s.forEach((at, j) => {
    curve.at_s[j + 1] = at - lag_s;
    curve.energy_Wh[j + 1] = curve.energy_Wh[j] + (power_W[j] * period_s) / 3600;
  });
  return curve;
}

/** The value shown after each refresh: by the last poll that lay wholly between it and the next one, clear of both by three times the
 * jitter. NaN where there was none. */
function shownAfter(register, clock, first, count) {
  const shown = new Float64Array(count).fill(NaN);
  const clear_s = CLEAR_BY * clock.jitter_s;
  register.value.forEach((value, k) => {
    const j = refreshBefore(clock, register.asked_s[k] - clear_s);
    if (j === refreshBefore(clock, register.answered_s[k] + clear_s) && j >= first && j < first + count) shown[j - first] = value;
  });
  return shown;
}

function polledTooSlowly(poll_s, card) {
  return { reason: "polled_too_slowly", values: { poll: fixedText(poll_s, 3), refresh: fixedText(card.refresh_s, 3) } };
}

function notPeriodic({ residual_s, bracket_s }) {
  const values = { residual: fixedText(residual_s * 1e3, 1), allowed: fixedText(PERIODIC_WITHIN * bracket_s * 1e3, 1) };
  return { reason: "refresh_not_periodic", values };
}
