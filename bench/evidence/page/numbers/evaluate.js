// From edges and samples to the percentage error of each position's meter with its uncertainty, or to the reasons why there is none
// (docs/metrology.md, "The order of things").
import { fixedText, generalText, recordedText, signedFixedText } from "../course/fractions.js";
import { alignedRun, coveredBy } from "./alignment.js";
import { clockRateRow, combineRows, rowsOfReferenceCard, uncertaintyOfRow, uncertaintyOfRows } from "./budget.js";
import { pulsesPerKWh, screenEdges, screenLineSilence, screenPulses, screenReferencePulses } from "./edge_screening.js";
import { ESTIMATORS } from "./estimators.js";
import { pulsesBetween } from "./pulse_energy.js";
import { samplesBetween, screenReadings } from "./readings.js";
import { cardAtLoad } from "./reference_standard.js";
import { placesWhere, valuesAt } from "./series.js";

const EVALUATIONS = [1];
const DISAGREE_BEYOND = 3;
const FEWEST_INTERVALS = 3;
const MOST_SLEWING_PPM = 100;
const ELEMENTS = { "1p2w": 1, "3p3w": Math.sqrt(3), "3p4w": 3 };

/** Position -> figures as a record has them (and `exact`, the Numbers that they were rounded from), of one run at one load point.
 *
 * edges: {position: train}, all edges of each line; referenceEdges: train of the reference's own pulses, or null; samples: of decodeSamples;
 * meters, card, loadPoint: as the record has them, of all positions; ambient_C: temperature at the bench, or null; stabilityPct, clockSlewPpm:
 * texts of the record, or Numbers; runNs: first and last instant that count; lineFindings: {position: findings}; computation: of the record. */
export function evaluateWindow(given) {
  const { edges, referenceEdges, samples, meters, card, loadPoint, ambient_C = null, stabilityPct, runNs, clockSlewPpm, lineFindings, computation } = given;
  const [first_ns, last_ns] = runNs;
  const unknown = unknownVersions(computation);
  const inside = samplesBetween(samples, first_ns, last_ns);
  const referenceTrain = referenceEdges ? trainBetween(referenceEdges, first_ns, last_ns) : null;
  const referencePulse_ns = referenceTrain && stampsOf(referenceTrain, 1);
  const run = { ...alignedRun(inside, cardAtLoad(card, loadPoint, ambient_C), first_ns, referencePulse_ns), load: loadPoint, last_ns };
  run.referencePulseFindings = referenceTrain ? [...screenEdges(referenceTrain, card), ...screenReferencePulses(run.referencePulse_s)] : [];
  run.slew_ppm = Number(clockSlewPpm);
  run.versions = computation?.estimators ?? {};
  run.findings = unknown.length ? [] : screenReadings(inside, run.card, first_ns, last_ns, stabilityPct);
  const results = {};
  for (const [position, train] of Object.entries(edges)) {
    const result = unknown.length
      ? refused(loadPoint, null, [{ reason: "unknown_version", values: { versions: unknown.join(", ") } }])
      : resultOf(run, trainBetween(train, first_ns, last_ns), meters[position]);
    const ofLine = lineFindings?.[position] ?? [];
    const failed = { ...refused(loadPoint, result.window, [...ofLine, ...result.findings]), estimates: result.estimates };
    results[position] = figuresOf(ofLine.length ? failed : result);
  }
  return results;
}

/** What of a record's versions of the arithmetic this page cannot compute, as texts ("fused 7"). */
export function unknownVersions(computation) {
  const recorded = computation?.estimators ?? {};
  const known = ESTIMATORS.map(({ name, versions }) => [name, recorded[name], Object.keys(versions)]);
  const others = Object.keys(recorded).filter((name) => ESTIMATORS.every((estimator) => estimator.name !== name));
  return [["evaluation", computation?.evaluation, EVALUATIONS.map(String)], ...known, ...others.map((name) => [name, recorded[name], []])]
    .filter(([, version, versions]) => !versions.includes(String(version)))
    .map(([name, version]) => `${name} ${version ?? "?"}`);
}

function trainBetween({ timestamp_ns, kind, line_seqno }, first_ns, last_ns) {
  const inside = placesWhere(timestamp_ns.length, (k) => timestamp_ns[k] >= first_ns && timestamp_ns[k] <= last_ns);
  return { timestamp_ns: valuesAt(timestamp_ns, inside), kind: valuesAt(kind, inside), line_seqno: valuesAt(line_seqno, inside) };
}

function stampsOf({ timestamp_ns, kind }, wanted) {
  return valuesAt(timestamp_ns, placesWhere(kind.length, (k) => kind[k] === wanted));
}

/** W, or var: what the reference must read at a load point. */
function nominalPower(load) {
  return (load.loaded_phase ? 1 : ELEMENTS[load.wiring]) * Number(load.voltage_V) * Number(load.current_A) * Number(load.power_factor);
}

