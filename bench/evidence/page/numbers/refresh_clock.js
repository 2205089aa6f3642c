// The reference's own refresh clock, recovered from its polls (docs/metrology.md, "Refresh clock"). Run time is seconds since the first
// instant of the run. A register of polls: {asked_s, at_s, answered_s, value}, at_s half way between request and reply.
import { linesBetween } from "./gates.js";
import { leftOver, median, placesWhere, rootMeanSquare, rowOfValues, steps, straightLine, summed, valuesAt } from "./series.js";

export const FEWEST_CHANGES = 8;
export const PERIODIC_WITHIN = 1.3;
const CORRELATED = 3;
const KEEPS_STEP = 0.3;
const TOO_SMOOTH = 0.85;

/** Instants (ns) to run time (s): subtracted as whole numbers first. */
export function runSeconds(instants_ns, origin_ns) {
  return rowOfValues(instants_ns.length, (k) => (instants_ns[k] - origin_ns) / 1e9);
}

export function inRunTime({ request_ns, reply_ns, value }, origin_ns) {
  const asked_s = runSeconds(request_ns, origin_ns);
  const answered_s = runSeconds(reply_ns, origin_ns);
  return { asked_s, answered_s, at_s: rowOfValues(value.length, (k) => 0.5 * (asked_s[k] + answered_s[k])), value: rowOfValues(value.length, (k) => value[k]) };
}

/** Changes of a register: before and after which sample each was, as rows of run times (s). It surely lies between earliest and latest. */
function changesOf({ asked_s, at_s, answered_s, value }) {
  const after = placesWhere(value.length, (k) => k > 0 && value[k] !== value[k - 1]);
  const before = after.map((k) => k - 1);
  const [before_s, after_s] = [valuesAt(at_s, before), valuesAt(at_s, after)];
  return {
    earliest: valuesAt(asked_s, before),
    latest: valuesAt(answered_s, after),
    middle: rowOfValues(after.length, (k) => 0.5 * (before_s[k] + after_s[k])),
    width: rowOfValues(after.length, (k) => after_s[k] - before_s[k]),
  };
}

/** Changes of two registers in the order of their middles, but for those that a late poll made so wide that they may hold two refreshes. */
function changesTogether(one, other, narrower_s) {
  const joined = {};
  for (const name of Object.keys(one)) {
    joined[name] = new Float64Array(one[name].length + other[name].length);
    joined[name].set(one[name]);
    joined[name].set(other[name], one[name].length);
  }
  const narrow = placesWhere(joined.width.length, (k) => joined.width[k] < narrower_s);
  narrow.sort((i, j) => joined.middle[i] - joined.middle[j]);
  return Object.fromEntries(Object.entries(joined).map(([name, row]) => [name, valuesAt(row, narrow)]));
}

/** The refresh clock u_j = phase_s + j period_s of two registers that refresh together: with its relative uncertainty, residual_s (rms of
 * the brackets' middles), bracket_s (what brackets alone explain), jitter_s, and the count of changes. null with fewer than eight
 * changes, or where no period within a tenth of nominal_s fits. */
export function refreshClockOf(energy, power, nominal_s) {
  const found = changesTogether(changesOf(energy), changesOf(power), 0.5 * nominal_s);
  const middles = found.middle;
  if (middles.length < FEWEST_CHANGES) return null;
  let period_s = nominal_s;
  let index;
  let line;
  // The second time long gaps are counted with the fitted period.
  for (let pass = 0; pass < 2; pass++) {
    let count = 0;
    index = middles.map((middle, k) => (k === 0 ? 0 : (count += Math.round((middle - middles[k - 1]) / period_s))));
    line = straightLine(index, middles);
    period_s = line.slope;
    if (!(period_s > 0.9 * nominal_s && period_s < 1.1 * nominal_s)) return null;
  }
  const residual = leftOver(line, index, middles);
  const residual_s = rootMeanSquare(residual);
  const bracket_s = rootMeanSquare(found.width) / Math.sqrt(12);
  const inflation = correlationFactor(residual);
  let phase_s = line.intercept;
  let u_period_s = residual_s * Math.sqrt(inflation / line.spread);
  if (stepStrength(energy.at_s, period_s) > KEEPS_STEP || inflation > CORRELATED || residual_s < TOO_SMOOTH * bracket_s) {
    const lines = linesThroughBrackets(index, found);
    if (lines !== null) [phase_s, period_s, u_period_s] = [lines.intercept, lines.slope, lines.u];
  }
  const jitter_s = Math.sqrt(Math.max(residual_s ** 2 - bracket_s ** 2, 0));
  return { phase_s, period_s, u: u_period_s / period_s, residual_s, bracket_s, jitter_s, count: middles.length };
}

/** The last refresh at or before an instant (s). */
export function refreshBefore({ phase_s, period_s }, at_s) {
  return Math.floor((at_s - phase_s) / period_s);
}

/** All lines through the certain bounds of every change; changes of one refresh are one gate. */
function linesThroughBrackets(index, { earliest, latest }) {
  const gates = new Map();
  index.forEach((j, k) => {
    const [low, high] = gates.get(j) ?? [-Infinity, Infinity];
    gates.set(j, [Math.max(low, earliest[k]), Math.min(high, latest[k])]);
  });
  const bounds = [...gates.values()];
  return linesBetween([...gates.keys()], bounds.map(([low]) => low), bounds.map(([, high]) => high));
}

/** How much polls keep step with the refreshes: |mean exp(2 pi i n t/T)|, n polls a refresh. 0 spread evenly, 1 in step. */
function stepStrength(poll_s, period_s) {
  const polls = Math.max(1, Math.round(period_s / median(steps(poll_s))));
  return vectorLength(poll_s, polls / period_s);
}

/** |mean exp(2 pi i f t)|. */
export function vectorLength(at_s, frequency_Hz) {
  const turn = (k) => 2 * Math.PI * frequency_Hz * at_s[k];
  return Math.hypot(summed(at_s.length, (k) => Math.cos(turn(k))), summed(at_s.length, (k) => Math.sin(turn(k)))) / at_s.length;
}

/** f = 1 + 2 (sum of the autocorrelations up to the first that is not positive): by how much the variance of a mean exceeds that of
 * independent values. Summed no further once it is beyond the limit. */
function correlationFactor(residual) {
  const own = summed(residual.length, (k) => residual[k] ** 2);
  let factor = 1;
  for (let lag = 1; lag < residual.length >> 1; lag++) {
    const product = summed(residual.length - lag, (k) => residual[k] * residual[k + lag]);
    if (!(product > 0) || factor > CORRELATED) break;
    factor += (2 * product) / own;
  }
  return factor;
}
