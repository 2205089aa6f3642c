// What is wrong with a meter's pulse line (docs/metrology.md, "Screening of pulses"): lost edges, pulses that the energy does not explain,
// silence. Findings are {reason, values}, values as texts.
import { fixedText } from "../course/fractions.js";
import { indexOfLargest, largest, leftOver, median, readCurve, rowOfValues, smallest, steps, straightLine } from "./series.js";
import { narrowestStrip, stripWithoutHighest } from "./strips.js";

const COUNTER = 2 ** 32;
const LEAST_TOLERANCE = 0.1;
const MOST_SCATTER = 0.5;
const SCATTER_FACTOR = 10;
const EXPLAINED_FRAMES = 2;
const COARSE_FRAME = 0.25;
const COARSE_SWING = 0.1;
const FEW_INTERVALS = 5;
const MOST_UNEVEN = 0.2;
const ABOUT_ONE = 1.3;
const ABOUT_TWO = 1.7;
const STRETCH = 64;
const STRIP_MARGIN = 0.15;
const OVERDUE_INTERVALS = 2.5;
const LONGEST_FRAME_S = 1;
const FULL_WITHIN_FRAMES = 0.25;

/** Pulses for each kWh (kvarh) at the meter's terminals. */
export function pulsesPerKWh(meter) {
  const ratio = meter.constant_is_primary ? Number(meter.ct_ratio) * Number(meter.vt_ratio) : 1;
  return Number(meter.meter_constant_imp_per_kWh) * ratio;
}

/** Edges that are known to be lost by the kernel's counter, and two of one kind that follow each other. */
export function screenEdges({ kind, line_seqno }, { serial }) {
  let [lost, gaps, repeated, isRestarted] = [0, 0, 0, false];
  for (let k = 1; k < kind.length; k++) {
    const step = (line_seqno[k] - line_seqno[k - 1] + COUNTER) % COUNTER;
    if (step === 1) repeated += kind[k] === kind[k - 1] ? 1 : 0;
    else {
      gaps += 1;
      if (step === 0 || step > COUNTER / 2) isRestarted = true;
      else lost += step - 1;
    }
  }
  const findings = [];
  if (gaps) findings.push({ reason: "pulses_lost", values: isRestarted ? { serial } : { lost: String(lost), serial } });
  if (repeated) findings.push({ reason: "edges_not_alternating", values: { count: String(repeated), serial } });
  return findings;
}

/** Pulses of the reference standard's own line (s): an interval of about two lacks one, two that make about one hold one too many. */
export function screenReferencePulses(pulse_s) {
  if (pulse_s.length <= FEW_INTERVALS) return [];
  const interval_s = steps(pulse_s);
  const typical_s = (pulse_s[pulse_s.length - 1] - pulse_s[0]) / interval_s.length;
  const share = interval_s.map((each) => each / typical_s);
  if (median(share.map((each) => Math.abs(each - 1))) > MOST_UNEVEN) return [];
  const longest = indexOfLargest(share);
  if (share[longest] >= ABOUT_TWO) return [foreignPulse("pulse_missing", longest, share[longest])];
  const closeness = rowOfValues(share.length - 1, (k) => -(share[k] + share[k + 1]));
  const closest = indexOfLargest(closeness);
  return -closeness[closest] <= ABOUT_ONE ? [foreignPulse("pulse_doubled", closest, -closeness[closest])] : [];
}

function foreignPulse(reason, interval, share) {
  return { reason, values: { pulse: String(interval + 1), share: fixedText(share, 2) } };
}

/** A line that has given no pulse for much longer than the load (W) asks; last_ns: its last pulse, or the start of the run. */
export function screenLineSilence(last_ns, now_ns, power_W, perKWh) {
  if (power_W <= 0) return [];
  const silent_s = (now_ns - last_ns) / 1e9;
  if (silent_s <= OVERDUE_INTERVALS * (3.6e6 / (power_W * perKWh)) + LONGEST_FRAME_S) return [];
  return [{ reason: "line_silent", values: { seconds: fixedText(silent_s, 0) } }];
}

/** Pulses that are missing, doubled or early by the energy between them, a lasting step of their count, and pulses off the frames that all
 * others keep. curve: {at_s, energy_Wh} of the power register. */
export function screenPulses(pulses, curve, perKWh) {
  const energy_Wh = pulses.at_s.map((at) => readCurve(curve.at_s, curve.energy_Wh, at));
  const found = screenIntervals(pulses.at_s, energy_Wh, perKWh, pulses.frame_s, pulses.pulsation_s);
  if (found.length || pulses.frame === null || !pulses.frame.strays || comesAsEnergyFills(energy_Wh, pulses.frame_s / pulses.duration_s)) return found;
  return [{ reason: "pulse_off_frame", values: { frame: fixedText(pulses.frame_s, 3) } }];
}

/** Whether every pulse comes where its energy is full, to a quarter of a frame (as a share of the window): a steady load explains them. */
function comesAsEnergyFills(energy_Wh, frameShare) {
  const number = rowOfValues(energy_Wh.length, (k) => k);
  const line = straightLine(number, energy_Wh);
  const off_Wh = largest(leftOver(line, number, energy_Wh).map(Math.abs));
  return off_Wh <= FULL_WITHIN_FRAMES * frameShare * (energy_Wh[energy_Wh.length - 1] - energy_Wh[0]);
}

