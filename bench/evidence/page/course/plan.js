// The plan of a run from its text: the meters, and the test points that follow from the plan's items, the meters and the rule
// set (docs/plans.md). The record of a run keeps the test points as well; the two are compared.
import { fractionOf, numberOf, times } from "./fractions.js";
import {
  CourseError, judgesMeter, limitAt, loadPointNames, loadPointOf, noLoadTest, startingTest, voltageAlone,
} from "./rules.js";
import { readToml } from "./toml.js";

const PLAN_DEFAULTS = {
  tests: ["basic_error"],
  load_points: [],
  title: "",
  rule_set: "jjg596-2012",
  decision_rule: "simple",
  repeats: 1,
  remeasure: true,
  early_stop: false,
  wanted_uncertainty: 0.2,
  minimum_time_s: 30,
  minimum_pulses: 10,
  longest_time_s: 600,
  stability_pct: 2,
  repeats_of_invalid: 1,
  warm_up_s: 300,
  clock_warm_up_s: null,
  repeatability_load_point: "",
  repeatability_runs: 10,
  ambient_temperature_C: null,
  relative_humidity_pct: null,
};
const METER_DEFAULTS = {
  basic_current_A: null,
  transitional_current_A: null,
  minimum_current_A: null,
  starting_current_A: null,
  connection: "direct",
  wiring: "1p2w",
  quantity: "active",
  direction: "import",
  ct_ratio: 1,
  vt_ratio: 1,
  constant_is_primary: false,
  register_decimals: null,
  meter_type: "",
  address: "",
  test_output_edge: "rising",
};
const METER_NEEDS = ["position", "serial", "accuracy_class", "meter_constant_imp_per_kWh", "nominal_voltage_V", "maximum_current_A"];

/** The items that fail a meter by its pulses alone. */
export const JUDGED_BY_PULSES = ["no_load", "starting", "basic_error"];
const ITEMS = ["visual", "warm_up", "no_load", "starting", "basic_error", "repeatability", "meter_constant", "power_time", "clock", "tariff_sum"];

/** The plan with what it leaves out, and its meters by position in their order. Errors: CourseError, TomlError. */
export function readPlan(text) {
  const { meter: sections = [], ...said } = readToml(text);
  const unknown = Object.keys(said).filter((key) => !(key in PLAN_DEFAULTS));
  if (unknown.length || !sections.length) throw new CourseError("plan_unreadable", { where: unknown.join(", ") || "meter" });
  const plan = { ...PLAN_DEFAULTS, ...said };
  const strange = plan.tests.filter((item) => !ITEMS.includes(item));
  if (strange.length) throw new CourseError("plan_unreadable", { where: strange.join(", ") });
  const meters = new Map();
  const plates = new Map();
  for (const section of sections) {
    const missing = METER_NEEDS.filter((key) => section[key] === undefined);
    const more = Object.keys(section).filter((key) => !METER_NEEDS.includes(key) && !(key in METER_DEFAULTS));
    const where = [...missing, ...more, ...(meters.has(section.position) ? ["position"] : [])].join(", ");
    if (where) throw new CourseError("plan_unreadable", { where: `meter: ${where}` });
    const { position, address, ...plate } = { ...METER_DEFAULTS, ...section };
    meters.set(position, asMeter(plate));
    plates.set(position, { serial: plate.serial, address });
  }
  return { plan, meters, plates };
}

function asMeter(plate) {
  const meter = { ...plate, test_output_edge: plate.test_output_edge === "rising" ? 1 : 2 };
  if (meter.basic_current_A === null) {
    if (meter.transitional_current_A === null) throw new CourseError("plan_unreadable", { where: "basic_current_A" });
    const ratio = fractionOf(meter.connection === "ct" ? 20 : 10);
    meter.basic_current_A = numberOf(times(ratio, fractionOf(meter.transitional_current_A)));
  }
  return meter;
}

/** `Ib 1.0`, or `In 1.0` of a transformer operated meter: where a meter must count. */
export function ratedLoadPoint(meters) {
  const meter = meters.values().next().value;
  return loadPointOf(ratedLoad(meter), meter);
}

function ratedLoad(meter) {
  return meter.connection === "ct" ? "In 1.0" : "Ib 1.0";
}

