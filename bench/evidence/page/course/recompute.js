// From the records of a run to its verdicts once more: the plan, the rule set and the limits from their own texts, every result from
// the raw files, every verdict from the results, and the verdict of the run from those. What is found is held against what was
// recorded. Whatever cannot be recomputed by its nature is taken from the records, and said to be (`taken`).
//
// A test point is tried once, and again as often as the plan allows where an instrument failed: each try is an attempt, whose records
// end with one verdict for each position. Attempts are found by their verdicts; what stands before them belongs to them.
import { Comparison } from "./comparing.js";
import { AmbientReadings } from "./environment.js";
import { Evidence, EvidenceMissing } from "./evidence.js";
import { declaredLooks, invalidVerdict, unjudged } from "./decisions.js";
import { fixedText, numberOf } from "./fractions.js";
import { whyAnotherMeter } from "./identity.js";
import { concludeItem, registersRead } from "./items.js";
import { meanPower, readMaterial, recomputedWindow } from "./material.js";
import { JUDGED_BY_PULSES, readLoad, readMeter, readPlan, testPoints } from "./plan.js";
import { CourseError, comparedPower, judgesMeter, readRuleSet } from "./rules.js";
import { compareStation } from "./station.js";
import { differsFromEarlier } from "./taken_over.js";
import { TomlError } from "./toml.js";
import { UnbalanceErrors } from "./unbalance.js";
import { hexOf, utf8Bytes } from "../archive/bytes.js";
import { unknownVersions } from "../numbers/evaluate.js";
import { sha256 } from "../archive/sha256.js";

const FORMAT = 2;
const REACHED_WITHIN_PCT = 5;

/** Reasons that a repetition of the same length cannot cure. */
const STAYS = [
  "uncertainty_too_large",
  "time_too_short",
  "too_few_pulses",
  "meter_constant_suspect",
  "constant_differs",
  "clock_not_traceable",
  "register_too_coarse",
  "meter_not_read",
  "not_answered",
  "rules_ask_nothing",
  "guard_band_too_wide",
];
/** An INVALID meter constant test with one of these says that pulses and constant do not fit: no FAIL by pulses stands then. */
const DOUBTS_PULSES = ["constant_differs", "register_disagrees"];

/** All runs of a bundle: {results, ties, differences, taken, findings, runs}; findings: what could not be
 * recomputed. bundle: {manifest, records: [{number, run, kind, text, fields}],
 * files: Map(name -> Uint8Array)}. breathe: awaited now and then with how much is done, so that a page stays alive. */
export async function recomputeRuns(bundle, breathe = async () => {}) {
  const comparison = new Comparison();
  const done = new Map();
  for (const id of bundle.manifest.runs) {
    const records = bundle.records.filter((record) => record.run === id);
    const run = new RecordedRun(id, records, bundle.files, comparison);
    comparison.run = id;
    const before = done.size;
    run.breathe = (share) => breathe("figures", (before + share) / bundle.manifest.runs.length);
    await run.recompute(done);
    done.set(id, run);
  }
  const runs = [...done.values()];
  return {
    results: runs.reduce((sum, run) => sum + run.results, 0),
    ties: comparison.ties,
    differences: comparison.differences,
    taken: takenTogether(runs),
    findings: runs.flatMap((run) => run.findings),
    runs: runs.map((run) => run.shown()),
  };
}

/** What was taken from records, by what it is: {key, values: {records}}. */
function takenTogether(runs) {
  const byKey = new Map();
  for (const run of runs) {
    for (const [key, numbers] of run.taken) {
      if (!byKey.has(key)) byKey.set(key, new Set());
      for (const number of numbers) byKey.get(key).add(number);
    }
  }
  return [...byKey].map(([key, numbers]) => ({ key: `taken_${key}`, values: { records: shortList([...numbers].sort((a, b) => a - b)) } }));
}

