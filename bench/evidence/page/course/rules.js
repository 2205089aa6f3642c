// A rule set's own text, as it stands in the record of a run: which limits, durations and figures it states for a meter. What
// the record says of limits is held against this, so a limit that was changed is seen even where every hash was made anew.
// The format of the file is in docs/rule-sets.md.
import { compareFractions, fractionOf, isAtMost, numberOf, over, times } from "./fractions.js";
import { readToml } from "./toml.js";

/** What is wrong with a plan or a rule set, as a key of the words and its values. */
export class CourseError extends Error {
  constructor(key, values = {}) {
    super(`${key} ${JSON.stringify(values)}`);
    this.key = key;
    this.values = values;
  }
}

const SOURCE_KEYS = ["clause", "clause_provenance", "provenance"];
const MARKS = ["V", "P", "M", "?"];
const RULE_SET_KEYS = ["name", "standard", "title", "edition", "quantity", "accuracy_classes"];
const RULE_TABLES = {
  verification: [["items"], []],
  rounding: [["step_pct"], ["judges_rounded"]],
  judging: [["rounded"], []],
  measurements: [["repeats"], []],
  remeasure: [["lower", "upper", "more"], []],
  unbalance: [["mpe_pct"], []],
  no_load: [["formula", "voltage_factor", "max_pulses", "three_wire_elements"], ["numerator"]],
  starting: [["of", "fraction", "time_factor"], []],
  meter_constant: [["parts_of_the_class"], []],
  clock: [["limit_s_per_day", "step_s_per_day", "windows", "window_s", "warm_up_s"], []],
  tariff_sum: [["digits"], []],
  repeatability: [["step_pct"], []],
  reference: [["class_pct", "largest_uncertainty_part"], []],
  conditions: [["temperature_C"], ["voltage_pct", "frequency_pct", "distortion_pct"]],
  validity: [["years"], []],
};
const LIMIT_KEYS = [["load", "connection", "from", "power_factors", "mpe_pct"], ["up_to", "below", "only_on_request", "grows_below"]];
const LOAD_POINT_KEYS = [["load", "connection", "accuracy_classes", "current", "power_factors"], ["least_imax_over_ib"]];

/** The rule set of a text. Errors: CourseError, TomlError. */
export function readRuleSet(text) {
  const table = readToml(text);
  requireKeys(table, "", RULE_SET_KEYS, ["items", "limits", "load_points", ...Object.keys(RULE_TABLES)]);
  for (const [name, [required, optional]] of Object.entries(RULE_TABLES)) {
    if (table[name] !== undefined) requireSourced(table[name], name, required, optional);
  }
  const limits = rowsOf(table.limits, "limits", LIMIT_KEYS);
  for (const row of limits) {
    if ((row.up_to === undefined) === (row.below === undefined)) throw new CourseError("rule_unreadable", { where: "limits: up_to, below" });
  }
  return { ...table, limits, load_points: rowsOf(table.load_points, "load_points", LOAD_POINT_KEYS) };
}

function requireKeys(table, where, required, optional) {
  const missing = required.filter((key) => table[key] === undefined);
  const unknown = Object.keys(table).filter((key) => ![...required, ...optional].includes(key));
  if (missing.length || unknown.length) {
    throw new CourseError("rule_unreadable", { where: [where, ...missing, ...unknown].filter(Boolean).join(", ") });
  }
}

function requireSourced(table, where, required, optional) {
  requireKeys(table, where, [...required, ...SOURCE_KEYS], optional);
  if (!MARKS.includes(table.provenance) || !MARKS.includes(table.clause_provenance)) {
    throw new CourseError("rule_unreadable", { where: `${where}: provenance` });
  }
}

/** The rows of tables that share what they have in common, one for each connection. */
function rowsOf(tables = [], where, [required, optional]) {
  return tables.flatMap(({ rows = [{}], ...shared }) =>
    rows.flatMap((own) => {
      const { connections, ...row } = { ...shared, ...own };
      const each = connections === undefined ? [row] : connections.map((connection) => ({ ...row, connection }));
      each.forEach((one) => requireSourced(one, where, required, optional));
      return each;
    })
  );
}

