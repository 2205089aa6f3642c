// What the records of one attempt at a test point say of each of its positions, item by item (docs/metrology.md; what an item asks
// for is in docs/plans.md). An attempt is handed over as `Evidence`, which gives its loads one after another; what is missing, or was
// asked of the bench otherwise than the plan wants, is told there.
import { rowFigures } from "../numbers/evaluate.js";
import { cardAtLoad } from "../numbers/reference_standard.js";
import { dailyError, dailyErrorOfWindows, rateOfBench } from "./clock_rate.js";
import {
  beyondLimit, declaredLooks, earlyDecision, invalidVerdict, largestPassingNumber, plainVerdict, unjudged, verdictByRule, wantsMoreRuns,
} from "./decisions.js";
import { fixedText, fractionOf, generalText, isAtMost, exactText, magnitude, minus, numberOf, plus, recordedText, roundedToStep, signedFixedText, times } from "./fractions.js";
import { ratedLoadPoint } from "./plan.js";
import { energyToPass, longestToPass, registerConclusion, suspectOf } from "./registers.js";
import { comparedPower, constantAtTerminals, judgedStep, noLoadTest, pulsePeriod, startingTest, uncertaintyPart, voltageAlone } from "./rules.js";
import { RUNS_THAT_SPEAK, meanOfRuns } from "./runs.js";

const CHECKS = ["nameplate", "seals", "housing", "display", "terminals"];

/** Position -> conclusion of an attempt: the fields of a verdict's record, and beside them `mean` and `figures`. */
export function concludeItem(run, point, positions, evidence) {
  switch (point.item) {
    case "visual":
      return concludeVisual(positions, evidence);
    case "warm_up":
      return concludeWarmUp(run, point, positions, evidence);
    case "no_load":
      return concludeNoLoad(run, point, positions, evidence);
    case "starting":
      return concludeStarting(run, point, positions, evidence);
    case "basic_error":
      return concludeBasicError(run, point, positions, evidence);
    case "repeatability":
      return concludeRepeatability(run, point, positions, evidence);
    case "power_time":
      return concludePowerTime(run, point, positions, evidence);
    case "meter_constant":
      return concludeMeterConstant(run, point, positions, evidence);
    case "clock":
      return concludeClock(run, point, positions, evidence);
    default:
      return concludeTariffSum(run, point, positions, evidence);
  }
}

function everywhere(positions, verdict) {
  return new Map(positions.map((position) => [position, { ...verdict }]));
}

// --- what a person sees

function concludeVisual(positions, evidence) {
  const said = evidence.answers();
  return new Map(positions.map((position) => [position, visualVerdict(said[position] || {})]));
}

function visualVerdict(said) {
  const figures = { ...said };
  const missing = CHECKS.filter((check) => said[check] === undefined);
  if (missing.length) return { ...invalidVerdict([{ reason: "not_answered", values: { detail: missing.join(", ") } }]), figures };
  const wrong = Object.keys(said).filter((check) => said[check] !== "ok").map((check) => `${check}: ${said[check]}`);
  if (!wrong.length) return { ...plainVerdict("PASS"), figures };
  return { ...plainVerdict("FAIL", [{ reason: "inspection_failed", values: { fields: wrong.join(", ") } }]), figures };
}

// --- comparison with the reference

/** The runs of some positions at one load: what each position gave, and what a declared look decided. */
class RunsAtLoad {
  constructor(run, point, positions, load) {
    this.run = run;
    this.point = point;
    this.load = load;
    this.counted = 0;
    this.made = new Map(positions.map((position) => [position, []]));
    this.decided = new Map();
  }

  get sound() {
    return [...this.made.keys()].filter((position) => this.made.get(position).every((each) => each.percentage_error_pct !== null));
  }

  of(position) {
    return this.made.get(position);
  }

  mean(position) {
    return meanOfRuns(this.of(position), this.run.pooled, roundingStep(this.run, position));
  }