function shortList(numbers) {
  return numbers.length <= 12 ? numbers.join(", ") : `${numbers.slice(0, 10).join(", ")} … ${numbers[numbers.length - 1]}`;
}

class RecordedRun {
  constructor(id, records, files, comparison) {
    this.id = id;
    this.records = records;
    this.files = files;
    this.comparison = comparison;
    this.results = 0;
    this.taken = new Map();
    this.conclusions = [];
    this.windows = [];
    this.points = [];
    this.final = new Map();
    this.doubted = new Set();
    this.findings = [];
  }

  get started() {
    return this.records[0];
  }

  take(what, record) {
    if (!this.taken.has(what)) this.taken.set(what, new Set());
    this.taken.get(what).add(record.number);
  }

  tell(where, recorded, key, values = {}) {
    this.comparison.differs(where, recorded, { key, values });
  }

  /** Whether the operator had taken a position out before a record was written. */
  isSkipped(position, before) {
    return this.whySkipped(position, before) !== undefined;
  }

  whySkipped(position, before) {
    const told = this.records.filter((record) => record.kind === "positions_skipped" && record.number < before).pop();
    return told === undefined ? undefined : told.fields.why[position];
  }

  /** earlier: the runs of the bundle before it, by their names. */
  async recompute(earlier) {
    const { format, computation } = this.started === undefined ? { format: FORMAT } : this.started.fields;
    const versions = this.started === undefined ? [] : unknownVersions(computation);
    if (versions.length) {
      this.findings.push({ key: "arithmetic_unknown", values: { run: this.id, versions: versions.join(", ") } });
      return;
    }
    if (format !== FORMAT) {
      await this.recomputeOfAnotherFormat(format);
      return;
    }
    try {
      this.readInputs();
      this.readTakenOver(earlier);
      await this.follow();
      this.end();
    } catch (error) {
      this.tell("run_started", "—", ...unreadable(error));
    }
  }

  /** The first format, which had no number, kept no rule set: only its windows can be computed again. */
  async recomputeOfAnotherFormat(format = 1) {
    const values = { run: this.id, format: String(format) };
    this.findings.push({ key: format === 1 ? "format_without_rules" : "format_unknown", values });
    if (format !== 1) return;
    try {
      const { fields } = this.started;
      this.meters = new Map(Object.entries(fields.meters).map(([position, meter]) => [position, readMeter(meter)]));
      this.ambient = new AmbientReadings(null, null);
      this.material = readMaterial(this, fields, this.files);
      for (const record of this.records) if (record.kind === "window") await this.window(record, readLoad(record.fields.load_point));
    } catch (error) {
      const [key, values] = unreadable(error);
      this.findings.push({ key, values });
    }
  }

  readInputs() {
    const starts = this.records.filter((record) => record.kind === "run_started");
    if (starts.length !== 1 || starts[0] !== this.started) throw new CourseError("no_start", { run: this.id });
    const { fields } = this.started;
    const { plan, meters, plates } = readPlan(fields.plan);
    const ambient = new AmbientReadings(plan.ambient_temperature_C, fields.environment);
    Object.assign(this, { plan, meters, plates, ambient, ambient_C: ambient.before_C });
    if (ambient.isMeasured) this.take("environment", this.started);
    this.rules = readRuleSet(fields.rule_set.text);
    this.points = testPoints(plan, meters, this.rules);
    this.planned = fields.planned || {};
    this.identities = fields.meter_identities || {};
    const pooled = fields.pooled_repeatability;
    this.pooled = pooled && { sd_pct: Number(pooled.sd_pct), degrees_of_freedom: Number(pooled.degrees_of_freedom) };
    this.clock_U_ppm = figureOrNull(fields.clock_frequency_U_ppm);
    this.pps_U_ppm = figureOrNull(fields.pps_U_ppm);
    this.material = readMaterial(this, fields, this.files);
    this.card = this.material.card;
    this.compareInputs(fields);
  }