// Currents are fractions of Ib (In): 0.1Ib is never just below its own range.

const CURRENT = /^(\d+(?:\.\d+)?)?(Ib|In|Imax|Itr|Imin|Ist)$/;
const POWER_FACTOR = /^(1(?:\.0+)?|0\.\d+)([LC]?)$/;
/** Only the order Ist < Imin < Itr < Ib < Imax is meant. */
const ORDER_OF_CURRENTS = { Ib: fractionOf(1), In: fractionOf(1), Imax: fractionOf("1e12"), Itr: fractionOf("1e-4"), Imin: fractionOf("1e-8"), Ist: fractionOf("1e-12") };
const IB_OVER_ITR = { direct: 10, ct: 20 };

/** The rated currents of a meter over its Ib (In), of those that it has. */
export function currentsOf(meter) {
  const basic = fractionOf(meter.basic_current_A);
  const known = { Ib: fractionOf(1), In: fractionOf(1), Imax: over(fractionOf(meter.maximum_current_A), basic) };
  const stated = { Itr: meter.transitional_current_A, Imin: meter.minimum_current_A, Ist: meter.starting_current_A };
  for (const [name, current_A] of Object.entries(stated)) {
    if (current_A !== null) known[name] = over(fractionOf(current_A), basic);
  }
  known.Itr = known.Itr || over(fractionOf(1), fractionOf(IB_OVER_ITR[meter.connection]));
  return known;
}

function splitCurrent(expression) {
  const found = CURRENT.exec(expression);
  if (!found) throw new CourseError("load_point_unreadable", { name: expression });
  return [fractionOf(found[1] || 1), found[2]];
}

function currentOverIb(expression, currents) {
  const [factor, rated] = splitCurrent(expression);
  if (currents[rated] === undefined) throw new CourseError("current_not_stated", { name: expression });
  return times(factor, currents[rated]);
}

function splitPowerFactor(expression) {
  const found = POWER_FACTOR.exec(expression);
  const value = found && fractionOf(found[1]);
  const isUnity = found && compareFractions(value, fractionOf(1)) === 0;
  if (!found || value.n === 0n || isUnity !== (found[2] === "")) throw new CourseError("load_point_unreadable", { name: expression });
  return { value, side: found[2] };
}

/** Whether a row's power factor is the one asked for; `0.5L to 0.8C` is all from 0.5 L over 1 to 0.8 C, but not 1 itself. */
function namesPowerFactor(expression, { value, side }) {
  const ends = expression.split(" to ").map(splitPowerFactor);
  if (ends.length === 1) return ends[0].side === side && compareFractions(ends[0].value, value) === 0;
  return ends.some((end) => end.side === side && isAtMost(end.value, value));
}

const PHASES = { "1p2w": "", "3p3w": "AC", "3p4w": "ABC" };

/** The load that a name such as `0.1Ib 0.5L` or `Ib 1.0 A` is for a meter. Errors: CourseError. */
export function loadPointOf(name, meter) {
  const [current, factor, phase = "", ...more] = name.split(/\s+/).filter(Boolean);
  const isPhase = phase === "" || PHASES[meter.wiring].includes(phase);
  if (factor === undefined || more.length || !isPhase) throw new CourseError("load_point_unreadable", { name });
  const currents = currentsOf(meter);
  const overIb = currentOverIb(current, currents);
  if (overIb.n <= 0n || !isAtMost(overIb, currents.Imax)) throw new CourseError("load_point_unreadable", { name });
  const { value, side } = splitPowerFactor(factor);
  return {
    ...voltageAlone(meter),
    name: [current, factor, phase].filter(Boolean).join(" "),
    current_A: numberOf(times(overIb, fractionOf(meter.basic_current_A))),
    power_factor: numberOf(value),
    phase_side: side,
    loaded_phase: phase,
  };
}

/** Nominal voltage and no current. */
export function voltageAlone(meter) {
  return {
    name: "Un",
    voltage_V: meter.nominal_voltage_V,
    current_A: 0,
    power_factor: 1,
    phase_side: "",
    wiring: meter.wiring,
    frequency_Hz: 50,
    loaded_phase: "",
    quantity: meter.quantity,
    direction: meter.direction,
  };
}

