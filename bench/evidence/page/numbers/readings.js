// What is wrong with what was read from the reference standard (docs/metrology.md, "Screening of the reference"), and its readings and faults
// in a span. samples: {energy, power, voltage: {request_ns, reply_ns, value}, faults}; energies in Wh, powers in W.
import { fixedText } from "../course/fractions.js";
import { inRunTime } from "./refresh_clock.js";
import { energyStepAt, readCard } from "./reference_standard.js";
import { average, countBelow, indexOfLargest, largest, median, placesWhere, readCurve, rowOfValues, steps } from "./series.js";
import { narrowestStrip, stripWithoutHighest } from "./strips.js";

const SILENCE_S = 1;
const SILENT_POLLS = 5;
const LONG_BLOCK_S = 10;
const SHORT_BLOCK_S = 2;
const ABRUPT_SHARE = 0.75;
const EXCURSION = 0.2;
const EXCURSION_S = 3;
const FLICKER = 0.03;
const STRIP_FACTOR = 1.2;
const GAIN_STEADINESS = 2e-4;
const LIVELY_STEPS = 3;
const LIVELY_REFRESHES = 8;

/** Samples of which every poll was sent at or after first_ns and, with last_ns, answered by then. */
export function samplesBetween(samples, first_ns, last_ns = Infinity) {
  const within = (register) => pollsFrom(register, countBelow(register.request_ns, first_ns), countBelow(register.reply_ns, last_ns, true));
  return {
    energy: within(samples.energy),
    power: within(samples.power),
    voltage: within(samples.voltage),
    faults: samples.faults.filter(({ at_ns }) => at_ns >= first_ns && at_ns <= last_ns),
  };
}

function pollsFrom({ request_ns, reply_ns, value }, first, end) {
  return { request_ns: request_ns.slice(first, end), reply_ns: reply_ns.slice(first, end), value: value.slice(first, end) };
}

export function powerBetween(samples, first_ns, last_ns) {
  return samplesBetween(samples, first_ns, last_ns).power;
}

export function voltageBetween(samples, first_ns, last_ns) {
  return samplesBetween(samples, first_ns, last_ns).voltage;
}

/** The last reading (Wh) that had arrived at an instant; null before the first. */
export function lastEnergyBefore({ energy }, at_ns) {
  const known = countBelow(energy.reply_ns, at_ns, true);
  return known ? energy.value[known - 1] : null;
}

/** Faults of a span, each reason once: where it came up first, with the figures that it had last. */
export function faultsBetween({ faults }, first_ns, last_ns) {
  return onceEach(faults.filter(({ at_ns }) => at_ns >= first_ns && at_ns <= last_ns).map(({ finding }) => finding));
}

function onceEach(findings) {
  const byReason = new Map();
  for (const finding of findings) byReason.set(finding.reason, finding);
  return [...byReason.values()];
}

/** Whether the reference has answered from first_ns to last_ns, with values; nothing is asked of the values. */
export function screenAnswers(samples, first_ns, last_ns) {
  const { energy, power, faults } = covering(samples, first_ns, last_ns);
  const findings = faults.map(({ finding }) => finding);
  if (!energy.value.every(Number.isFinite) || !power.value.every(Number.isFinite)) findings.push({ reason: "reference_not_a_number", values: {} });
  const silent = silenceOf(energy, first_ns, last_ns);
  findings.push(...(silent.length ? silent : silenceOf(power, first_ns, last_ns)));
  // Silence goes last: where there is another reason, it is what the silence comes from.
  const once = onceEach(findings);
  return [...once.filter(({ reason }) => reason !== "reference_silent"), ...once.filter(({ reason }) => reason === "reference_silent")];
}

/** All that makes the readings of a span useless. stability_pct: how far the load's block means may lie from their median. */
export function screenReadings(samples, recordedCard, first_ns, last_ns, stability_pct) {
  const answers = screenAnswers(samples, first_ns, last_ns);
  const { energy, power } = covering(samples, first_ns, last_ns);
  if (answers.length || energy.value.length < 2 || power.value.length < 2) return answers;
  const registers = registersOver(energy, power, readCard(recordedCard));
  // In the order in which one explains the next: what an earlier check finds also disturbs the later ones.
  const checks = [wentBack, changedRange, stoodStill, (each) => unsteadyLoad(each, Number(stability_pct)), partedFromPower];
  for (const check of checks) {
    const finding = check(registers);
    if (finding !== null) return [finding];
  }
  return [];
}

/** What was asked from first_ns on, and of what was answered later the first poll. */
function covering(samples, first_ns, last_ns) {
  const until = (register) => {
    const first = countBelow(register.request_ns, first_ns);
    return pollsFrom(register, first, countBelow(register.request_ns, last_ns, true) + 1);
  };
  return {
    energy: until(samples.energy),
    power: until(samples.power),
    faults: samples.faults.filter(({ at_ns }) => at_ns >= first_ns && at_ns <= last_ns),
  };
}