  /** The frozen inputs against the texts that they follow from. */
  compareInputs(fields) {
    const where = `record ${this.started.number}`;
    const { rule_set } = fields;
    this.comparison.compare(`${where}: decision_rule`, fields.decision_rule, this.plan.decision_rule);
    this.comparison.compare(`${where}: rule_set: name`, rule_set.name, this.plan.rule_set);
    this.comparison.compare(`${where}: rule_set: edition`, rule_set.edition, this.rules.edition);
    this.comparison.compare(`${where}: rule_set: sha256`, rule_set.sha256, hexOf(sha256(utf8Bytes(rule_set.text))));
    this.comparison.compare(`${where}: meters`, Object.keys(fields.meters).sort().join(", "), [...this.meters.keys()].sort().join(", "));
    for (const [position, meter] of this.meters) {
      for (const [key, recorded] of Object.entries(fields.meters[position] || {})) {
        this.comparison.compare(`${where}: meters: ${position}: ${key}`, recorded, meter[key], true);
      }
    }
    this.comparePoints(where, fields.test_points);
    compareStation(where, fields, this.comparison);
  }

  comparePoints(where, recorded) {
    this.comparison.compare(`${where}: test_points`, String(recorded.length), String(this.points.length));
    this.points.forEach((point, index) => {
      const kept = recorded[index];
      if (kept === undefined) return;
      const at = `${where}: test_points[${index}]`;
      this.comparison.compare(`${at}: item`, kept.item, point.item);
      this.comparison.compare(`${at}: positions`, kept.positions.join(", "), point.positions.join(", "));
      const load = kept.load_point === null ? null : readLoad(kept.load_point);
      this.comparison.compare(`${at}: load_point`, load, point.load_point, true);
      const limits = Object.fromEntries([...point.mpe].map(([position, limit]) => [position, numberOf(limit)]));
      this.comparison.compare(`${at}: mpe_pct`, kept.mpe_pct, limits, true);
    });
  }

  readTakenOver(earlier) {
    const { taken_over = [], resumes = null } = this.started.fields;
    this.takenOver = taken_over;
    this.unbalance = new UnbalanceErrors(this, taken_over);
    for (const { point, position, outcome } of taken_over) this.final.set(keyOf(point, position), outcome);
    const where = `record ${this.started.number}: taken_over`;
    if (resumes === null) {
      if (taken_over.length) this.tell(where, String(taken_over.length), "no_earlier_run");
      return;
    }
    const before = earlier.get(resumes);
    if (before === undefined) {
      this.tell(where, resumes, "earlier_run_missing", { run: resumes });
      return;
    }
    differsFromEarlier(before, this);
    this.comparison.compare(where, givenTexts(taken_over), givenTexts(before.given()), true);
  }

  /** The verdicts that a later run takes over: final and valid, with those that this one took over itself. */
  given() {
    const own = this.conclusions
      .filter(({ conclusion, isRepeated }) => !isRepeated && conclusion.verdict !== "INVALID")
      .map(({ point, position, conclusion, record }) => {
        const mean = conclusion.mean ? (record.fields.mean || conclusion.mean).mean_pct : null;
        return { point, position, outcome: conclusion.verdict, mean_pct: mean };
      });
    const overridden = new Set(own.map(({ point, position }) => keyOf(point, position)));
    return [...this.takenOver.filter(({ point, position }) => !overridden.has(keyOf(point, position))), ...own];
  }

  // --- the attempts

  async follow() {
    for (const record of this.records) {
      if (record.kind === "environment_read") {
        this.ambient.add(record.fields);
        this.take("environment", record);
      } else if (record.kind === "machine_read") this.take("machine", record);
      else if (record.kind === "positions_skipped") this.take("skipped", record);
    }
    this.remaining = new Map(
      this.points.map((point) => [point.index, point.positions.filter((position) => !this.final.has(keyOf(point.index, position)))])
    );
    this.attempts = new Map(this.points.map((point) => [point.index, 0]));
    this.refused = null;
    const groups = attemptsOf(this.records.slice(1));
    for (const [done, group] of groups.entries()) {
      await this.followAttempt(group);
      await this.breathe((done + 1) / groups.length);
    }
    this.openEvents = groups.open;
  }