/** What the reference must read (W, or var): m U I times the power factor, m = 1, sqrt(3) or 3, and 1 for one loaded phase. */
export function comparedPower(load) {
  const m = load.loaded_phase ? 1 : { "1p2w": 1, "3p3w": Math.sqrt(3), "3p4w": 3 }[load.wiring];
  return m * load.voltage_V * load.current_A * load.power_factor;
}

/** A rule set is about one kind of energy; a meter of another is measured and not judged. */
export function judgesMeter(rules, meter) {
  return rules.quantity === `${meter.quantity} energy`;
}

/** The limit (+-, %) of a meter at a load point, as a fraction; null where the rule set states none, or is not about it. */
export function limitAt(rules, load, meter) {
  if (!judgesMeter(rules, meter)) return null;
  const [current, factor] = load.name.split(" ");
  const balance = load.loaded_phase ? "one_phase" : "balanced";
  return limitOf(rules, meter.accuracy_class, meter.connection, balance, current, factor, currentsOf(meter));
}

/** currents: of the meter; without them only their order is known. */
export function limitOf(rules, accuracyClass, connection, balance, current, factor, currents = ORDER_OF_CURRENTS) {
  const overIb = currentOverIb(current, currents);
  const wanted = splitPowerFactor(factor);
  const row = rules.limits.find(
    (each) =>
      each.load === balance &&
      each.connection === connection &&
      each.mpe_pct[accuracyClass] !== undefined &&
      each.power_factors.some((one) => namesPowerFactor(one, wanted)) &&
      coversCurrent(each, overIb, currents)
  );
  if (!row) return null;
  const limit = fractionOf(row.mpe_pct[accuracyClass]);
  return row.grows_below === undefined ? limit : over(times(limit, currentOverIb(row.grows_below, currents)), overIb);
}

function coversCurrent(row, overIb, currents) {
  const upper = row.up_to === undefined ? row.below : row.up_to;
  if ([row.from, upper].some((end) => currents[splitCurrent(end)[1]] === undefined)) return false;
  const beyond = compareFractions(overIb, currentOverIb(upper, currents));
  const isBelow = row.up_to === undefined ? beyond < 0 : beyond <= 0;
  return isAtMost(currentOverIb(row.from, currents), overIb) && isBelow;
}

/** Names of the load points of a meter, in the order of the rule set: balanced, then each phase alone. */
export function loadPointNames(rules, meter) {
  const currents = currentsOf(meter);
  const names = (balance) =>
    rules.load_points
      .filter((row) => row.load === balance && row.connection === meter.connection)
      .filter((row) => row.accuracy_classes.includes(meter.accuracy_class))
      .filter((row) => isAtMost(fractionOf(row.least_imax_over_ib || 0), currents.Imax))
      .flatMap((row) => row.power_factors.map((factor) => `${row.current} ${factor}`));
  const alone = names("one_phase");
  return [...names("balanced"), ...[...PHASES[meter.wiring]].flatMap((phase) => alone.map((name) => `${name} ${phase}`))];
}

/** Text of the step (%) to which an error is rounded before it is held against its limit; null where it is not rounded. */
export function judgedStep(rules, accuracyClass) {
  const isRounded = rules.judging ? rules.judging.rounded === true : rules.rounding && rules.rounding.judges_rounded === true;
  return (isRounded && rules.rounding && rules.rounding.step_pct[accuracyClass]) || null;
}

/** The part of a limit that U may be: the rule set's, or a third where it states none (and has limits at all); else 0. */
export function uncertaintyPart(rules, accuracyClass) {
  const stated = rules.reference;
  if (stated && stated.class_pct[accuracyClass] !== undefined) {
    const [numerator, denominator = "1"] = String(stated.largest_uncertainty_part).split("/");
    return Number(numerator) / Number(denominator);
  }
  return rules.limits.some((row) => row.mpe_pct[accuracyClass] !== undefined) ? 1 / 3 : 0;
}

