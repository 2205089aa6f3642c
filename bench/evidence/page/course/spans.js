// What a step gave that looks at lines and registers for a span of time, from the raw files: pulses of a watch, whether a load was
// held, seconds of a clock output, pulses and the reference's register between two readings (docs/metrology.md, "No load and
// starting", "Registers", "Clock"). What a line or a port failed with, and what a port or a person said, comes with the record.
import { screenEdges } from "../numbers/edge_screening.js";
import { faultsBetween, lastEnergyBefore, powerBetween, screenAnswers, screenReadings, voltageBetween } from "../numbers/readings.js";
import { average, indexOfLargest } from "../numbers/series.js";
import { benchClockRate, periodsOfOutput } from "./clock_rate.js";
import { fixedText, generalText } from "./fractions.js";
import { comparedPower } from "./rules.js";

const NS = 1e9;
const NO_LOAD_W = 1;
const VOLTAGE_WITHIN = 0.05;
const BLOCK_S = 10;
const STEPS = 2;

function edgesBetween(train, first, last) {
  const inside = { timestamp_ns: [], kind: [], line_seqno: [] };
  for (let k = 0; k < train.timestamp_ns.length; k++) {
    if (train.timestamp_ns[k] < first || train.timestamp_ns[k] > last) continue;
    for (const column of Object.keys(inside)) inside[column].push(train[column][k]);
  }
  return inside;
}

function stampsOfKind(train, kind) {
  return Array.from(train.timestamp_ns).filter((_, k) => train.kind[k] === kind);
}

/** Position -> {watched_s, pulses_s, findings} of a watch. material: edges and samples of the run. */
export function watchedPulses(step, fields, material) {
  const seen = {};
  const ofLoad = new Map();
  for (const [position, longest_s] of Object.entries(step.longest_s)) {
    const watch = watchOf(position, Number(longest_s), fields, material);
    // A proof that has its pulses has them whatever the load did; the test speaks of its load alone.
    if (step.stage === "test" || watch.pulses_s.length < step.enough) {
      if (!ofLoad.has(watch.watched_s)) {
        const last = fields.first_ns + Math.round(watch.watched_s * NS);
        ofLoad.set(watch.watched_s, heldLoad(step.load_point, fields.first_ns, last, material.stability_pct, material));
      }
      watch.findings = [...watch.findings, ...ofLoad.get(watch.watched_s)];
    }
    seen[position] = watch;
  }
  return seen;
}

function watchOf(position, longest_s, { first_ns, last_ns, line_findings }, material) {
  const meter = material.meters.get(position);
  const last = Math.min(last_ns, first_ns + Math.round(longest_s * NS));
  const inside = edgesBetween(material.edges(position), first_ns, last);
  const pulses_s = stampsOfKind(inside, meter.test_output_edge).map((at) => (at - first_ns) / NS);
  const findings = [...line_findings[position], ...screenEdges(inside, meter)];
  return { watched_s: (last - first_ns) / NS, pulses_s, findings };
}

/** Why a load cannot be called steady over a span; empty where it was. */
export function heldLoad(load, first, last, stability_pct, material) {
  const power_W = Math.abs(comparedPower(load));
  const { samples, card } = material;
  if (power_W === 0) return voltageHeld(load, first, last, material);
  const register_pct = (100 * STEPS * card.power_step_W) / power_W;
  return screenReadings(samples, card, first, last, Math.max(stability_pct, register_pct));
}

/** The reference must read the voltage each time, and next to no power. */
function voltageHeld(load, first, last, { samples, card }) {
  const answers = screenAnswers(samples, first, last);
  if (answers.length) return answers;
  const voltages = Array.from(voltageBetween(samples, first, last).value);
  const off = voltages.map((read_V) => Math.abs(read_V - load.voltage_V));
  const worst_V = voltages.length ? voltages[indexOfLargest(off)] : null;
  if (worst_V === null || Math.abs(worst_V - load.voltage_V) > VOLTAGE_WITHIN * load.voltage_V) {
    const read = worst_V === null ? "—" : fixedText(worst_V, 1);
    return [{ reason: "voltage_not_held", values: { wanted: generalText(load.voltage_V, 6), read } }];
  }
  const means = blockMeans(Array.from(powerBetween(samples, first, last).value), (last - first) / NS);
  const worst = means.reduce((w, mean) => (Math.abs(mean) > Math.abs(w) ? mean : w));
  if (Math.abs(worst) <= Math.max(NO_LOAD_W, card.power_step_W)) return [];
  return [{ reason: "load_not_reached", values: { wanted: "0.0", read: fixedText(worst, 1) } }];
}

/** Means over blocks of about ten seconds, the longer blocks first. */
function blockMeans(values, duration_s) {
  const blocks = Math.min(Math.max(Math.floor(duration_s / BLOCK_S), 1), values.length);
  const means = [];
  let start = 0;
  for (let k = 0; k < blocks; k++) {
    const length = Math.floor(values.length / blocks) + (k < values.length % blocks ? 1 : 0);
    means.push(average(values.slice(start, (start += length))));
  }
  return means;
}

/** Position -> {periods_s, findings, rate, why_no_rate} of its clock output. */
export function watchedClocks(step, { first_ns, last_ns, line_findings }, material) {
  const hasPps = material.hasLine("pps");
  const ofBench = hasPps ? rateMeanwhile(first_ns, last_ns, line_findings, material) : { rate: null, why: [] };
  const seen = {};
  for (const position of step.positions) {
    const line = `${position}.clock`;
    let found = { periods: [], why: [{ reason: "clock_not_wired", values: {} }] };
    if (material.hasLine(line)) {
      const failed = line_findings[line];
      const rising = stampsOfKind(material.edges(line), 1);
      found = failed.length ? { periods: [], why: failed } : periodsOfOutput(rising, first_ns, step.windows, Number(step.window_s));
    }
    seen[position] = { periods_s: found.periods, findings: found.why, rate: ofBench.rate, why_no_rate: ofBench.why };
  }
  return seen;
}

function rateMeanwhile(first, last, line_findings, material) {
  const failed = line_findings.pps;
  if (failed.length) return { rate: null, why: failed };
  const inside = edgesBetween(material.edges("pps"), first, last);
  return benchClockRate(stampsOfKind(inside, material.ppsEdge), [first, last]);
}

/** What was read of meters and reference: {reference_energy_Wh, pulses, findings, registers}; registers as they were told. */
export function readRegisters(step, fields, material) {
  const { first_ns, last_ns, line_findings, port_findings } = fields;
  const ofReference = faultsBetween(material.samples, first_ns, last_ns);
  const pulses = {};
  const findings = {};
  for (const position of step.positions) {
    const meter = material.meters.get(position);
    const inside = edgesBetween(material.edges(position), first_ns, last_ns);
    pulses[position] = stampsOfKind(inside, meter.test_output_edge).length;
    findings[position] = [...port_findings[position], ...ofReference, ...line_findings[position], ...screenEdges(inside, meter)];
  }
  return { reference_energy_Wh: lastEnergyBefore(material.samples, last_ns), pulses, findings, registers: fields.read.registers };
}

export function faultsOfSpan({ first_ns, last_ns }, material) {
  return faultsBetween(material.samples, first_ns, last_ns);
}