  async followAttempt({ point: index, attempt, events, verdicts }) {
    const point = this.points[index];
    if (point === undefined || attempt !== this.attempts.get(index) || !this.remaining.get(index).length) {
      for (const record of verdicts) this.tell(`record ${record.number}`, record.fields.verdict, "nobody_asked");
      return;
    }
    this.attempts.set(index, attempt + 1);
    const remaining = this.remaining.get(index);
    const evidence = new Evidence(this, point, attempt, events, verdicts[verdicts.length - 1].number);
    const concluded = await this.concluded(point, remaining, evidence, events, verdicts);
    const again = [];
    for (const record of verdicts) {
      const { position } = record.fields;
      if (!remaining.includes(position) || verdicts.find((each) => each.fields.position === position) !== record) {
        this.tell(`record ${record.number}, position ${position}`, record.fields.verdict, "nobody_asked");
      } else if (this.compareVerdict(point, attempt, record, concluded)) again.push(position);
    }
    const without = remaining.filter((position) => !verdicts.some((record) => record.fields.position === position));
    this.remaining.set(index, [...without, ...again]);
    if (without.length && again.length) this.tell(this.whereOf(point, without), "—", "verdict_missing");
  }

  whereOf(point, positions) {
    const load = point.load_point ? ` ${point.load_point.name}` : "";
    return `test point ${point.index} (${point.item}${load}), position ${positions.join(", ")}`;
  }

  /** What the method makes of the positions that it was carried out for; or why there is nothing to make it of. */
  async concluded(point, remaining, evidence, events, verdicts) {
    try {
      this.identify(point, evidence, verdicts);
      const first = evidence.events[0];
      const began = first === undefined ? verdicts[0].number : first.number;
      const positions = remaining.filter((position) => !this.isSkipped(position, began) && !this.isRefused(position));
      const concluded = positions.length ? await concludeItem(this, point, positions, evidence) : new Map();
      evidence.end();
      return concluded;
    } catch (error) {
      const [key, values] = unreadable(error);
      return { key, values };
    }
  }

  isRefused(position) {
    return this.refused !== null && (this.refused.get(position) || []).length > 0;
  }

  /** Before the first load each meter with a port is asked who it is. */
  identify(point, evidence, verdicts) {
    const isDue = this.points.some((each) => each.index <= point.index && each.load_point !== null);
    if (this.refused !== null || !isDue || !Object.keys(this.identities).length) return;
    this.refused = new Map();
    const began = evidence.events.length ? evidence.events[0].number : verdicts[0].number;
    const asked = [...this.meters.keys()].filter((position) => position in this.identities && !this.isSkipped(position, began));
    if (!asked.length) return;
    const first = this.points.find((each) => each.load_point !== null);
    const given = registersRead(this, "identity", asked, evidence.of(first));
    if (given.findings) return;
    for (const [position, reading] of Object.entries(given.read.registers)) {
      const found = whyAnotherMeter(reading, this.plates.get(position), this.meters.get(position), this.identities[position]);
      if (found.length) this.refused.set(position, found);
    }
  }