  /** One more run at those of the positions that still have numbers. */
  async count(positions) {
    const sound = positions.filter((position) => this.sound.includes(position));
    if (!sound.length) return;
    const { plan } = this.run;
    const wanted = Object.fromEntries(
      sound.map((position) => {
        const limit = this.point.mpe.get(position);
        return [position, plan.wanted_uncertainty * (limit === undefined ? 1 : numberOf(limit))];
      })
    );
    const results = await this.load.window(this.counted, wanted);
    this.counted += 1;
    for (const position of sound) {
      const { exact, decided_at_ns, first_ns, before } = results[position];
      this.made.get(position).push(exact);
      for (const look of before) this.lookBefore(position, look);
      if (decided_at_ns !== undefined) this.look(position, exact, decided_at_ns - first_ns);
    }
  }

  /** A position that stopped early must have been decided, at one of the declared looks. */
  look(position, exact, after_ns) {
    const looks = declaredLooks(this.run.plan);
    const isDeclared = looks.some((at_s) => Math.round(at_s * 1e9) === after_ns);
    const outcome = isDeclared ? this.outcomeOfLook(position, exact, looks.length) : null;
    if (outcome === null) this.load.tell(`position ${position}: decided_at_ns`, String(after_ns), { key: "no_look_decides", values: {} });
    else this.decided.set(position, outcome);
  }

  /** The first look that decides is the one that counts. */
  lookBefore(position, { at_s, exact }) {
    const outcome = this.outcomeOfLook(position, exact, declaredLooks(this.run.plan).length);
    if (outcome !== null) this.load.tell(`position ${position}: decided_at_ns`, "—", { key: "look_decided", values: { seconds: String(at_s), outcome } });
  }

  outcomeOfLook(position, { percentage_error_pct, standard_uncertainty_pct, degrees_of_freedom, window }, looks) {
    const limit = this.point.mpe.get(position);
    if (limit === undefined || percentage_error_pct === null || window.intervals < this.run.plan.minimum_pulses) return null;
    const end = largestPassingNumber(limit, roundingStep(this.run, position));
    return earlyDecision(percentage_error_pct, standard_uncertainty_pct, degrees_of_freedom, end, looks);
  }
}

function roundingStep(run, position) {
  return run.plan.decision_rule === "regulation" ? judgedStep(run.rules, run.meters.get(position).accuracy_class) : null;
}

/** All runs that the plan and the rule set ask for. */
async function countRuns(run, point, positions, load, count, isJudged) {
  const runs = new RunsAtLoad(run, point, positions, load);
  for (let k = 0; k < count; k++) await runs.count(runs.sound);
  if (!isJudged) return runs;
  const { plan, rules } = run;
  const limit = (position) => point.mpe.get(position);
  const close = runs.sound.filter((position) => {
    const mean = runs.mean(position);
    const mayHaveMore = mean !== null && limit(position) !== undefined && plan.remeasure && !plan.early_stop;
    return mayHaveMore && wantsMoreRuns(rules, mean.errors.length, mean.mean, limit(position));
  });
  for (let k = 0; rules.remeasure && k < rules.remeasure.more; k++) await runs.count(close);
  const scattered = runs.sound.filter((position) => {
    const mean = runs.mean(position);
    const mayHaveMore = mean !== null && limit(position) !== undefined && plan.remeasure;
    return mayHaveMore && mean.restsOnFew && whatScatters(run, position, mean, limit(position)) !== null;
  });
  for (;;) {
    const few = scattered.filter((position) => runs.sound.includes(position) && runs.of(position).length < RUNS_THAT_SPEAK);
    if (!few.length) return runs;
    await runs.count(few);
  }
}

