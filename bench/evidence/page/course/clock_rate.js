// How fast the bench clock runs by a pulse each true second, and the daily error of a meter's clock output (docs/metrology.md,
// "Clock"). Instants are Numbers of nanoseconds since the bench computer started, which are exact.
import { COVERAGE_PROBABILITY, budgetRow, combineRows, coverageFactor } from "../numbers/budget.js";
import { average, countBelow, largest, median, smallest, steps, summed } from "../numbers/series.js";
import { STAMP_JITTER_S } from "../numbers/pulse_energy.js";
import { fixedText } from "./fractions.js";
import { sampleDeviation } from "./runs.js";

const NS = 1e9;
const SHORTEST_S = 60;
const FASTEST = 600e-6;
const LATEST_S = 500e-6;
const BEGINNINGS = 8;
const PARTS = 4;
const MAY_PAUSE_S = 5;
const AT_LEAST = 0.9;
const MAY_DEPART_PPM = 1;
const OUTPUT_TOLERANCE_S = 0.2;
const S_PER_DAY = 86400;

/** The rate from the stamps of second pulses, or the finding why there is none. */
export function benchClockRate(stamps, [first, last]) {
  const bounds = [first, ...stamps, last];
  const silent_s = largest(steps(bounds)) / NS;
  const seconds = (last - first) / NS;
  const rate = rateOfSeconds(stamps);
  if (rate === null || silent_s > MAY_PAUSE_S || rate.pulses < AT_LEAST * seconds) {
    const values = { pulses: String(stamps.length), seconds: fixedText(seconds, 0), silent: fixedText(silent_s, 1) };
    return { rate: null, why: [{ reason: "pps_lost", values }] };
  }
  if (rate.departure_ppm > MAY_DEPART_PPM) {
    return { rate: null, why: [{ reason: "clock_slewing", values: { ppm: fixedText(rate.departure_ppm, 1) } }] };
  }
  return { rate, why: [] };
}

/** The longest chain of stamps that lie whole seconds apart, from one of the first eight; later pulses of a chain must come
 * within what a clock may be off. */
function chainOfSeconds(stamps) {
  let best = [];
  for (let start = 0; start < Math.min(BEGINNINGS, stamps.length); start++) {
    const chain = [{ at: 0, second: 0, ns: stamps[start] }];
    for (let k = start + 1; k < stamps.length; k++) {
      const before = chain[chain.length - 1];
      const step_s = (stamps[k] - before.ns) / NS;
      const whole = Math.round(step_s);
      if (whole >= 1 && Math.abs(step_s - whole) <= LATEST_S + FASTEST * whole) {
        chain.push({ at: (stamps[k] - stamps[start]) / NS, second: before.second + whole, ns: stamps[k] });
      }
    }
    if (chain.length > best.length) best = chain;
    if (2 * chain.length > stamps.length) break;
  }
  return best;
}

function rateOfSeconds(stamps) {
  const chain = chainOfSeconds(stamps);
  const count = chain.length;
  if (count < SHORTEST_S / 2 || chain[count - 1].second < SHORTEST_S) return null;
  const rates = longPairRates(chain);
  const rate_ppm = median(rates);
  const parts = partsOf(chain).map((part) => median(longPairRates(part)));
  const meanSquare = summed(rates.length, (k) => (rates[k] - rate_ppm) ** 2) / rates.length;
  const ofPairs = Math.sqrt(Math.PI / 2) * Math.sqrt(meanSquare / rates.length);
  const ofParts = sampleDeviation(parts) / Math.sqrt(PARTS);
  return {
    rate_ppm,
    expanded_uncertainty_ppm: Math.max(
      coverageFactor(Infinity, COVERAGE_PROBABILITY) * ofPairs,
      coverageFactor(PARTS - 1, COVERAGE_PROBABILITY) * ofParts
    ),
    seconds: chain[count - 1].second,
    pulses: count,
    missing: chain[count - 1].second + 1 - count,
    foreign: stamps.length - count,
    longest_gap_s: Math.max(...chain.slice(1).map((one, index) => one.second - chain[index].second)),
    departure_ppm: Math.max(...parts.map((part) => Math.abs(part - rate_ppm))),
  };
}

