// Rows of an uncertainty budget and what they come to, by the GUM (JCGM 100:2008): root of the sum of squares (5.1.2), effective degrees of
// freedom by Welch and Satterthwaite (G.4.1), coverage factor from Student's t at 95.45 % (docs/metrology.md, "Uncertainty rows").
//
// The t distribution is here a regularised incomplete beta function, summed as its power series (DLMF 8.17.7 and 15.2.1: all terms positive)
// from the end where it converges fast; a quantile is found by Newton's method on the density.
import { summed } from "./series.js";

export const COVERAGE_PROBABILITY = 0.9545;
const AS_NORMAL_FROM = 1e5;

/** A row: half_width_pct / divisor * sensitivity is its standard uncertainty (%). shared: common to all estimators of a window. */
export function budgetRow(source, half_width_pct, { distribution = "normal", divisor = 1, shared = false } = {}) {
  return { source, half_width_pct, distribution, divisor, sensitivity: 1, degrees_of_freedom: Infinity, shared };
}

/** A row known as a relative standard uncertainty (dimensionless). */
export function relativeRow(source, relative, { shared = false, distribution = "normal" } = {}) {
  return budgetRow(source, 100 * relative, { shared, distribution });
}

/** A row of which only bounds (%) are known. */
export function rectangularRow(source, half_width_pct, shared = false) {
  return budgetRow(source, half_width_pct, { distribution: "rectangular", divisor: Math.sqrt(3), shared });
}

/** A rate of the bench clock within so many ppm. */
export function clockRateRow(source, half_width_ppm) {
  return rectangularRow(source, half_width_ppm * 1e-4);
}

export function uncertaintyOfRow({ half_width_pct, divisor, sensitivity }) {
  return Math.abs((half_width_pct / divisor) * sensitivity);
}

export function uncertaintyOfRows(rows) {
  return Math.sqrt(summed(rows.length, (k) => uncertaintyOfRow(rows[k]) ** 2));
}

/** Rows of a reference standard that are the same in each run at a load point; those that are zero are left out. */
export function rowsOfReferenceCard(card) {
  const known =
    card.calibration_U_pct > 0
      ? budgetRow("reference_calibration", card.calibration_U_pct, { divisor: card.coverage_factor, shared: true })
      : rectangularRow("reference_class", card.accuracy_class_pct, true);
  return [
    known,
    rectangularRow("reference_interpolation", card.interpolation_pct, true),
    rectangularRow("reference_drift", card.drift_pct, true),
    rectangularRow("reference_stability", card.stability_pct, true),
    rectangularRow("reference_temperature", card.temperature_off_K * Math.abs(card.temperature_coefficient_pct_per_K), true),
    rectangularRow("reference_voltage", card.voltage_off_V * Math.abs(card.voltage_coefficient_pct_per_V), true),
  ].filter((row) => row.half_width_pct !== 0);
}

/** {u, dof, k, U} of independent rows: standard uncertainty, effective degrees of freedom, coverage factor, expanded uncertainty. */
export function combineRows(rows) {
  const parts = rows.map((row) => ({ u: uncertaintyOfRow(row), dof: row.degrees_of_freedom }));
  const u = uncertaintyOfRows(rows);
  const dof = effectiveDegrees(parts);
  const k = coverageFactor(dof, COVERAGE_PROBABILITY);
  return { u, dof, k, U: k * u };
}

/** Welch and Satterthwaite: u^4 / sum(u_i^4/nu_i), of parts {u, dof}. */
function effectiveDegrees(parts) {
  const most = Math.max(...parts.map(({ u }) => u), 0);
  if (most === 0) return Infinity;
  const share = (k) => (parts[k].u / most) ** 2;
  const below = summed(parts.length, (k) => share(k) ** 2 / parts[k].dof);
  return below > 0 ? summed(parts.length, share) ** 2 / below : Infinity;
}

/** k with P(|T| <= k) = probability for Student's t; of a normal distribution above 1e5 degrees of freedom.
 * Errors: RangeError for a probability outside 0 to 1 or degrees of freedom that are not above 0. */
export function coverageFactor(dof, probability) {
  if (!(probability > 0 && probability < 1) || !(dof > 0)) throw new RangeError(`no coverage factor for ${dof} degrees of freedom at ${probability}`);
  const normal = solved((k) => withinNormal(k) - probability, (k) => Math.sqrt(2 / Math.PI) * Math.exp(-k * k / 2), 1);
  if (dof > AS_NORMAL_FROM) return normal;
  const scale = 2 * Math.exp(logGamma((dof + 1) / 2) - logGamma(dof / 2)) / Math.sqrt(Math.PI * dof);
  const density = (k) => scale * Math.exp((-(dof + 1) / 2) * Math.log1p((k * k) / dof));
  return solved((k) => withinStudent(k, dof) - probability, density, normal);
}

/** Root of an increasing function by Newton's steps, halved into the bracket wherever one would leave it. */
function solved(value, slope, start) {
  let [low, high] = [0, Infinity];
  let at = start;
  for (let k = 0; k < 2000; k++) {
    const off = value(at);
    if (off < 0) low = at;
    else high = at;
    let next = at - off / slope(at);
    if (!(next > low && next < high)) next = high === Infinity ? 2 * at : 0.5 * (low + high);
    if (Math.abs(next - at) <= 1e-15 * at) return next;
    at = next;
  }
  return at;
}

/** P(|T| <= k). */
function withinStudent(k, dof) {
  const square = k * k;
  return square < dof ? incompleteBeta(0.5, 0.5 * dof, square / (dof + square)) : 1 - incompleteBeta(0.5 * dof, 0.5, dof / (dof + square));
}

/** P(|Z| <= k) by the series of the error function without alternating signs (DLMF 7.6.2). */
function withinNormal(k) {
  let [term, sum] = [k, k];
  for (let n = 1; term > 1e-17 * sum; n++) sum += term *= (k * k) / (2 * n + 1);
  return Math.sqrt(2 / Math.PI) * Math.exp((-k * k) / 2) * sum;
}

/** I_x(a, b) for a, b > 0 and x from 0 to 1. */
export function incompleteBeta(a, b, x) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  // From the near end; with one parameter far larger than the other the terms from the far end overflow before they fall.
  const isNear = x <= Math.max(0.5, (a + 1) / (a + b + 2));
  return isNear ? betaSeries(a, b, x) : 1 - betaSeries(b, a, 1 - x);
}

function betaSeries(a, b, x) {
  let [term, sum] = [1, 1];
  for (let n = 0; term > 1e-17 * sum; n++) {
    term *= ((a + b + n) * x) / (a + 1 + n);
    sum += term;
  }
  const front = logGamma(a + b) - logGamma(a + 1) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  return Math.min(1, Math.exp(front) * sum);
}

/** ln Gamma(x), x > 0: Stirling's series (DLMF 5.11.1) beyond 15, by the recurrence below. */
function logGamma(x) {
  let product = 1;
  while (x < 15) product *= x++;
  const s = 1 / (x * x);
  const tail = (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360)))))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + tail - Math.log(product);
}