  /** Holds a verdict against its record; whether it is tried again. */
  compareVerdict(point, attempt, record, concluded) {
    const { position } = record.fields;
    const where = `record ${record.number}, position ${position}`;
    const why = this.whySkipped(position, record.number);
    let conclusion;
    let isRepeated = false;
    if (why !== undefined) conclusion = invalidVerdict([{ reason: "skipped_by_operator", values: { why } }]);
    else if (this.isRefused(position)) conclusion = invalidVerdict(this.refused.get(position));
    else {
      const found = concluded instanceof Map ? concluded.get(position) : undefined;
      if (found === undefined) {
        const { key, values } = concluded instanceof Map ? { key: "no_evidence", values: {} } : concluded;
        this.tell(where, record.fields.verdict, key, values);
        return record.fields.is_repeated === true;
      }
      isRepeated = found.verdict === "INVALID" && attempt < this.plan.repeats_of_invalid && !found.findings.some(({ reason }) => STAYS.includes(reason));
      conclusion = this.asJudged(position, this.unbalance.judge(point, position, found));
    }
    this.compareConclusion(where, record, { point: point.index, attempt, ...conclusion, is_repeated: isRepeated });
    this.conclusions.push({ point: point.index, attempt, position, conclusion, isRepeated, record });
    if (!isRepeated) this.conclude(point, position, conclusion);
    return isRepeated;
  }

  /** A meter whose energy the rule set is not about is measured and not judged. */
  asJudged(position, conclusion) {
    if (conclusion.verdict === "INVALID" || judgesMeter(this.rules, this.meters.get(position))) return conclusion;
    const beside = conclusion.findings.filter(({ reason }) => reason !== "not_judged");
    return { ...conclusion, ...unjudged("reactive_unsure", beside) };
  }

  compareConclusion(where, record, { meanNumber, ...conclusion }) {
    const anew = { mean: null, figures: {}, ...conclusion };
    for (const [key, recomputed] of Object.entries(anew)) this.comparison.compare(`${where}: ${key}`, record.fields[key], recomputed);
  }

  conclude(point, position, conclusion) {
    this.final.set(keyOf(point.index, position), conclusion.verdict);
    const isInDoubt = conclusion.verdict === "INVALID" && conclusion.findings.some(({ reason }) => DOUBTS_PULSES.includes(reason));
    if (point.item === "meter_constant" && isInDoubt) this.doubted.add(position);
  }

  /** A window once more: position -> {exact, decided_at_ns, first_ns}. */
  async window(record, load) {
    const found = await recomputedWindow(this, record, load, this.plan ? declaredLooks(this.plan) : []);
    for (const [position, { figures }] of Object.entries(found)) {
      this.results += 1;
      this.comparison.compare(`record ${record.number}, position ${position}`, record.fields.results[position], figures);
      this.windows.push({ run: this.id, record: record.number, position, loadPoint: load.name, series: found[position].series });
    }
    if (Object.values(found).some(({ exact }) => exact.percentage_error_pct !== null)) this.requirePower(record, load);
    return found;
  }

  /** What was measured at a load was measured at that load: the reference has read its power. */
  requirePower({ number, fields }, load) {
    const read_W = meanPower(this.material.samples, fields.run_first_ns, fields.run_last_ns);
    const wanted_W = comparedPower(load);
    const { load_source = {} } = this.started.fields.station.configuration || {};
    const within_pct = Number(load_source.reached_within_pct || REACHED_WITHIN_PCT) + Number(fields.stability_pct);
    const off_W = Math.abs(Math.abs(read_W) - wanted_W);
    if (off_W <= (within_pct / 100) * wanted_W + 2 * this.material.card.power_step_W) return;
    this.tell(`record ${number}: load_point`, load.name, "power_of_another_load", { read: fixedText(read_W, 1), wanted: fixedText(wanted_W, 1) });
  }

  // --- the end

  end() {
    const last = this.records[this.records.length - 1];
    const end = this.records.find((record) => record.kind === "run_ended");
    const isCut = this.records.some((record) => record.kind === "interrupted");
    if (end === undefined && !isCut) this.tell(`record ${last.number}`, last.kind, "no_end");
    if (end !== undefined && end !== last) this.tell(`record ${last.number}`, last.kind, "nobody_asked");
    if (end === undefined) return;
    const wasStopped = end.fields.findings.length > 0;
    if (wasStopped) this.take("stopped", end);
    const outcomes = Object.fromEntries([...this.meters.keys()].map((position) => [position, this.outcomeOf(position)]));
    const where = `record ${end.number}`;
    this.comparison.compare(`${where}: positions`, end.fields.positions, outcomes);
    this.comparison.compare(`${where}: verdict`, end.fields.verdict, overallOf(Object.values(outcomes)));
    this.compareEnvironment(where, end.fields);
    if (wasStopped) return;
    for (const record of this.openEvents) this.tell(`record ${record.number}`, record.kind, "nobody_asked");
    for (const point of this.points) {
      const missing = point.positions.filter((position) => !this.final.has(keyOf(point.index, position)));
      if (missing.length) this.tell(this.whereOf(point, missing), "—", "verdict_missing");
    }
  }