const LETTER_CLASSES = { A: "2", B: "1", C: "0.5", D: "0.2", E: "0.1" };

/** The index of an accuracy class in %, as a fraction: 0.5 for 0.5S, 1 for B. */
export function classIndex(accuracyClass) {
  const found = /^(\d+(?:\.\d+)?)S?$/.exec(LETTER_CLASSES[accuracyClass] || accuracyClass);
  if (!found) throw new CourseError("class_unknown", { name: accuracyClass });
  return fractionOf(found[1]);
}

// No load and starting. The constants count at the terminals, where the bench feeds.

/** Pulses for each kWh at the meter's terminals: a constant of the primary side counts each of them K_I K_U times. */
export function constantAtTerminals(meter) {
  return meter.meter_constant_imp_per_kWh * nameplateRatio(meter);
}

export function nameplateRatio(meter) {
  return meter.constant_is_primary ? meter.ct_ratio * meter.vt_ratio : 1;
}

/** Time (s) of one pulse of a meter without error. */
export function pulsePeriod(meter, power_W) {
  return 3.6e6 / (constantAtTerminals(meter) * power_W);
}

export function startingCurrent(rules, meter) {
  if (meter.starting_current_A !== null) return meter.starting_current_A;
  const rule = rules.starting;
  const part = rule && rule.fraction[meter.connection] && rule.fraction[meter.connection][meter.accuracy_class];
  if (part === undefined || part === false) throw new CourseError("rule_missing", { what: "starting.fraction" });
  const overIb = currentOverIb(rule.of[meter.connection], currentsOf(meter));
  return numberOf(times(times(fractionOf(part), overIb), fractionOf(meter.basic_current_A)));
}

/** At the starting current two pulses must come, each within so long of the one before (the first: of the load). */
export function startingTest(rules, meter) {
  if (!rules.starting) throw new CourseError("rule_missing", { what: "starting" });
  const load = startingPoint(rules, meter);
  const period_s = pulsePeriod(meter, comparedPower(load));
  return { load, period_s, limit_s: Number(rules.starting.time_factor) * period_s, pulses: 2, current_A: load.current_A };
}

function startingPoint(rules, meter) {
  return { ...voltageAlone(meter), name: "Ist 1.0", current_A: startingCurrent(rules, meter) };
}

/** How long a meter must stand still, and at which voltage. */
export function noLoadTest(rules, meter) {
  const rule = rules.no_load;
  if (!rule) throw new CourseError("rule_missing", { what: "no_load" });
  const elements = { "1p2w": 1, "3p3w": rule.three_wire_elements === "2" ? 2 : Math.sqrt(3), "3p4w": 3 }[meter.wiring];
  const test_V = Number(rule.voltage_factor) * meter.nominal_voltage_V;
  const k = constantAtTerminals(meter) * elements;
  const load = { ...voltageAlone(meter), name: `${rule.voltage_factor}Un`, voltage_V: test_V };
  return { load, duration_s: noLoadDuration(rules, meter, k, test_V), test_V, max_pulses: rule.max_pulses };
}

function noLoadDuration(rules, meter, k, test_V) {
  const rule = rules.no_load;
  switch (rule.formula) {
    case "maximum_current": {
      const N = rule.numerator && rule.numerator[meter.accuracy_class];
      if (N === undefined) throw new CourseError("rule_missing", { what: "no_load.numerator" });
      return (60 * N * 1e6) / (k * meter.nominal_voltage_V * meter.maximum_current_A);
    }
    case "starting_current":
      return (60 * 240e3) / (k * test_V * startingCurrent(rules, meter));
    case "minimum_current": {
      const b = limitOf(rules, meter.accuracy_class, meter.connection, "balanced", "Imin", "1.0");
      if (b === null || meter.minimum_current_A === null) throw new CourseError("rule_missing", { what: "Imin" });
      return (3600 * 100e3) / (numberOf(b) * k * test_V * meter.minimum_current_A);
    }
    default:
      throw new CourseError("rule_unreadable", { where: "no_load.formula" });
  }
}
