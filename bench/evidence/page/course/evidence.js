// The records of one attempt at a test point, handed to the item that concludes from them: its loads in their order, and under each
// what was counted, watched, held, passed or read. What a record says that it was asked for is held against what the plan asks for,
// and what it says that came of it is computed anew from the raw files.
import { readLoad, isNearly, isSameLoad } from "./plan.js";
import { faultsOfSpan, heldLoad, readRegisters, watchedClocks, watchedPulses } from "./spans.js";

/** What the records do not have although a verdict rests on it; key: of the words. */
export class EvidenceMissing extends Error {
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

const LOAD_KINDS = ["load_applied", "load_steady", "load_not_reached", "load_removed"];

/** run: with its inputs, its comparison and its material (recompute.js). events: records of the attempt in their order. until: number
 * of the last verdict of the attempt. */
export class Evidence {
  constructor(run, point, attempt, events, until) {
    this.run = run;
    this.point = point;
    this.attempt = attempt;
    this.events = events;
    this.until = until;
  }

  /** The same records, of which another test point and its first attempt take the next ones. */
  of(point) {
    return new Evidence(this.run, point, 0, this.events, this.until);
  }

  next(...kinds) {
    const record = this.events[0];
    if (record === undefined || !kinds.includes(record.kind)) throw new EvidenceMissing("record_missing", { kind: kinds[0] });
    return this.events.shift();
  }

  /** What a person answered. */
  answers() {
    const record = this.next("answered");
    this.run.take("answers", record);
    this.compare(record, "point", record.fields.point, this.point.index);
    this.compare(record, "attempt", record.fields.attempt, this.attempt);
    return record.fields.answers;
  }

  /** Why a window was refused before a load was applied; null where it was not. */
  refusal(position) {
    const planned = (this.run.planned[this.point.index] || {})[position];
    const refusal = (planned && planned.refusal) || null;
    if (refusal !== null) this.run.take("refusal", this.run.started);
    return refusal;
  }

  load(wanted) {
    const applied = this.next("load_applied");
    const settled = this.next("load_steady", "load_not_reached");
    if (!isSameLoad(wanted, readLoad(applied.fields.load_point))) {
      this.run.comparison.differs(`record ${applied.number}: load_point`, applied.fields.load_point.name, wanted.name);
    }
    this.run.take("load", settled);
    for (const record of [applied, settled]) this.compare(record, "point", record.fields.point, this.point.index);
    const work = [];
    while (this.events.length && !LOAD_KINDS.includes(this.events[0].kind)) work.push(this.events.shift());
    this.next("load_removed");
    return new LoadWork(this, wanted, settled, work);
  }

  /** Records that no part of the attempt asked for. */
  end() {
    for (const record of this.events) this.run.comparison.differs(`record ${record.number}`, record.kind, { key: "nobody_asked", values: {} });
  }

  compare(record, what, recorded, recomputed, isExact = true) {
    this.run.comparison.compare(`record ${record.number}: ${what}`, recorded, recomputed, isExact);
  }
}

/** What was done while one load stood. findings: why it was not reached. */
class LoadWork {
  constructor(evidence, wanted, settled, work) {
    this.evidence = evidence;
    this.run = evidence.run;
    this.wanted = wanted;
    this.work = work;
    this.isReached = settled.kind === "load_steady";
    this.findings = this.isReached ? [] : settled.fields.findings;
    this.record = settled;
  }

  next(kind) {
    const record = this.work.shift();
    if (record === undefined || record.kind !== kind) throw new EvidenceMissing("record_missing", { kind });
    this.record = record;
    return record;
  }

  tell(what, recorded, recomputed) {
    this.run.comparison.differs(`record ${this.record.number}, ${what}`, recorded, recomputed);
  }

  end() {
    for (const record of this.work) this.run.comparison.differs(`record ${record.number}`, record.kind, { key: "nobody_asked", values: {} });
  }