  /** Whatever the plan wanted of a position and did not get is INVALID; a FAIL by pulses is, where the constant is in doubt. */
  outcomeOf(position) {
    const outcomes = this.points
      .filter((point) => point.positions.includes(position))
      .map((point) => {
        const outcome = this.final.get(keyOf(point.index, position)) || "INVALID";
        const isDoubtful = outcome === "FAIL" && JUDGED_BY_PULSES.includes(point.item) && this.doubted.has(position);
        return isDoubtful ? "INVALID" : outcome;
      });
    return overallOf(outcomes);
  }

  compareEnvironment(where, fields) {
    if (!this.ambient.isMeasured) return;
    const against = this.ambient.against(this.rules.conditions);
    const { kind } = this.started.fields.station;
    this.comparison.compare(`${where}: environment`, fields.environment, this.ambient.summary());
    this.comparison.compare(`${where}: not_official_because`, fields.not_official_because, against);
    this.comparison.compare(`${where}: worth`, fields.worth, kind === "official" && against.length ? "informative" : kind);
  }

  /** For the page. */
  shown() {
    return {
      run: this.id,
      started: this.started && this.started.fields,
      points: this.points,
      conclusions: this.conclusions.map(({ record, ...rest }) => ({ ...rest, record: record.number })),
      windows: this.windows,
    };
  }
}

function keyOf(point, position) {
  return `${point} ${position}`;
}

function figureOrNull(text) {
  return text === null || text === undefined ? null : Number(text);
}

function givenTexts(given) {
  return Object.fromEntries(given.map(({ point, position, outcome, mean_pct }) => [`test point ${point}, position ${position}`, { outcome, mean_pct }]));
}

/** FAIL where anything failed, else INVALID, else PASS; what was only measured changes nothing, and alone it is UNJUDGED. */
function overallOf(outcomes) {
  if (outcomes.includes("FAIL")) return "FAIL";
  if (outcomes.includes("INVALID") || !outcomes.length) return "INVALID";
  return outcomes.includes("PASS") ? "PASS" : "UNJUDGED";
}

const ANSWERS_NO_STEP = new Set(["environment_read", "machine_read", "positions_skipped"]);

/** The records before verdicts of one test point and attempt, with those verdicts; and, as `open`, what no verdict follows. */
function attemptsOf(records) {
  const groups = [];
  let open = [];
  for (const record of records) {
    if (record.kind === "run_ended" || record.kind === "interrupted") break;
    if (record.kind !== "verdict") {
      if (!ANSWERS_NO_STEP.has(record.kind)) open.push(record);
      continue;
    }
    const { point, attempt } = record.fields;
    let group = groups[groups.length - 1];
    if (group === undefined || group.point !== point || group.attempt !== attempt) {
      group = { point, attempt, events: [], verdicts: [] };
      groups.push(group);
    }
    group.events.push(...open);
    group.verdicts.push(record);
    open = [];
  }
  groups.open = open;
  return groups;
}

/** An error as a sentence of the words: its key and values. A defect of the records is one, too: the page must say so and go on. */
function unreadable(error) {
  if (error instanceof CourseError || error instanceof EvidenceMissing) return [error.key, error.values];
  if (error instanceof TomlError) return ["toml_unreadable", { line: String(error.line), what: error.what }];
  return ["unreadable", {}];
}
