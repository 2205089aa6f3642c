// Several runs at one load point come to one result: their mean with a budget of its own (docs/metrology.md, "Several runs").
// What is the same in each run counts once and as it is; of the scatter that a window foresees of itself and the one that the
// runs show, the larger stands.
import { budgetRow, combineRows, incompleteBeta, rectangularRow, uncertaintyOfRow, uncertaintyOfRows } from "../numbers/budget.js";
import { average, summed } from "../numbers/series.js";
import { fixedText, fractionOf, meanOf, numberOf, roundedToStep } from "./fractions.js";

const OF_THE_REFERENCE = [
  "reference_calibration",
  "reference_class",
  "reference_drift",
  "reference_stability",
  "reference_interpolation",
  "reference_temperature",
  "reference_voltage",
];
export const RUNS_THAT_SPEAK = 6;
const SCATTER_SIGNIFICANCE = 0.01;
const AS_GOOD_AS_INFINITE = 1e5;

/** Type A, of the mean of so many runs. */
function repeatabilityRow(sd_pct, degrees_of_freedom, count) {
  return { ...budgetRow("repeatability", sd_pct, { divisor: Math.sqrt(count) }), degrees_of_freedom };
}

/** The mean of runs that all have a number; null where one has none. runs: exact results. pooled: {sd_pct, degrees_of_freedom} or
 * null. step: text of the rounding step, or null. */
export function meanOfRuns(runs, pooled, step) {
  if (!runs.length || runs.some((run) => run.percentage_error_pct === null)) return null;
  const errors = runs.map((run) => run.percentage_error_pct);
  const exact = meanOf(errors.map(fractionOf));
  const sd = errors.length > 1 ? sampleDeviation(errors) : null;
  const window = widestWindow(runs);
  const isScattered = sd !== null && pooled !== null && scattersBeyond(sd, errors.length, pooled, window);
  const scatter = scatterRows(errors.length, window, sd, isScattered ? null : pooled);
  const rounding = step === null ? [] : [rectangularRow("rounding", Number(step) / 2, true)];
  const rows = [...rowsOfReference(runs), ...scatter, ...rounding];
  const findings = [];
  if (sd === null && pooled === null) findings.push({ reason: "repeatability_unknown", values: {} });
  if (isScattered) findings.push({ reason: "runs_scatter", values: { sd: fixedText(sd, 3), pooled: fixedText(pooled.sd_pct, 3) } });
  return {
    errors,
    mean: numberOf(exact),
    sd,
    rows,
    ...combineRows(rows),
    rounded: step === null ? null : roundedToStep(exact, step).text,
    findings,
    restsOnScatter: scatter.some((row) => row.source === "repeatability"),
    restsOnFew: errors.length < RUNS_THAT_SPEAK && (pooled === null || isScattered) && scatter.some((row) => row.source === "repeatability"),
  };
}

export function sampleDeviation(values) {
  const mean = average(values);
  return Math.sqrt(summed(values.length, (k) => (values[k] - mean) ** 2) / (values.length - 1));
}

/** Each row of the reference once, of the run where it is largest. */
function rowsOfReference(runs) {
  const largest = new Map();
  for (const row of runs.flatMap((run) => run.rows)) {
    if (!OF_THE_REFERENCE.includes(row.source)) continue;
    const known = largest.get(row.source);
    if (known === undefined || uncertaintyOfRow(row) > uncertaintyOfRow(known)) largest.set(row.source, row);
  }
  return [...largest.values()];
}

/** All other rows, of the run where they are widest. */
function widestWindow(runs) {
  const windows = runs.map((run) => run.rows.filter((row) => !OF_THE_REFERENCE.includes(row.source)));
  return windows.reduce((widest, window) => (uncertaintyOfRows(window) > uncertaintyOfRows(widest) ? window : widest));
}

/** The rows of the widest window, or one row of repeatability where that is larger. */
function scatterRows(count, window, sd, pooled) {
  const isPooled = pooled !== null && count < RUNS_THAT_SPEAK;
  if (!isPooled && sd === null) return window;
  const [s, nu] = isPooled ? [pooled.sd_pct, pooled.degrees_of_freedom] : [sd, count - 1];
  const row = repeatabilityRow(s, nu, count);
  return uncertaintyOfRow(row) > uncertaintyOfRows(window) ? [row] : window;
}

/** Whether s is beyond the 99th percentile of what pooled repeatability and window explain: P(F > ratio) below 1 %. */
function scattersBeyond(sd, count, pooled, window) {
  const expected = combineRows([repeatabilityRow(pooled.sd_pct, pooled.degrees_of_freedom, 1), ...window]);
  const ratio = (sd / expected.u) ** 2;
  const below = Math.min(expected.dof, AS_GOOD_AS_INFINITE);
  const tail = ratio === Infinity ? 0 : incompleteBeta(below / 2, (count - 1) / 2, below / (below + (count - 1) * ratio));
  return tail < SCATTER_SIGNIFICANCE;
}