/** Why a mean is not known well enough though each of its runs is: the runs scatter. */
function whatScatters(run, position, mean, limit) {
  const part = Math.max(run.plan.wanted_uncertainty, uncertaintyPart(run.rules, run.meters.get(position).accuracy_class));
  const wanted = part * numberOf(limit);
  if (!mean.restsOnScatter || mean.U <= wanted) return null;
  return { reason: "uncertainty_too_large", values: { U: fixedText(mean.U, 3), wanted: fixedText(wanted, 3) } };
}

async function concludeBasicError(run, point, positions, evidence) {
  const concluded = new Map();
  for (const position of positions) {
    const refusal = evidence.refusal(position);
    if (refusal === null) continue;
    const limit = point.mpe.get(position);
    concluded.set(position, invalidVerdict([refusal], limit === undefined ? null : recordedText(numberOf(limit)), run.plan.decision_rule));
  }
  const wanted = positions.filter((position) => !concluded.has(position));
  if (!wanted.length) return concluded;
  const load = evidence.load(point.load_point);
  let runs = null;
  if (load.isReached) runs = await countRuns(run, point, wanted, load, run.plan.repeats, true);
  load.end();
  for (const position of wanted) {
    concluded.set(
      position,
      runs === null ? invalidVerdict(load.findings, null, run.plan.decision_rule) : concludeRuns(run, point, position, runs)
    );
  }
  return concluded;
}

function concludeRuns(run, point, position, runs) {
  const { plan } = run;
  const made = runs.of(position);
  const mean = runs.mean(position);
  const limit = point.mpe.get(position);
  const mpe = limit === undefined ? null : recordedText(numberOf(limit));
  const withMean = (verdict) => ({ ...verdict, mean: recordedMean(mean), meanNumber: mean === null ? null : mean.mean });
  if (mean === null) {
    const why = made.filter((each) => each.percentage_error_pct === null).flatMap((each) => each.findings);
    return withMean(invalidVerdict(why, mpe, plan.decision_rule));
  }
  const suspect = suspectOf(mean.mean, run.meters.get(position));
  if (suspect !== null) return withMean(invalidVerdict([suspect], mpe, plan.decision_rule));
  if (limit === undefined) return withMean(unjudged("not_judged"));
  if (runs.decided.has(position)) {
    const outcome = runs.decided.get(position);
    const why = outcome === "PASS" ? [] : [beyondLimit(signedFixedText(mean.mean, 4), limit)];
    return withMean({ ...plainVerdict(outcome, [...why, ...mean.findings]), decision_rule: "sequential", mpe_pct: mpe });
  }
  const unsure = whyUnsure(run, position, made, mean, limit);
  if (unsure.length) return withMean(invalidVerdict(unsure, mpe, plan.decision_rule));
  return withMean(verdictByRule(plan, mean.mean, mean.u, mean.U, limit, roundingStep(run, position), { remarks: mean.findings }));
}

/** Numbers that are not as good as the plan wants them. */
function whyUnsure(run, position, made, mean, limit) {
  const short = made.map((each) => whatIsMissing(run.plan, each, limit)).find((finding) => finding !== null);
  if (short !== undefined) return [short];
  const wide = whatScatters(run, position, mean, limit);
  return wide === null ? [] : [wide, ...mean.findings];
}

function whatIsMissing(plan, { expanded_uncertainty_pct: U, window }, limit) {
  const wanted = plan.wanted_uncertainty * numberOf(limit);
  if (U > wanted) {
    const duration_s = (window.last_ns - window.first_ns) / 1e9;
    const values = { U: fixedText(U, 3), wanted: fixedText(wanted, 3), seconds: fixedText((duration_s * U) / wanted, 0) };
    return { reason: "uncertainty_too_large", values };
  }
  if (window.intervals >= plan.minimum_pulses) return null;
  return { reason: "too_few_pulses", values: { pulses: String(window.intervals), needed: String(plan.minimum_pulses) } };
}