function screenIntervals(at_s, energy_Wh, perKWh, frame_s, pulsation_s) {
  if (at_s.length < 2) return [];
  const intervals_s = steps(at_s);
  const mean_s = (at_s[at_s.length - 1] - at_s[0]) / intervals_s.length;
  const frameShare = mean_s > 0 ? frame_s / mean_s : 0;
  const swingShare = mean_s > 0 ? (2 * pulsation_s) / mean_s : 0;
  const isEven = frameShare <= COARSE_FRAME && swingShare <= COARSE_SWING;
  const typical_Wh = typicalInterval(energy_Wh, isEven, perKWh);
  if (!(typical_Wh > 0)) return [{ reason: "pulse_doubled", values: { pulses: String(at_s.length) } }];
  const shortest_s = smallest(intervals_s);
  // At most one pulse leaves in each frame.
  if (shortest_s < 0.5 * frame_s) return [{ reason: "pulse_doubled", values: { pulse: String(intervals_s.indexOf(shortest_s) + 1) } }];
  const share = steps(energy_Wh).map((energy) => energy / typical_Wh);
  const scatter = frame_s ? 0 : scatterOf(share, swingShare);
  const tolerance = LEAST_TOLERANCE + Math.min(SCATTER_FACTOR * scatter, MOST_SCATTER) + EXPLAINED_FRAMES * frameShare + swingShare;
  const hole = holeIn(intervals_s, share);
  if (hole.length) return hole;
  const odd = oddInterval(share, tolerance);
  if (odd.length) return odd;
  const allowed = STRIP_MARGIN + 0.5 * SCATTER_FACTOR * scatter + 1.05 * frameShare + swingShare;
  return stepOfCount(energy_Wh.map((energy) => energy / typical_Wh), allowed);
}

/** Median deviation of the intervals' energies that the load's pulsation does not explain. */
function scatterOf(share, swingShare) {
  if (share.length < FEW_INTERVALS) return 0;
  const scatter = median(share.map((part) => Math.abs(part - 1)));
  return swingShare > COARSE_SWING ? Math.max(0, scatter - swingShare) : scatter;
}

/** Energy of an interval that one missing or doubled pulse cannot move; of a few, what the nameplate says, if any agrees with it. */
function typicalInterval(energy_Wh, isEven, perKWh) {
  const intervals = energy_Wh.length - 1;
  const each_Wh = steps(energy_Wh);
  if (intervals < FEW_INTERVALS) {
    const nameplate_Wh = 1000 / perKWh;
    if (intervals < 3 || each_Wh.some((energy) => Math.abs(energy / nameplate_Wh - 1) < LEAST_TOLERANCE)) return nameplate_Wh;
  }
  if (isEven) return median(each_Wh);
  const half = Math.max(1, intervals >> 1);
  return median(energy_Wh.subarray(half).map((energy, k) => energy - energy_Wh[k])) / half;
}

/** A hole of several intervals is a line that was off, rather than a meter that left out a pulse. */
function holeIn(intervals_s, share) {
  const k = indexOfLargest(share);
  if (!(intervals_s[k] * (1 - OVERDUE_INTERVALS / share[k]) > LONGEST_FRAME_S)) return [];
  return [{ reason: "line_silent", values: { seconds: fixedText(intervals_s[k], 0) } }];
}

/** The interval that is furthest off says what happened. */
function oddInterval(share, tolerance) {
  const off = share.map((part) => Math.abs(part - 1));
  const k = indexOfLargest(off);
  if (off[k] <= tolerance) return [];
  const reason = whatHappened(share[k], k > 0 ? share[k - 1] : null, k + 1 < share.length ? share[k + 1] : null, tolerance);
  return [{ reason, values: { pulse: String(k + 1), share: fixedText(share[k], 2) } }];
}

function whatHappened(share, before, after, tolerance) {
  const makes = (other, expected) => other !== null && Math.abs(share + other - expected) <= tolerance;
  if (share > 1) {
    const isShifted = [before, after].some((other) => makes(other, 2) && other < 1 - 0.5 * tolerance);
    return isShifted ? "pulse_early" : "pulse_missing";
  }
  // A pulse too many leaves two parts of one interval; one that came early makes the next interval longer.
  return (after !== null && share + after < 1.5) || makes(before, 1) ? "pulse_doubled" : "pulse_early";
}

/** A lasting step of the count against the energy, in stretches of 64 pulses that overlap by half. */
function stepOfCount(energy, allowed) {
  const count = energy.length;
  const length = Math.min(STRETCH, count);
  let worst = { start: 0, width: -Infinity };
  const stretch = (start) => {
    const part = energy.subarray(start, start + length);
    return [part, part.map((inPulses, k) => start + k - inPulses)];
  };
  for (let start = 0; ; start += STRETCH / 2) {
    const from = Math.min(start, count - length);
    const width = narrowestStrip(...stretch(from));
    if (width > worst.width) worst = { start: from, width };
    if (from === count - length) break;
  }
  if (worst.width <= allowed) return [];
  // One pulse that is ahead of all others came early; but if it is the first, the others have fallen behind.
  const without = length > 3 ? stripWithoutHighest(...stretch(worst.start)) : null;
  const isEarly = without !== null && without.width <= allowed && without.highest > 0;
  const values = { pulse: String(worst.start), width: fixedText(worst.width, 2), allowed: fixedText(allowed, 2) };
  return [{ reason: isEarly ? "pulse_early" : "count_step", values }];
}
