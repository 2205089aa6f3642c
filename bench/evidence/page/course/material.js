// The raw files of a run as arrays, and a window of it computed from them by the arithmetic in `numbers/`.
import { evaluateWindow } from "../numbers/evaluate.js";
import { decodeEdges, decodeSamples } from "../numbers/raw.js";
import { readCard } from "../numbers/reference_standard.js";
import { powerBetween } from "../numbers/readings.js";
import { average, countBelow } from "../numbers/series.js";

/** Edges by line, polls of the reference, and what else every step of a run is computed with. fields: of the run's start. */
export function readMaterial(run, fields, files) {
  const { station, reference_card } = fields;
  const lines = new Map();
  const fileOf = (name) => files.get(`runs/${run.id}/${name}`);
  const polls = fileOf("reference.jsonl") || new Uint8Array();
  const pps = (station.configuration && station.configuration.clock && station.configuration.clock.pps) || null;
  return {
    meters: run.meters,
    stability_pct: run.plan ? run.plan.stability_pct : null,
    card: readCard(reference_card),
    samples: decodeSamples(polls, station.reference_profile),
    ppsEdge: pps === null || pps.edge === "rising" ? 1 : 2,
    hasLine: (line) => fileOf(`edges-${line}.bin`) !== undefined,
    edges(line) {
      if (!lines.has(line)) lines.set(line, decodeEdges(fileOf(`edges-${line}.bin`) || new Uint8Array()));
      return lines.get(line);
    },
  };
}

/** A run is over some seconds after its last look at most: looks that are nearer to its end may not have been taken. */
const LOOKS_END_S = 5;

/** position -> {figures, exact, decided_at_ns, first_ns, before, series}: the texts as a record has them, the Numbers that they were
 * rounded from, and when a declared look stopped it. before: {at_s, exact} at each of the declared looks (s after the beginning) that
 * came before. series: what a picture of the window needs. */
export async function recomputedWindow(run, record, load, looks_s) {
  const { fields } = record;
  const decided = fields.decided_at_ns || {};
  const first_ns = fields.run_first_ns;
  const found = {};
  for (const last_ns of new Set([...Object.values(decided), fields.run_last_ns])) {
    const here = Object.keys(fields.results).filter((position) => (decided[position] || fields.run_last_ns) === last_ns);
    if (!here.length) continue;
    const results = evaluate(run, fields, load, here, last_ns);
    for (const position of here) {
      const { exact, ...figures } = results[position];
      found[position] = { figures, exact, first_ns, decided_at_ns: decided[position], before: [], series: seriesOf(run, position, [first_ns, last_ns]) };
    }
  }
  for (const at_s of looks_s) {
    const look_ns = first_ns + Math.round(at_s * 1e9);
    const open = Object.keys(found).filter((position) => look_ns < (decided[position] || fields.run_last_ns - LOOKS_END_S * 1e9));
    const results = open.length ? evaluate(run, fields, load, open, look_ns) : {};
    for (const position of open) found[position].before.push({ at_s, exact: results[position].exact });
  }
  if (Object.values(fields.line_faults).some((faults) => faults.length)) run.take("line_faults", record);
  if (Number(fields.clock_slew_ppm)) run.take("clock_slew", record);
  return found;
}

function evaluate(run, fields, load, positions, last_ns) {
  const { material } = run;
  const failed = (position) => fields.line_faults[position].filter((fault) => fault.at_ns <= last_ns).map((fault) => fault.finding);
  return evaluateWindow({
    edges: Object.fromEntries(positions.map((position) => [position, material.edges(position)])),
    referenceEdges: material.hasLine("reference") ? material.edges("reference") : null,
    samples: material.samples,
    meters: Object.fromEntries(positions.map((position) => [position, run.meters.get(position)])),
    card: material.card,
    loadPoint: load,
    ambient_C: run.ambient.at(fields.run_first_ns),
    stabilityPct: Number(fields.stability_pct),
    runNs: [fields.run_first_ns, last_ns],
    clockSlewPpm: Number(fields.clock_slew_ppm),
    lineFindings: Object.fromEntries(positions.map((position) => [position, failed(position)])),
    computation: run.started.fields.computation,
  });
}

/** The reference's power [s, W] and the meter's pulses (s) over a window, in seconds from its first instant. */
function seriesOf(run, position, [first_ns, last_ns]) {
  const { samples } = run.material;
  const train = run.material.edges(position);
  const kind = run.meters.get(position).test_output_edge;
  const since = (at_ns) => (at_ns - first_ns) / 1e9;
  const isInside = (at_ns) => at_ns >= first_ns && at_ns <= last_ns;
  const series = { power: [], pulses: [] };
  const { reply_ns, value } = samples.power;
  for (let k = countBelow(reply_ns, first_ns); k < reply_ns.length && reply_ns[k] <= last_ns; k++) series.power.push([since(reply_ns[k]), value[k]]);
  train.timestamp_ns.forEach((at_ns, k) => {
    if (train.kind[k] === kind && isInside(at_ns)) series.pulses.push(since(at_ns));
  });
  return series;
}

/** Mean of the reference's power (W, var) from one instant to another; null where it was not read. */
export function meanPower(samples, first_ns, last_ns) {
  const { value } = powerBetween(samples, first_ns, last_ns);
  return value.length ? average(value) : null;
}