/** A mean as its record has it. */
function recordedMean(mean) {
  if (mean === null) return null;
  return {
    runs_pct: mean.errors.map(recordedText),
    mean_pct: recordedText(mean.mean),
    sample_sd_pct: recordedText(mean.sd),
    rounded_pct: mean.rounded,
    standard_uncertainty_pct: recordedText(mean.u),
    degrees_of_freedom: generalText(mean.dof, 4),
    coverage_factor: recordedText(mean.k),
    expanded_uncertainty_pct: recordedText(mean.U),
    rows: mean.rows.map(rowFigures),
  };
}

async function concludeRepeatability(run, point, positions, evidence) {
  const load = evidence.load(point.load_point);
  const runs = load.isReached ? await countRuns(run, point, positions, load, run.plan.repeatability_runs, false) : null;
  load.end();
  if (runs === null) return everywhere(positions, invalidVerdict(load.findings));
  return new Map(positions.map((position) => [position, scatterConclusion(run, position, runs)]));
}

function scatterConclusion(run, position, runs) {
  const made = runs.of(position);
  const mean = runs.mean(position);
  if (mean === null || mean.sd === null) return invalidVerdict(made.flatMap((each) => each.findings));
  const figures = { runs: String(made.length), standard_deviation_pct: fixedText(mean.sd, 5) };
  const steps = run.rules.repeatability ? run.rules.repeatability.step_pct : {};
  const step = steps[run.meters.get(position).accuracy_class];
  if (step !== undefined) figures.rounded_pct = roundedToStep(fractionOf(mean.sd), step).text;
  return { ...unjudged("not_judged"), mean: recordedMean(mean), figures };
}

async function concludePowerTime(run, point, positions, evidence) {
  const load = evidence.load(point.load_point);
  const runs = load.isReached ? await countRuns(run, point, positions, load, 1, false) : null;
  load.end();
  if (runs === null) return everywhere(positions, invalidVerdict(load.findings));
  const card = cardAtLoad(run.card, point.load_point, run.ambient_C);
  return new Map(positions.map((position) => [position, crossCheck(run, position, runs, card)]));
}

/** The power register over the bench clock beside the comparison of energies. */
function crossCheck(run, position, runs, card) {
  const [made] = runs.of(position);
  const mean = runs.mean(position);
  const byPower = made.estimates.find((each) => each.name === "power_integral" && each.energy_Wh !== null);
  if (mean === null || byPower === undefined) {
    return invalidVerdict(made.findings.length ? made.findings : [{ reason: "no_valid_estimator", values: {} }]);
  }
  const { first_ns, last_ns, intervals } = byPower.window;
  const time_s = (last_ns - first_ns) / 1e9;
  const power_W = (byPower.energy_Wh * 3600) / time_s / (1 + card.indication_error_pct / 100);
  const nominal_s = (intervals * 3.6e6) / (constantAtTerminals(run.meters.get(position)) * power_W);
  const figures = {
    power_W: fixedText(power_W, 2),
    time_s: fixedText(time_s, 6),
    pulses: String(intervals),
    power_time_error_pct: signedFixedText((nominal_s / time_s - 1) * 100, 4),
    percentage_error_pct: signedFixedText(mean.mean, 4),
  };
  return { ...unjudged("not_judged"), mean: recordedMean(mean), figures };
}

// --- silence

const LINE_PULSES = 2;
const LINE_PATIENCE = 4;
const LINE_MARGIN_S = 5;
const SHORTEST_SHARE = 0.25;

async function concludeNoLoad(run, point, positions, evidence) {
  const rated = comparedPower(ratedLoadPoint(run.meters));
  const silences = new Map(
    positions.map((position) => {
      const meter = run.meters.get(position);
      const test = noLoadTest(run.rules, meter);
      const closest_s = pulsePeriod(meter, rated);
      return [position, { enough: 1 + test.max_pulses, longest_s: test.duration_s, closest_s, judge: (watch) => creepVerdict(test, watch) }];
    })
  );
  return watchBetweenProofs(run, point, silences, evidence);
}