function resultOf(run, train, meter) {
  const { grid, load } = run;
  const pulse_ns = stampsOf(train, Number(meter.test_output_edge));
  const covered = coveredBy(run);
  const pulses = covered === null ? null : pulsesBetween(pulse_ns, run.origin_ns, ...covered, load);
  const perKWh = pulsesPerKWh(meter);
  const findings = [
    ...screenEdges(train, meter),
    ...run.findings,
    ...screenLineSilence(pulse_ns.length ? pulse_ns[pulse_ns.length - 1] : run.origin_ns, run.last_ns, grid ? grid.mean_W : nominalPower(load), perKWh),
    ...(Math.abs(run.slew_ppm) > MOST_SLEWING_PPM ? [{ reason: "clock_slewing", values: { ppm: fixedText(run.slew_ppm, 0) } }] : []),
    ...(pulses === null || grid === null ? [] : screenPulses(pulses, grid.curve, perKWh)),
  ];
  const window = pulses === null ? null : pulses.window;
  if (findings.length) return refused(load, window, findings);
  if (pulses === null) return refused(load, null, [run.finding]);
  if (pulses.intervals < FEWEST_INTERVALS) {
    return refused(load, null, [{ reason: "too_few_pulses", values: { pulses: String(pulse_ns.length), needed: String(FEWEST_INTERVALS + 1) } }]);
  }
  const made = ESTIMATORS.map(({ name, versions }) => estimateOf(name, run.versions[name], versions, run, pulses));
  const valid = made.filter(({ findings: why }) => !why.length).sort((a, b) => a.u - b.u);
  const why = valid.length ? contradiction(valid) : noneValid(made);
  if (why.length) return { ...refused(load, window, why), estimates: made };
  return withNumber(run, valid[0], made, pulses.intervals, perKWh);
}

function estimateOf(name, version, versions, run, pulses) {
  const found = versions[version](run, pulses);
  const common = { name, version: Number(version), window: pulses.window };
  if (found.reason) return { ...common, energy_Wh: null, rows: [], u: 0, findings: [found] };
  return { ...common, energy_Wh: found.energy_Wh, rows: found.rows, u: uncertaintyOfRows(found.rows), findings: [] };
}

function noneValid(made) {
  return [{ reason: "no_valid_estimator", values: {} }, ...made.flatMap(({ findings }) => findings).filter(({ reason }) => reason !== "no_reference_pulses")];
}

/** The first two estimates that differ by more than three standard uncertainties of their difference; rows common to both left out. */
function contradiction(valid) {
  for (const [k, one] of valid.entries()) {
    for (const other of valid.slice(k + 1)) {
      const difference_pct = 100 * (one.energy_Wh / other.energy_Wh - 1);
      const own = [...one.rows, ...other.rows].filter((row) => !row.shared);
      if (Math.abs(difference_pct) <= DISAGREE_BEYOND * uncertaintyOfRows(own)) continue;
      return [{ reason: "estimators_disagree", values: { first: one.name, second: other.name, difference: signedFixedText(difference_pct, 3) } }];
    }
  }
  return [];
}

function withNumber({ card, load, slew_ppm }, chosen, made, intervals, perKWh) {
  const meter_energy_Wh = (intervals * 1000) / perKWh;
  const reference_energy_Wh = chosen.energy_Wh / (1 + card.indication_error_pct / 100);
  const ofClock = slew_ppm ? [clockRateRow("clock_slewing", Math.abs(slew_ppm))] : [];
  // The error is 100 (E_meter/E_ref - 1), so a relative uncertainty of E_ref counts E_meter/E_ref times in it.
  const counted = (row) => ({ ...row, sensitivity: (row.sensitivity * meter_energy_Wh) / reference_energy_Wh });
  const rows = [...chosen.rows, ...rowsOfReferenceCard(card), ...ofClock].map(counted);
  const { u, dof, k, U } = combineRows(rows);
  return {
    ...refused(load, chosen.window, []),
    estimator: chosen.name,
    estimator_version: chosen.version,
    meter_energy_Wh,
    reference_energy_read_Wh: chosen.energy_Wh,
    reference_energy_Wh,
    percentage_error_pct: ((meter_energy_Wh - reference_energy_Wh) / reference_energy_Wh) * 100,
    standard_uncertainty_pct: u,
    degrees_of_freedom: dof,
    coverage_factor: k,
    expanded_uncertainty_pct: U,
    rows,
    estimates: made,
  };
}

/** A result without a number, and why there is none. */
function refused(load, window, findings) {
  return {
    load_point: load.name,
    window,
    estimator: "",
    estimator_version: 0,
    meter_energy_Wh: null,
    reference_energy_read_Wh: null,
    reference_energy_Wh: null,
    percentage_error_pct: null,
    standard_uncertainty_pct: null,
    degrees_of_freedom: null,
    coverage_factor: null,
    expanded_uncertainty_pct: null,
    rows: [],
    estimates: [],
    findings,
  };
}

const SIX_DECIMALS = [
  "meter_energy_Wh",
  "reference_energy_read_Wh",
  "reference_energy_Wh",
  "percentage_error_pct",
  "standard_uncertainty_pct",
  "coverage_factor",
  "expanded_uncertainty_pct",
];

/** A result as the texts of a record, and `exact`, the result itself with its Numbers. */
function figuresOf(result) {
  const figures = { ...result, rows: result.rows.map(rowFigures), estimates: result.estimates.map(estimateFigures), exact: result };
  for (const name of SIX_DECIMALS) figures[name] = recordedText(result[name]);
  figures.degrees_of_freedom = result.degrees_of_freedom === null ? null : generalText(result.degrees_of_freedom, 4);
  return figures;
}

/** A row as the texts of a record. */
export function rowFigures(row) {
  return {
    source: row.source,
    half_width_pct: recordedText(row.half_width_pct),
    distribution: row.distribution,
    divisor: recordedText(row.divisor),
    sensitivity: recordedText(row.sensitivity),
    standard_uncertainty_pct: recordedText(uncertaintyOfRow(row)),
    degrees_of_freedom: generalText(row.degrees_of_freedom, 4),
    shared: row.shared,
  };
}

function estimateFigures({ name, version, window, energy_Wh, u, findings }) {
  return { estimator: name, version, window, reference_energy_Wh: recordedText(energy_Wh), standard_uncertainty_pct: recordedText(u), findings };
}