  /** One run: position -> {exact, decided_at_ns, first_ns}. */
  async window(number, wanted) {
    const record = this.work[0];
    if (record === undefined || record.kind !== "window") {
      throw new EvidenceMissing("run_missing", { number: String(number + 1), positions: Object.keys(wanted).join(", ") });
    }
    this.next("window");
    const { fields } = record;
    this.asked(record, fields, {
      point: this.evidence.point.index,
      attempt: this.evidence.attempt,
      run_number: number,
      stability_pct: this.run.plan.stability_pct,
      wanted_uncertainty_pct: wanted,
    });
    this.sameLoad(record, fields.load_point);
    const missing = Object.keys(wanted).filter((position) => fields.results[position] === undefined);
    if (missing.length) throw new EvidenceMissing("run_missing", { number: String(number + 1), positions: missing.join(", ") });
    return this.run.window(record, this.wanted);
  }

  watch(stage, enough, longest_s) {
    const record = this.next("pulses_watched");
    this.askedOfStep(record, { stage, enough, longest_s });
    const seen = watchedPulses({ stage, enough, longest_s, load_point: this.wanted }, record.fields, this.run.material);
    this.found(record, record.fields.results, seen);
    for (const [position, watch] of Object.entries(seen)) {
      const isWhole = watch.pulses_s.length >= enough || watch.watched_s >= longest_s[position] - 1e-6;
      if (!isWhole && !this.run.isSkipped(position, this.evidence.until)) {
        this.tell(`position ${position}: watched_s`, String(watch.watched_s), { key: "watch_too_short", values: { seconds: longest_s[position].toFixed(1) } });
      }
    }
    return seen;
  }

  /** What speaks against a load that was held; empty where nothing does. */
  hold(duration_s, stability_pct) {
    const record = this.next("load_held");
    const { first_ns, last_ns, findings } = record.fields;
    this.askedOfStep(record, { duration_s, stability_pct });
    if ((last_ns - first_ns) / 1e9 < duration_s - 1e-6) {
      this.tell("last_ns", String(last_ns), { key: "watch_too_short", values: { seconds: duration_s.toFixed(1) } });
    }
    const found = heldLoad(this.wanted, first_ns, last_ns, stability_pct, this.run.material);
    this.found(record, findings, found, "findings");
    return found;
  }

  pass(energy_Wh, longest_s) {
    const record = this.next("energy_passed");
    this.askedOfStep(record, { energy_Wh, longest_s });
    const found = faultsOfSpan(record.fields, this.run.material);
    this.found(record, record.fields.findings, found, "findings");
    return found;
  }

  clocks(positions, windows, window_s) {
    const record = this.next("clock_watched");
    this.askedOfStep(record, { positions, windows, window_s }, false);
    const { first_ns, last_ns } = record.fields;
    this.evidence.compare(record, "last_ns", last_ns, first_ns + Math.round(windows * window_s * 1e9));
    const seen = watchedClocks({ positions, windows, window_s }, record.fields, this.run.material);
    this.found(record, record.fields.results, seen);
    return seen;
  }

  /** {read, record}. since: the record of the reading from which on pulses are counted. */
  read(stage, positions, since) {
    const record = this.next("meters_read");
    const { fields } = record;
    this.askedOfStep(record, { stage, positions }, false);
    const first = since === null ? fields.last_ns : since.fields.last_ns;
    this.evidence.compare(record, "first_ns", fields.first_ns, first);
    const read = readRegisters({ positions }, fields, this.run.material);
    this.found(record, fields.read, read, "read");
    this.run.take("registers", record);
    return { read, record };
  }

  /** What came of a step; each record of a step is one result. */
  found(record, recorded, recomputed, name = "results") {
    this.run.results += 1;
    this.evidence.compare(record, name, recorded, recomputed);
    if (Object.values(record.fields.line_findings || {}).some((found) => found.length)) this.run.take("line_faults", record);
  }

  asked(record, recorded, wanted) {
    for (const [key, value] of Object.entries(wanted)) this.evidence.compare(record, key, recorded[key], value);
  }

  askedOfStep(record, wanted, hasLoad = true) {
    const { step } = record.fields;
    this.asked(record, step, { point: this.evidence.point.index, attempt: this.evidence.attempt, ...wanted });
    if (hasLoad) this.sameLoad(record, step.load_point);
  }

  sameLoad(record, recorded) {
    const load = readLoad(recorded);
    if (isSameLoad(this.wanted, load)) return;
    const name = Object.keys(this.wanted).find((key) => (typeof load[key] === "number" ? !isNearly(load[key], this.wanted[key]) : load[key] !== this.wanted[key]));
    this.tell(`load_point: ${name}`, String(load[name]), String(this.wanted[name]));
  }
}