function creepVerdict(test, watch) {
  const pulses = watch.pulses_s.length;
  const figures = {
    pulses: String(pulses),
    allowed_pulses: String(test.max_pulses),
    watched_s: fixedText(watch.watched_s, 1),
    duration_s: fixedText(test.duration_s, 1),
    test_voltage_V: generalText(test.test_V, 6),
  };
  if (pulses <= test.max_pulses) return { ...plainVerdict("PASS"), figures };
  const values = { pulses: String(pulses), allowed: String(test.max_pulses) };
  return { ...plainVerdict("FAIL", [{ reason: "creeps", values }]), figures };
}

/** A FAIL is watched once more; two watches that disagree are INVALID. */
async function concludeStarting(run, point, positions, evidence) {
  const silences = new Map(
    positions.map((position) => {
      const test = startingTest(run.rules, run.meters.get(position));
      const longest_s = test.pulses * test.limit_s;
      return [position, { enough: test.pulses, longest_s, closest_s: SHORTEST_SHARE * test.period_s, judge: (watch) => startVerdict(test, watch) }];
    })
  );
  const first = await watchBetweenProofs(run, point, silences, evidence);
  const failed = new Map([...silences].filter(([position]) => first.get(position).verdict === "FAIL"));
  if (!failed.size) return first;
  for (const [position, second] of await watchBetweenProofs(run, point, failed, evidence)) {
    const isAgainst = second.verdict === "PASS";
    first.set(position, isAgainst ? { ...second, ...invalidVerdict([{ reason: "watches_disagree", values: {} }]) } : second);
  }
  return first;
}

function startVerdict(test, watch) {
  const came = [0, ...watch.pulses_s];
  const waits = watch.pulses_s.map((at_s, k) => at_s - came[k]).slice(0, test.pulses);
  const isComplete = waits.length === test.pulses;
  const unended = watch.watched_s - waits.reduce((sum, wait) => sum + wait, 0);
  const longest = Math.max(...waits, ...(isComplete ? [] : [unended]));
  const figures = {
    starting_current_A: generalText(test.current_A, 6),
    pulses: String(watch.pulses_s.length),
    needed_pulses: String(test.pulses),
    limit_s: fixedText(test.limit_s, 1),
    waits_s: waits.map((wait) => fixedText(wait, 1)).join(", "),
    longest_wait_s: fixedText(longest, 1),
    ...(isComplete ? {} : { unended_wait_s: fixedText(unended, 1) }),
  };
  if (isComplete && longest <= test.limit_s) return { ...plainVerdict("PASS"), figures };
  const values = { current: generalText(test.current_A, 6), seconds: fixedText(test.limit_s, 0) };
  return { ...plainVerdict("FAIL", [{ reason: "does_not_start", values }]), figures };
}

/** The line proven, a watch, the line proven again. silences: position -> {enough, longest_s, closest_s, judge}. */
async function watchBetweenProofs(run, point, silences, evidence) {
  const before = lineProof(run, [...silences.keys()], "line_before", evidence);
  const concluded = new Map();
  for (const [position, found] of before) if (found.length) concluded.set(position, invalidVerdict(found));
  const alive = [...silences.keys()].filter((position) => !concluded.has(position));
  if (!alive.length) return concluded;
  const load = evidence.load(point.load_point);
  const longest_s = Object.fromEntries(alive.map((position) => [position, silences.get(position).longest_s]));
  const enough = Math.max(...[...silences.values()].map((silence) => silence.enough));
  const watched = load.isReached ? load.watch("test", enough, longest_s) : null;
  load.end();
  if (watched === null) {
    for (const position of alive) concluded.set(position, invalidVerdict(load.findings));
    return concluded;
  }
  const after = lineProof(run, alive, "line_after", evidence);
  for (const position of alive) {
    const { closest_s, judge } = silences.get(position);
    const found = [...whyNotPulses(watched[position], closest_s), ...after.get(position)];
    concluded.set(position, found.length ? invalidVerdict(found) : judge(watched[position]));
  }
  return concluded;
}