/** A hole in the polls, at the ends of the span too. */
function silenceOf({ request_ns, reply_ns }, first_ns, last_ns) {
  let [longest_ns, before_ns] = [0, first_ns];
  for (const at of [...reply_ns, last_ns]) {
    const seen_ns = Math.min(Math.max(at, first_ns), last_ns);
    longest_ns = Math.max(longest_ns, seen_ns - before_ns);
    before_ns = seen_ns;
  }
  const longest_s = longest_ns / 1e9;
  const poll_s = request_ns.length > 1 ? median(steps(request_ns)) / 1e9 : 0;
  if (longest_s <= Math.max(SILENCE_S, SILENT_POLLS * poll_s)) return [];
  return [{ reason: "reference_silent", values: { seconds: fixedText(longest_s, 1) } }];
}

/** Both registers in seconds since the first poll, and what is needed to judge them. */
function registersOver(energy, power, card) {
  const origin_ns = Math.min(energy.request_ns[0], power.request_ns[0]);
  const [ofEnergy, ofPower] = [inRunTime(energy, origin_ns), inRunTime(power, origin_ns)];
  const [energy_s, power_s] = [ofEnergy.at_s, ofPower.at_s];
  const [energy_Wh, power_W] = [ofEnergy.value, ofPower.value];
  const size_W = power_W.map(Math.abs);
  const most_W = largest(size_W);
  const flowed_Wh = new Float64Array(power_W.length);
  for (let k = 1; k < power_W.length; k++) flowed_Wh[k] = flowed_Wh[k - 1] + (power_W[k] * (power_s[k] - power_s[k - 1])) / 3600;
  return {
    card,
    energy_s,
    energy_Wh,
    power_s,
    power_W,
    most_W,
    // Under load only, so that a trip half way does not make it zero.
    typical_W: median(size_W.filter((power) => power >= 0.5 * most_W)),
    latency_s: largest(rowOfValues(energy_s.length, (k) => ofEnergy.answered_s[k] - ofEnergy.asked_s[k])),
    poll_s: median(steps(energy_s)),
    step_Wh: energyStepAt(card, largest(energy_Wh.map(Math.abs))),
    integrated: (at) => readCurve(power_s, flowed_Wh, at),
  };
}

/** Energy that went back: to about nothing (the instrument restarted), or somewhere else. */
function wentBack({ energy_s, energy_Wh, step_Wh, typical_W, card }) {
  const at = energy_Wh.findIndex((energy, k) => k > 0 && energy - energy_Wh[k - 1] < -0.5 * step_Wh);
  if (at < 0) return null;
  const since_s = energy_s[at] - energy_s[at - 1] + card.refresh_s;
  const isReset = Math.abs(energy_Wh[at]) <= (2 * typical_W * since_s) / 3600 + step_Wh;
  const values = { before: fixedText(energy_Wh[at - 1], 3), after: fixedText(energy_Wh[at], 3) };
  return { reason: isReset ? "reference_reset" : "reference_backward", values };
}

/** A power register that leaves for an instant and comes back: the reference was switching its range. */
function changedRange({ power_s, power_W, typical_W, card }) {
  const far_W = Math.max(EXCURSION * typical_W, 1.5 * card.power_step_W);
  const isAway = Array.from(power_W, (power) => Math.abs(Math.abs(power) - typical_W) > far_W);
  const longest_s = EXCURSION_S + 2 * card.refresh_s;
  let left = null;
  for (let k = 0; k + 1 < isAway.length; k++) {
    if (isAway[k] === isAway[k + 1]) continue;
    const away_s = power_s[k] - (left === null ? -Infinity : power_s[left]);
    if (isAway[k] && away_s <= longest_s) return { reason: "reference_range_changed", values: { seconds: fixedText(away_s, 1) } };
    left = k;
  }
  return null;
}

/** {flowed_Wh, rest_s}: what flowed by the power register while a register stood still for longest, and how long that was. */
function longestRest({ integrated }, at_s, value) {
  const marks_s = [at_s[0]];
  for (let k = 1; k < value.length; k++) if (value[k] !== value[k - 1]) marks_s.push(at_s[k]);
  marks_s.push(at_s[at_s.length - 1]);
  const flowed_Wh = steps(marks_s.map(integrated));
  const worst = indexOfLargest(flowed_Wh);
  return { flowed_Wh: flowed_Wh[worst], rest_s: marks_s[worst + 1] - marks_s[worst] };
}