/** The test points, each {index, item, load_point, positions, mpe}; mpe: position -> limit as a fraction. Errors: CourseError. */
export function testPoints(plan, meters, rules) {
  for (const meter of meters.values()) {
    if (!rules.accuracy_classes.includes(meter.accuracy_class)) throw new CourseError("class_unknown", { name: meter.accuracy_class });
  }
  const made = plan.tests.flatMap((item) => pointsOfItem(item, plan, meters, rules));
  return made.map((point, index) => ({ index, ...point }));
}

function pointsOfItem(item, plan, meters, rules) {
  const [first] = meters.values();
  const everywhere = [...meters.keys()];
  switch (item) {
    case "visual":
      return [{ item, load_point: null, positions: everywhere, mpe: new Map() }];
    case "basic_error":
      return basicErrorPoints(plan, meters, rules);
    case "no_load":
    case "starting":
      return silentPoints(item, meters, rules);
    case "meter_constant":
      return [namedPoint(item, "Imax 1.0", meters, rules)];
    case "clock":
    case "tariff_sum":
      return [{ item, load_point: voltageAlone(first), positions: everywhere, mpe: new Map() }];
    case "warm_up":
      return [namedPoint(item, ratedLoad(first), meters, rules)];
    default:
      return [namedPoint(item, plan.repeatability_load_point || ratedLoad(first), meters, rules)];
  }
}

function namedPoint(item, name, meters, rules) {
  const load_point = loadPointOf(name, meters.values().next().value);
  const mpe = new Map();
  for (const [position, meter] of meters) {
    const limit = limitAt(rules, load_point, meter);
    if (limit !== null) mpe.set(position, limit);
  }
  return { item, load_point, positions: [...meters.keys()], mpe };
}

function basicErrorPoints(plan, meters, rules) {
  const own = [...meters.values()].flatMap((meter) => loadPointNames(rules, meter));
  const names = plan.load_points.length ? plan.load_points : [...new Set(own)];
  if (!names.length) throw new CourseError("rule_missing", { what: "load_points" });
  const isJudged = judgesMeter(rules, meters.values().next().value);
  return names.map((name) => {
    const point = namedPoint("basic_error", name, meters, rules);
    const positions = point.mpe.size ? [...point.mpe.keys()] : isJudged ? [] : point.positions;
    if (!positions.length || (plan.load_points.length && positions.length < point.positions.length)) {
      throw new CourseError("no_limit", { name, rules: rules.name });
    }
    return { ...point, positions };
  });
}

/** Meters of one test point have one load; those of another starting current have one of their own. */
function silentPoints(item, meters, rules) {
  const points = [];
  for (const [position, meter] of meters) {
    const { load } = item === "no_load" ? noLoadTest(rules, meter) : startingTest(rules, meter);
    const same = points.find((point) => isSameLoad(point.load_point, load));
    if (same) same.positions.push(position);
    else points.push({ item, load_point: load, positions: [position], mpe: new Map() });
  }
  return points;
}

/** Two loads with the same figures, but for what the last binary digit of a product may be. */
export function isSameLoad(one, other) {
  return Object.keys(one).every((key) =>
    typeof one[key] === "number" ? isNearly(one[key], other[key]) : one[key] === other[key]
  );
}

export function isNearly(a, b) {
  return a === b || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
}

/** Whether a load is the one at which unbalance is judged: Ib (In), power factor 1, whatever it is called. */
export function isAtRatedLoad(load, meter) {
  return load.power_factor === 1 && Math.abs(load.current_A - meter.basic_current_A) <= 1e-9 * meter.basic_current_A;
}

/** A meter of a record, its figures as Numbers. */
export function readMeter(fields) {
  const meter = { ...METER_DEFAULTS, ...fields };
  for (const [key, value] of Object.entries(meter)) {
    if (/_A$|_V$|_ratio$|_imp_per_kWh$/.test(key) && value !== null) meter[key] = Number(value);
  }
  return meter;
}

/** A load of a record, its figures as Numbers; fields that are newer than the record have their defaults. */
export function readLoad(fields) {
  const load = { frequency_Hz: "50.0", loaded_phase: "", phase_side: "", quantity: "active", direction: "import", wiring: "1p2w", ...fields };
  for (const key of ["voltage_V", "current_A", "power_factor", "frequency_Hz"]) load[key] = Number(load[key]);
  return load;
}