/** Position -> why its line is not shown to be alive; empty where it is. */
function lineProof(run, positions, stage, evidence) {
  const rated = ratedLoadPoint(run.meters);
  const load = evidence.load(rated);
  const period_s = (position) => pulsePeriod(run.meters.get(position), comparedPower(rated));
  const longest_s = Object.fromEntries(
    positions.map((position) => [position, LINE_PATIENCE * LINE_PULSES * period_s(position) + LINE_MARGIN_S])
  );
  const watched = load.isReached ? load.watch(stage, LINE_PULSES, longest_s) : null;
  load.end();
  return new Map(
    positions.map((position) => {
      if (watched === null) return [position, load.findings];
      const found = whyNotPulses(watched[position], SHORTEST_SHARE * period_s(position));
      const reason = stage === "line_before" ? "line_not_alive" : "line_died";
      const isAlive = watched[position].pulses_s.length >= LINE_PULSES;
      return [position, found.length || isAlive ? found : [{ reason, values: {} }]];
    })
  );
}

/** Why the pulses of a watch are not the meter's: what was found meanwhile, or two that are too close. */
function whyNotPulses(watch, closest_s) {
  if (watch.findings.length) return watch.findings;
  const isClose = watch.pulses_s.some((at_s, k) => k > 0 && at_s - watch.pulses_s[k - 1] < closest_s);
  return isClose ? [{ reason: "pulse_doubled", values: {} }] : [];
}

// --- registers, warm-up, clock

async function concludeMeterConstant(run, point, positions, evidence) {
  const known = positions.filter((position) => run.meters.get(position).register_decimals !== null);
  const unread = invalidVerdict([{ reason: "meter_not_read", values: { detail: "register_decimals" } }]);
  const concluded = everywhere(positions.filter((position) => !known.includes(position)), unread);
  const conclude = (each) => known.forEach((position) => concluded.set(position, each(position)));
  if (!known.length) return concluded;
  const before = registersRead(run, "before", known, evidence);
  if (before.findings) {
    conclude(() => invalidVerdict(before.findings));
    return concluded;
  }
  const load = evidence.load(point.load_point);
  const energy_Wh = energyToPass(run, point, known);
  const findings = load.isReached ? load.pass(energy_Wh, longestToPass(energy_Wh, point.load_point)) : load.findings;
  load.end();
  if (findings.length) {
    conclude(() => invalidVerdict(findings));
    return concluded;
  }
  const after = registersRead(run, "after", known, evidence, before.record);
  conclude((position) => (after.findings ? invalidVerdict(after.findings) : registerConclusion(run, point, position, before.read, after.read)));
  return concluded;
}

/** {read, record}, or {findings} where the voltage was not reached. */
export function registersRead(run, stage, positions, evidence, since = null) {
  const load = evidence.load(voltageAlone(run.meters.values().next().value));
  const given = load.isReached ? load.read(stage, positions, since) : { findings: load.findings };
  load.end();
  return given;
}

async function concludeWarmUp(run, point, positions, evidence) {
  const load = evidence.load(point.load_point);
  const findings = load.isReached ? load.hold(run.plan.warm_up_s, run.plan.stability_pct) : load.findings;
  load.end();
  if (findings.length) return everywhere(positions, invalidVerdict(findings));
  return everywhere(positions, { ...plainVerdict("PASS"), figures: { held_s: fixedText(run.plan.warm_up_s, 0) } });
}

