// The estimators: each makes of an aligned run and the pulses of a window the reference's energy (Wh) over exactly the window, as read, with its
// rows of uncertainty, {energy_Wh, rows}; or the finding for which it declines, {reason, values} (docs/metrology.md).
import { fixedText } from "../course/fractions.js";
import { tooFewTicks } from "./alignment.js";
import { clockRateRow, rectangularRow, relativeRow } from "./budget.js";
import { linesBetween } from "./gates.js";
import { METER_LAG_U_S, STAMP_JITTER_S, energyOverPulses } from "./pulse_energy.js";
import { referencePulsesPerWh } from "./reference_standard.js";
import { average, largest, leftOver, placesWhere, readCurve, rowOfValues, steps, straightLine, summed, valuesAt, variance } from "./series.js";

const FUSED_TICKS = 8;
const GATED_TICKS = 4;
const LINE_TICKS = 8;
const WIDENINGS = [1.5, 3, 5];
const FINE_REGISTER = 6;
const CURVE_NOISE = 2e-4;
const RESIDUALS_AT_MOST = 4;
const LAG_AT_MOST = 4;
const BENCH_CLOCK_PPM = 50;

/** By name, in the order of the record, and the versions of each that are known here. */
export const ESTIMATORS = [
  { name: "reference_pulses", versions: { 1: byReferencePulses, 2: byScreenedReferencePulses } },
  { name: "fused", versions: { 1: byFusing } },
  { name: "power_integral", versions: { 1: byPowerIntegral } },
  { name: "tick_gated", versions: { 1: byTickGating } },
  { name: "tick_line", versions: { 1: byTickLine } },
];

// --- what estimators that read the power curve have in common

function curveEnergy(curve, from_s, to_s) {
  return readCurve(curve.at_s, curve.energy_Wh, to_s) - readCurve(curve.at_s, curve.energy_Wh, from_s);
}

/** Whether the load moves the power register by more than its step, so that its rounding averages out. */
function isDithered({ grid, card }) {
  return grid.scatter_W > card.power_step_W;
}

/** Tx: for how long (s) a change of the energy register may have been due before it shows. */
function tickWait({ grid, step_Wh }) {
  return Math.min(grid.clock.period_s, (3600 * step_Wh) / grid.mean_W);
}

function rowsOfCurve(run, pulses, energy_Wh) {
  const { grid, card } = run;
  const c2 = 1 / 60 + 0.089 * (0.25 - firstAutocorrelation(grid.steps_W));
  const ends = (Math.sqrt(2 * c2) * grid.scatter_W * grid.clock.period_s) / (3600 * energy_Wh);
  const half = card.power_step_W / (grid.mean_W * Math.sqrt(12));
  const share = Math.sqrt(grid.clock.period_s / pulses.duration_s);
  const rounding = isDithered(run) ? half * share : 0.7 * half * (Math.max(1 - pulses.duration_s / run.duration_s, 0) + share);
  return [
    relativeRow("alignment_ends", ends, { shared: true }),
    rowOfLag(grid, pulses, Math.hypot(run.lagU_s, METER_LAG_U_S), energy_Wh),
    relativeRow("alignment_power_rounding", rounding, { shared: true }),
  ];
}

/** rho1 of the power's changes, within -0.5 and 0.25. */
function firstAutocorrelation(changes) {
  if (changes.length < 3) return 0.25;
  const mean = average(changes);
  const own = summed(changes.length, (k) => (changes[k] - mean) ** 2);
  const next = summed(changes.length - 1, (k) => (changes[k] - mean) * (changes[k + 1] - mean));
  return own ? Math.min(Math.max(next / own, -0.5), 0.25) : 0.25;
}

/** A lag of standard uncertainty lagU_s (s) between meter and reference, while the power changes. */
function rowOfLag({ at_s, power_W, clock }, pulses, lagU_s, energy_Wh) {
  const ends_W = readCurve(at_s, power_W, pulses.at_s[pulses.intervals]) - readCurve(at_s, power_W, pulses.at_s[0]);
  const shift = Math.max(1, roundedHalfEven(1 / clock.period_s));
  const moved_W = power_W.length > shift + 1 ? power_W.subarray(shift).map((power, k) => power - power_W[k]) : null;
  const change_W = Math.sqrt(ends_W ** 2 + (moved_W === null ? 0 : 0.5 * variance(moved_W)));
  return relativeRow("alignment_lag", (lagU_s * change_W) / (3600 * energy_Wh), { shared: true });
}