/** Registers that stand still under load for longer than step, refresh and polls explain. */
function stoodStill(registers) {
  const { card, energy_s, energy_Wh, power_s, power_W, typical_W, poll_s, step_Wh } = registers;
  if (typical_W <= 0) return null;
  const waiting_Wh = (typical_W * 2 * (card.refresh_s + poll_s)) / 3600;
  const ofEnergy = longestRest(registers, energy_s, energy_Wh);
  // A weak load is read half a step of the power register too high.
  const unread_Wh = (0.5 * card.power_step_W * ofEnergy.rest_s) / 3600;
  if (ofEnergy.flowed_Wh > 1.15 * step_Wh + waiting_Wh + unread_Wh) return rested(ofEnergy.rest_s);
  // Where the energy's step is too long to tell, a power register that used to move with each refresh tells.
  const moves_W = steps(power_W).map(Math.abs).filter((move) => move > 0);
  if (moves_W.length < 2 * LIVELY_REFRESHES) return null;
  if (median(moves_W) < LIVELY_STEPS * Math.max(card.power_step_W, 1e-6 * typical_W)) return null;
  const ofPower = longestRest(registers, power_s, power_W);
  const most_Wh = (typical_W * LIVELY_REFRESHES * card.refresh_s) / 3600 + waiting_Wh;
  return ofPower.flowed_Wh > most_Wh ? rested(ofPower.rest_s) : null;
}

function rested(seconds) {
  return { reason: "reference_stalled", values: { seconds: fixedText(seconds, 1) } };
}

/** Block means of the power that leave the declared stability around their median, or an abrupt step between means of seconds. */
function unsteadyLoad(registers, stability_pct) {
  const { card, typical_W } = registers;
  const long_W = blockMeansOf(registers, Math.max(LONG_BLOCK_S, 4 * card.refresh_s), 3);
  let median_W = median(long_W);
  if (Math.abs(median_W) < 0.5 * typical_W) median_W = typical_W;
  if (median_W === 0) return null;
  const moved_pct = 100 * largest(long_W.map((mean) => Math.abs(mean / median_W - 1)));
  const short_s = Math.max(SHORT_BLOCK_S, 2 * card.refresh_s);
  const short_W = blockMeansOf(registers, short_s, 1);
  let step_pct = 0;
  // Not neighbours: the block between the two may hold the step itself.
  if (short_s <= LONG_BLOCK_S / 2 && short_W.length >= 3) {
    const moves_W = short_W.slice(2).map((mean, k) => Math.abs(mean - short_W[k]));
    step_pct = (100 * largest(moves_W)) / Math.abs(median_W);
  }
  const allowed_pct = ABRUPT_SHARE * stability_pct;
  if (moved_pct <= stability_pct && step_pct <= allowed_pct) return null;
  const values = { change: fixedText(Math.max(moved_pct, step_pct), 1), allowed: fixedText(moved_pct > stability_pct ? stability_pct : allowed_pct, 1) };
  return { reason: "load_unsteady", values };
}

/** Means of the power (W) over equal blocks of about block_s. */
function blockMeansOf({ power_s, power_W }, block_s, atLeast) {
  const [first_s, last_s] = [power_s[0], power_s[power_s.length - 1]];
  const blocks = Math.max(atLeast, Math.trunc((last_s - first_s) / block_s));
  const starts = new Set([0]);
  for (let k = 1; k < blocks; k++) starts.add(countBelow(power_s, first_s + k * ((last_s - first_s) / blocks)));
  const bounds = [...starts].filter((start) => start < power_W.length).concat(power_W.length);
  return bounds.slice(1).map((end, k) => average(power_W.subarray(bounds[k], end)));
}

/** A step or a bend between the energy register and the integral of the power register. */
function partedFromPower(registers) {
  const { card, energy_s, energy_Wh, step_Wh, most_W, latency_s, typical_W } = registers;
  const ticks = placesWhere(energy_Wh.length, (k) => energy_Wh[k] > energy_Wh[k - 1]);
  if (!ticks.length) return null;
  const bracket_s = ticks.map((k) => energy_s[k] - energy_s[k - 1]);
  const integrated_Wh = rowOfValues(ticks.length, (n) => registers.integrated(energy_s[ticks[n]] - 0.5 * bracket_s[n]));
  const apart_Wh = rowOfValues(ticks.length, (n) => energy_Wh[ticks[n]] - integrated_Wh[n]);
  // A change is late by a refresh at most, but rounding to a float32 comes on top of that.
  const quantum_Wh = Math.min(card.energy_step_Wh, (most_W * card.refresh_s) / 3600) + (step_Wh - card.energy_step_Wh);
  const bound_Wh = quantum_Wh + (most_W * (largest(bracket_s) + latency_s + FLICKER * card.refresh_s)) / 3600;
  const duration_s = energy_s[energy_s.length - 1] - energy_s[0];
  const bow_Wh = (0.25 * card.power_step_W * duration_s) / 3600 + GAIN_STEADINESS * (integrated_Wh[integrated_Wh.length - 1] - integrated_Wh[0]);
  const allowed_Wh = STRIP_FACTOR * bound_Wh + bow_Wh;
  const width_Wh = narrowestStrip(integrated_Wh, apart_Wh);
  if (width_Wh <= allowed_Wh) return null;
  // One change that comes late and no other: the registers stood still until then.
  if (ticks.length > 3 && stripWithoutHighest(integrated_Wh, apart_Wh.map((apart) => -apart)).width <= allowed_Wh) return rested((3600 * width_Wh) / typical_W);
  return { reason: "reference_jump", values: { energy_Wh: fixedText(width_Wh, 3), allowed_Wh: fixedText(allowed_Wh, 3) } };
}