/** Between each pulse and the one half as many pulses later as there are. */
function longPairRates(chain) {
  const half = chain.length >> 1;
  return chain.slice(half).map((late, k) => ((late.ns - chain[k].ns) / NS / (late.second - chain[k].second) - 1) * 1e6);
}

/** Four parts whose lengths differ by one at most, the longer ones first. */
function partsOf(chain) {
  const parts = [];
  let start = 0;
  for (let k = 0; k < PARTS; k++) {
    const length = Math.floor(chain.length / PARTS) + (k < chain.length % PARTS ? 1 : 0);
    parts.push(chain.slice(start, start + length));
    start += length;
  }
  return parts;
}

/** Mean period (s) of a 1 Hz output in each of so many windows, or the finding why there is none. stamps: of its rising edges, all. */
export function periodsOfOutput(stamps, first, windows, window_s) {
  const bounds = Array.from({ length: windows + 1 }, (_, k) => first + Math.round(k * window_s * NS));
  const inside = stamps.filter((at) => at >= first && at <= bounds[windows]);
  const span_s = windows * window_s;
  const apart_s = Array.from(steps(inside), (step) => step / NS);
  if (inside.length < span_s - 2 || apart_s.some((step) => Math.abs(step - 1) > OUTPUT_TOLERANCE_S)) {
    const [shortest, longest] = apart_s.length
      ? [smallest(apart_s), largest(apart_s)].map((step) => fixedText(step, 3))
      : ["—", "—"];
    const values = { pulses: String(inside.length), seconds: fixedText(span_s, 0), shortest, longest };
    return { periods: [], why: [{ reason: "clock_output_unusable", values }] };
  }
  const at = bounds.map((bound) => Math.min(countBelow(inside, bound), inside.length - 1));
  const periods = at.slice(1).map((b, k) => (inside[b] - inside[at[k]]) / NS / (b - at[k]));
  return { periods, why: [] };
}

/** The bench clock's rate as measured meanwhile, else as configured: {rate_ppm, U_ppm}; null where neither is known. */
export function rateOfBench(measured, pps_U_ppm, configured_U_ppm) {
  if (measured !== null && pps_U_ppm !== null) {
    return { rate_ppm: measured.rate_ppm, U_ppm: Math.hypot(measured.expanded_uncertainty_ppm, pps_U_ppm) };
  }
  return configured_U_ppm === null ? null : { rate_ppm: 0, U_ppm: configured_U_ppm };
}

/** Daily error (s/d) of a period on the bench clock: (T0 - T)/T * 86,400, T in true seconds. */
export function dailyError(period_s, rate_ppm) {
  const true_s = period_s / (1 + rate_ppm * 1e-6);
  return ((1 - true_s) / true_s) * S_PER_DAY;
}

/** The mean of the windows with u and U (s/d): of what the stamps foresee and what the windows show the larger, and the rate. */
export function dailyErrorOfWindows(windows, window_s, U_ppm) {
  const n = windows.length;
  const foreseen = ((Math.SQRT2 * STAMP_JITTER_S) / window_s) * S_PER_DAY / Math.sqrt(n);
  const observed = n > 1 ? sampleDeviation(windows) / Math.sqrt(n) : 0;
  const ofWindows = { ...budgetRow("repeatability", observed), degrees_of_freedom: n - 1 };
  const scatter = observed > foreseen ? ofWindows : budgetRow("pulse_timing", foreseen);
  const rate = budgetRow("bench_clock_rate", (U_ppm / 2) * S_PER_DAY * 1e-6);
  return { mean: average(windows), ...combineRows([scatter, rate]) };
}