function roundedHalfEven(value) {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

function rowOfTiming({ u, distribution }) {
  return relativeRow("pulse_timing", u, { shared: true, distribution });
}

// --- the reference's own pulses

/** Version 2 declines where the line of the reference's own pulses has lost edges, or a pulse too many or too few. */
function byScreenedReferencePulses(run, pulses) {
  return run.referencePulseFindings.length ? run.referencePulseFindings[0] : byReferencePulses(run, pulses);
}

function byReferencePulses({ card, referencePulse_s }, pulses) {
  const perWh = referencePulsesPerWh(card);
  const last = referencePulse_s === null ? 0 : referencePulse_s.length - 1;
  if (perWh === null || last < 1) return { reason: "no_reference_pulses", values: {} };
  const [first_s, last_s] = [referencePulse_s[0], referencePulse_s[last]];
  if (first_s > pulses.at_s[0] - pulses.frame_s || last_s < pulses.at_s[pulses.intervals]) return { reason: "window_outside_readings", values: {} };
  const curve = { at_s: referencePulse_s, energy_Wh: referencePulse_s.map((_, k) => k / perWh) };
  const timing = energyOverPulses(pulses, curve);
  const energy_Wh = timing.energy_Wh;
  // Between two pulses the curve runs straight; a tenth of an interval bounds what it cannot see.
  const end_s = Math.hypot(STAMP_JITTER_S, (0.1 * ((last_s - first_s) / last)) / Math.sqrt(3));
  const power_W = (energy_Wh / pulses.duration_s) * 3600;
  const perSecond_Wh = Array.from({ length: Math.ceil(last_s - first_s) }, (_, k) => readCurve(curve.at_s, curve.energy_Wh, first_s + k));
  const changes_W = steps(steps(perSecond_Wh)).map((change) => change * 3600);
  const change_W = changes_W.length > 1 ? Math.sqrt(variance(changes_W)) : 0;
  const rows = [
    relativeRow("reference_pulse_timing", (Math.SQRT2 * end_s) / pulses.duration_s),
    relativeRow("alignment_lag", (METER_LAG_U_S * change_W) / power_W / pulses.duration_s, { shared: true }),
    rowOfTiming(timing),
  ];
  return { energy_Wh, rows };
}

// --- fused

function byFusing(run, pulses) {
  if (run.grid === null) return run.finding;
  const scale = scaleOfRun(run);
  if (scale.reason) return scale;
  const timing = energyOverPulses(pulses, run.grid.curve, run.grid.clock.jitter_s);
  const rows = [
    relativeRow("alignment_scale", scale.u),
    relativeRow("alignment_refresh_clock", run.grid.clock.u),
    ...rowsOfCurve(run, pulses, timing.energy_Wh),
    rowOfTiming(timing),
  ];
  return { energy_Wh: scale.value * timing.energy_Wh, rows };
}

/** Wh of the energy register for each Wh of the power curve, {value, u}, over the whole run; or why there is none. */
function scaleOfRun(run) {
  const { grid, card, step_Wh } = run;
  const { clock, curve, register_Wh, at_s, mean_W } = grid;
  const seen = placesWhere(at_s.length, (j) => !Number.isNaN(register_Wh[j]) && at_s[j] <= curve.at_s[curve.at_s.length - 1]);
  const register = valuesAt(register_Wh, seen).map((shown) => shown - register_Wh[seen[0]]);
  const ticks = steps(register).filter((step) => step !== 0).length;
  if (ticks < FUSED_TICKS) return tooFewTicks(ticks, FUSED_TICKS);
  const swept = valuesAt(at_s, seen).map((at) => readCurve(curve.at_s, curve.energy_Wh, at));
  const noise_Wh = Math.hypot(mean_W * clock.jitter_s, (card.power_step_W * clock.period_s) / 2, CURVE_NOISE * mean_W * clock.period_s) / 3600;
  const quantum_Wh = Math.min(step_Wh, grid.perRefresh_Wh);
  const isFine = quantum_Wh <= FINE_REGISTER * noise_Wh;
  const scale = isFine ? scaleByLeastSquares(swept, register, quantum_Wh, noise_Wh) : scaleByGates(swept, register, step_Wh, marginsOf(run, noise_Wh));
  if (scale.reason) return scale;
  const power_W = valuesAt(grid.power_W, seen);
  return contradictionOf(run, { register, swept, power_W }, scale, quantum_Wh + noise_Wh) ?? scale;
}

/** By how much (Wh) the gates are widened: by the noise, and by what a power that does not dither may bend the curve. */
function marginsOf(run, noise_Wh) {
  const bow_Wh = isDithered(run) ? 0 : (0.25 * run.card.power_step_W * run.duration_s) / 3600;
  const widest = WIDENINGS[WIDENINGS.length - 1];
  return [...WIDENINGS.map((widening) => widening * noise_Wh + 0.25 * bow_Wh), ...[0.5, 1].map((part) => widest * noise_Wh + part * bow_Wh)];
}

function scaleByGates(swept, register, step_Wh, margins_Wh) {
  for (const margin of margins_Wh) {
    const lines = linesBetween(swept, register.map((shown) => shown - margin), register.map((shown) => shown + step_Wh + margin));
    if (lines !== null) return { value: lines.slope, u: lines.u / lines.slope };
  }
  return { reason: "scale_inconsistent", values: {} };
}

function scaleByLeastSquares(swept, register, quantum_Wh, noise_Wh) {
  const line = straightLine(swept, register);
  const residual = leftOver(line, swept, register);
  const found = summed(residual.length, (k) => residual[k] ** 2) / residual.length;
  const expected = quantum_Wh ** 2 / 12 + noise_Wh ** 2;
  if (found > RESIDUALS_AT_MOST * expected) return { reason: "residuals_drift", values: {} };
  return { value: line.slope, u: Math.sqrt(Math.max(found, expected) / line.spread) / line.slope };
}

/** What in the run contradicts that both registers measure one energy, at the lag that was commissioned. */
function contradictionOf(run, { register, swept, power_W }, scale, bound_Wh) {
  const allowed_pct = run.card.power_gain_limit_pct;
  const off_pct = 100 * Math.abs(scale.value - 1);
  if (off_pct > allowed_pct + 300 * scale.u) {
    return { reason: "scale_out_of_specification", values: { scale: fixedText(off_pct, 3), allowed: fixedText(allowed_pct, 3) } };
  }
  if (run.step_Wh > run.grid.perRefresh_Wh / 4) return null;
  // A curve that is late by L is too low by L P/3600: the residual follows the power, once what a straight line explains is out of both.
  const residual = register.map((shown, k) => shown - scale.value * swept[k]);
  const [power, off] = [power_W, residual].map((values) => leftOver(straightLine(swept, values), swept, values));
  const spread = summed(power.length, (k) => power[k] ** 2);
  if (spread <= 0) return null;
  const lag_s = (3600 * summed(power.length, (k) => power[k] * off[k])) / spread;
  const lagU_s = (3600 * bound_Wh) / Math.sqrt(spread);
  if (Math.abs(lag_s) <= LAG_AT_MOST * Math.hypot(lagU_s, run.lagU_s)) return null;
  return { reason: "lag_mismatch", values: { lag: fixedText(run.card.power_lag_s + lag_s, 2) } };
}

// --- the integral of the power register

function byPowerIntegral(run, pulses) {
  const { grid, card } = run;
  if (grid === null) return run.finding;
  const timing = energyOverPulses(pulses, grid.curve, grid.clock.jitter_s);
  const rows = [
    rectangularRow("power_register_rounding", isDithered(run) ? 0 : (50 * card.power_step_W) / grid.mean_W),
    rectangularRow("power_gain", card.power_gain_limit_pct),
    clockRateRow("bench_clock", BENCH_CLOCK_PPM),
    ...rowsOfCurve(run, pulses, timing.energy_Wh),
    rowOfTiming(timing),
  ];
  return { energy_Wh: timing.energy_Wh, rows };
}

// --- by the changes of the energy register inside of the window

/** Run times (s) of the register's rises inside of the window, and the register (Wh) after each. */
function ticksInside({ at_s, register_Wh }, pulses) {
  const [first_s, last_s] = [pulses.at_s[0], pulses.at_s[pulses.intervals]];
  const rises = placesWhere(at_s.length, (j) => register_Wh[j] > register_Wh[j - 1] && at_s[j] >= first_s && at_s[j] <= last_s);
  return { tick_s: valuesAt(at_s, rises), after_Wh: valuesAt(register_Wh, rises) };
}

function byTickGating(run, pulses) {
  const { grid } = run;
  if (grid === null) return run.finding;
  const { tick_s, after_Wh } = ticksInside(grid, pulses);
  const last = tick_s.length - 1;
  if (last + 1 < GATED_TICKS) return tooFewTicks(last + 1, GATED_TICKS);
  const numbers = rowOfValues(pulses.at_s.length, (k) => k);
  const counted = readCurve(pulses.at_s, numbers, tick_s[last]) - readCurve(pulses.at_s, numbers, tick_s[0]);
  const gated_s = tick_s[last] - tick_s[0];
  const timing = energyOverPulses(pulses, grid.curve);
  const bend = ((timing.energy_Wh / pulses.intervals) * counted) / curveEnergy(grid.curve, tick_s[0], tick_s[last]) - 1;
  const jitter_s = Math.sqrt(tickWait(run) ** 2 / 12 + grid.clock.jitter_s ** 2);
  const rows = [
    relativeRow("alignment_ticks", (Math.SQRT2 * jitter_s) / gated_s),
    relativeRow("alignment_count_interpolation", Math.hypot(bend, pulses.frame_s / Math.sqrt(6) / gated_s)),
    relativeRow("alignment_refresh_clock", grid.clock.u),
    rowOfLag(grid, pulses, METER_LAG_U_S, timing.energy_Wh),
    rowOfTiming(timing),
  ];
  return { energy_Wh: ((after_Wh[last] - after_Wh[0]) / counted) * pulses.intervals, rows };
}

function byTickLine(run, pulses) {
  const { grid } = run;
  if (grid === null) return run.finding;
  const { tick_s, after_Wh } = ticksInside(grid, pulses);
  if (tick_s.length < LINE_TICKS) return tooFewTicks(tick_s.length, LINE_TICKS);
  const perSecond_Wh = straightLine(tick_s, after_Wh).slope;
  const curve_Wh = tick_s.map((at) => readCurve(grid.curve.at_s, grid.curve.energy_Wh, at));
  const straight = straightLine(tick_s, curve_Wh);
  const bend_Wh = largest(leftOver(straight, tick_s, curve_Wh).map(Math.abs));
  const margin_s = 3 * grid.clock.jitter_s + bend_Wh / perSecond_Wh;
  const wait_s = tickWait(run);
  const lines = linesBetween(after_Wh.map((shown) => shown - after_Wh[0]), tick_s.map((at) => at - wait_s - margin_s), tick_s.map((at) => at + margin_s));
  if (lines === null) return { reason: "residuals_drift", values: {} };
  const timing = energyOverPulses(pulses, grid.curve);
  const rows = [
    relativeRow("alignment_ticks", Math.hypot(lines.u / lines.slope, perSecond_Wh * lines.slope - 1)),
    relativeRow("alignment_unsteady_load", Math.abs((straight.slope * pulses.duration_s) / timing.energy_Wh - 1)),
    relativeRow("alignment_refresh_clock", grid.clock.u),
    rowOfLag(grid, pulses, METER_LAG_U_S, timing.energy_Wh),
    rowOfTiming(timing),
  ];
  return { energy_Wh: perSecond_Wh * pulses.duration_s, rows };
}