async function concludeClock(run, point, positions, evidence) {
  const rule = run.rules.clock;
  if (!rule) return everywhere(positions, unjudged("rules_ask_nothing"));
  if (run.clock_U_ppm === null && run.pps_U_ppm === null) {
    return everywhere(positions, invalidVerdict([{ reason: "clock_not_traceable", values: {} }]));
  }
  const load = evidence.load(point.load_point);
  const warm_up_s = run.plan.clock_warm_up_s === null ? Number(rule.warm_up_s) : run.plan.clock_warm_up_s;
  let findings = load.isReached ? load.hold(warm_up_s, run.plan.stability_pct) : load.findings;
  const seen = findings.length ? null : load.clocks(positions, rule.windows, Number(rule.window_s));
  load.end();
  if (seen === null) return everywhere(positions, invalidVerdict(findings));
  return new Map(positions.map((position) => [position, clockConclusion(run, rule, seen[position])]));
}

function clockConclusion(run, rule, watch) {
  if (watch.findings.length) return invalidVerdict(watch.findings);
  const bench = rateOfBench(watch.rate, run.pps_U_ppm, run.clock_U_ppm);
  if (bench === null) {
    return invalidVerdict(watch.why_no_rate.length ? watch.why_no_rate : [{ reason: "clock_not_traceable", values: {} }]);
  }
  const windows = watch.periods_s.map((period_s) => dailyError(period_s, bench.rate_ppm));
  const found = dailyErrorOfWindows(windows, Number(rule.window_s), bench.U_ppm);
  const figures = {
    error_s_per_day: signedFixedText(found.mean, 4),
    rounded_s_per_day: roundedToStep(fractionOf(found.mean), rule.step_s_per_day).signed,
    limit_s_per_day: rule.limit_s_per_day,
    expanded_uncertainty_s_per_day: fixedText(found.U, 4),
    windows: String(windows.length),
  };
  if (watch.rate !== null) {
    figures.bench_clock_rate_ppm = signedFixedText(bench.rate_ppm, 4);
    figures.bench_clock_U_ppm = fixedText(bench.U_ppm, 4);
  }
  const how = { unit: "s/d", beyond: "clock_beyond_limit" };
  const verdict = verdictByRule(run.plan, found.mean, found.u, found.U, fractionOf(rule.limit_s_per_day), rule.step_s_per_day, how);
  return { ...verdict, findings: [...verdict.findings, ...watch.why_no_rate], figures };
}

async function concludeTariffSum(run, point, positions, evidence) {
  const digits = run.rules.tariff_sum ? run.rules.tariff_sum.digits : null;
  if (digits === null) return everywhere(positions, unjudged("rules_ask_nothing"));
  const given = registersRead(run, "reading", positions, evidence);
  if (given.findings) return everywhere(positions, invalidVerdict(given.findings));
  const { registers, findings } = given.read;
  return new Map(
    positions.map((position) => [
      position,
      registers[position] ? tariffConclusion(registers[position], digits) : invalidVerdict(findings[position]),
    ])
  );
}

function tariffConclusion({ total_kWh, tariffs_kWh, decimals }, digits) {
  if (!tariffs_kWh.length) return invalidVerdict([{ reason: "meter_not_read", values: { detail: "tariffs" } }]);
  const places = Math.max(...[total_kWh, ...tariffs_kWh].map((text) => (text.split(".")[1] || "").length));
  const difference = minus(tariffs_kWh.map(fractionOf).reduce(plus), fractionOf(total_kWh));
  const allowed = times(fractionOf(digits), { n: 1n, d: 10n ** BigInt(decimals) });
  const figures = {
    total_kWh,
    tariffs_kWh: tariffs_kWh.join(", "),
    difference_kWh: exactText(difference, places),
    allowed_kWh: exactText(allowed, decimals),
  };
  if (isAtMost(magnitude(difference), allowed)) return { ...plainVerdict("PASS"), figures };
  const values = { difference: figures.difference_kWh, allowed: figures.allowed_kWh };
  return { ...plainVerdict("FAIL", [{ reason: "tariffs_do_not_sum", values }]), figures };
}
