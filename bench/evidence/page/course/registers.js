// The meter constant test: what register, pulses and reference say of the energy between two readings, and who is alone
// (docs/metrology.md, "Registers"). All on the side that the nameplate counts.
import { budgetRow, combineRows, rowsOfReferenceCard } from "../numbers/budget.js";
import { cardAtLoad, energyStepAt } from "../numbers/reference_standard.js";
import { invalidVerdict, largestPassingNumber, plainVerdict, unjudged, verdictByRule } from "./decisions.js";
import { compareFractions, differenceText, exactText, fixedText, fractionOf, generalText, numberOf, over, signedFixedText, times } from "./fractions.js";
import { classIndex, comparedPower, constantAtTerminals, judgedStep, nameplateRatio } from "./rules.js";

const PARTS_OF_THE_CLASS = 10;
const MARGIN_IN_LIMITS = 2;
const SUSPECT_BEYOND_PCT = 20;
const ENERGIES = { register: "register_kWh", pulses: "pulses_kWh", reference: "reference_kWh" };
const CONSTANTS = {
  configured: "configured_constant_imp_per_kWh",
  measured: "measured_constant_imp_per_kWh",
  read: "read_constant_imp_per_kWh",
};

/** An error that points at the plan or the wiring and not at the meter; null for any other. */
export function suspectOf(error_pct, meter) {
  if (Math.abs(error_pct) <= SUSPECT_BEYOND_PCT) return null;
  const values = { error: signedFixedText(error_pct, 1), constant: generalText(meter.meter_constant_imp_per_kWh, 6) };
  return { reason: "meter_constant_suspect", values };
}

function lastDigit(decimals) {
  return { n: 1n, d: 10n ** BigInt(decimals) };
}

function partsOfTheClass(rules) {
  return rules.meter_constant ? rules.meter_constant.parts_of_the_class : PARTS_OF_THE_CLASS;
}

/** Energy (kWh, a fraction) from which on a step is at most class/parts (%) of it. */
function energyOfSmallStep(meter, step_kWh, parts) {
  return over(times(step_kWh, fractionOf(100 * parts)), classIndex(meter.accuracy_class));
}

/** How slow (%) a meter may be and have its last digit matter. */
function marginPct(meter, mpe) {
  return MARGIN_IN_LIMITS * numberOf(mpe === undefined ? classIndex(meter.accuracy_class) : mpe);
}

/** Energy (Wh, by the reference's own register) to pass until the register that needs most can be judged. */
export function energyToPass(run, point, positions) {
  const card = cardAtLoad(run.card, point.load_point, run.ambient_C);
  const parts = partsOfTheClass(run.rules);
  const needed = positions.map((position) => {
    const meter = run.meters.get(position);
    const digit = lastDigit(meter.register_decimals);
    const share = 1 - marginPct(meter, point.mpe.get(position)) / 100;
    const onNameplate = numberOf(energyOfSmallStep(meter, digit, parts)) / share + 2 * numberOf(digit);
    return Math.max(
      onNameplate / nameplateRatio(meter),
      numberOf(energyOfSmallStep(meter, fractionOf(card.energy_step_Wh / 1000), parts)),
      numberOf(energyOfSmallStep(meter, fractionOf(1), 1)) / constantAtTerminals(meter)
    );
  });
  return Math.max(...needed) * 1000 * (1 + card.indication_error_pct / 100);
}

/** The longest time (s) for it: half as long again and a minute, and a day at most. */
export function longestToPass(energy_Wh, load) {
  return Math.min(1.5 * ((energy_Wh / comparedPower(load)) * 3600) + 60, 86400);
}

/** The verdict of one meter and its figures from two readings. */
export function registerConclusion(run, point, position, before, after) {
  const unusable = unusableReadings(position, before, after);
  if (unusable.length) return { ...invalidVerdict(unusable), figures: {} };
  const compared = comparedRegisters(run, point, position, before, after);
  const figures = compared.figures;
  const told = after.registers[position].meter_constant_imp_per_kWh;
  const tellsAnother = told !== null && Number(told) !== compared.meter.meter_constant_imp_per_kWh;
  const verdict = tellsAnother
    ? invalidVerdict([named("constant_differs", CONSTANTS, figures)])
    : registerVerdict(run, point, position, compared);
  if (verdict.verdict !== "INVALID") {
    figures.register_error_pct = signedFixedText(compared.register_pct, 4);
    figures.pulses_error_pct = signedFixedText(compared.pulses_pct, 4);
    figures.expanded_uncertainty_pct = fixedText(compared.ofRegister.U, 4);
  }
  return { ...verdict, figures };
}

function unusableReadings(position, before, after) {
  const found = [...before.findings[position], ...after.findings[position]];
  if (found.length) return found;
  const nobody = { seconds: "—" };
  if (before.reference_energy_Wh === null || after.reference_energy_Wh === null) return [{ reason: "reference_silent", values: nobody }];
  if (after.reference_energy_Wh <= before.reference_energy_Wh) return [{ reason: "reference_stalled", values: nobody }];
  const [first, last] = [before.registers[position], after.registers[position]];
  const fell = compareFractions(fractionOf(last.total_kWh), fractionOf(first.total_kWh)) < 0;
  if (first.decimals === last.decimals && !fell) return [];
  return [{ reason: "readings_do_not_fit", values: { before: first.total_kWh, after: last.total_kWh } }];
}

function comparedRegisters(run, point, position, before, after) {
  const meter = run.meters.get(position);
  const card = cardAtLoad(run.card, point.load_point, run.ambient_C);
  const [first, last] = [before.registers[position], after.registers[position]];
  const side = nameplateRatio(meter) / 1000;
  const passed_Wh = (after.reference_energy_Wh - before.reference_energy_Wh) / (1 + card.indication_error_pct / 100);
  const reference_kWh = passed_Wh * side;
  const register_kWh = differenceText(last.total_kWh, first.total_kWh);
  const pulses = after.pulses[position];
  const pulses_kWh = pulses / meter.meter_constant_imp_per_kWh;
  const resolution = (kWh) => budgetRow("register_resolution", (100 * kWh) / reference_kWh, { distribution: "triangular", divisor: Math.sqrt(6) });
  const budget = (step_kWh) =>
    combineRows([...rowsOfReferenceCard(card), resolution(step_kWh), resolution(energyStepAt(card, after.reference_energy_Wh) * side)]);
  const told = last.meter_constant_imp_per_kWh;
  return {
    meter,
    decimals: last.decimals,
    register_kWh,
    reference_kWh,
    pulses_kWh,
    register_pct: (Number(register_kWh) / reference_kWh - 1) * 100,
    pulses_pct: (pulses_kWh / reference_kWh - 1) * 100,
    ofRegister: budget(numberOf(lastDigit(last.decimals))),
    ofPulses: budget(1 / meter.meter_constant_imp_per_kWh),
    figures: {
      register_kWh,
      pulses_kWh: fixedText(pulses_kWh, 5),
      reference_kWh: fixedText(reference_kWh, 5),
      pulses: String(pulses),
      measured_constant_imp_per_kWh: fixedText(pulses / reference_kWh, 2),
      configured_constant_imp_per_kWh: generalText(meter.meter_constant_imp_per_kWh, 6),
      read_constant_imp_per_kWh: told === null ? "—" : told,
    },
  };
}

function named(reason, names, figures) {
  return { reason, values: Object.fromEntries(Object.entries(names).map(([value, figure]) => [value, figures[figure]])) };
}

function registerVerdict(run, point, position, compared) {
  const { meter, figures } = compared;
  const mpe = point.mpe.get(position);
  const least = energyOfSmallStep(meter, lastDigit(compared.decimals), partsOfTheClass(run.rules));
  if (isTooCoarse(compared, least, marginPct(meter, mpe))) {
    const values = { needed: leastText(least, meter, compared.decimals), moved: compared.register_kWh };
    return invalidVerdict([{ reason: "register_too_coarse", values }]);
  }
  const disagrees = named("register_disagrees", ENERGIES, figures);
  const step = run.plan.decision_rule === "regulation" ? judgedStep(run.rules, meter.accuracy_class) : null;
  switch (whoIsAlone(compared, mpe === undefined ? 0 : largestPassingNumber(mpe, step))) {
    case "pulses":
      return invalidVerdict([named("constant_differs", CONSTANTS, figures)]);
    case "each":
      return invalidVerdict([disagrees]);
    case "register":
      return mpe === undefined ? unjudged("not_judged", [disagrees]) : plainVerdict("FAIL", [disagrees]);
    default:
      return agreedVerdict(run, compared, mpe, step);
  }
}

function agreedVerdict(run, compared, mpe, step) {
  const suspect = suspectOf(compared.register_pct, compared.meter);
  if (suspect !== null) return invalidVerdict([suspect]);
  if (mpe === undefined) return unjudged("not_judged");
  return verdictByRule(run.plan, compared.register_pct, compared.ofRegister.u, compared.ofRegister.U, mpe, step);
}

/** Whether a last digit could decide: the register moved by too little, and is not so slow that its digits do not matter. */
function isTooCoarse(compared, least, margin_pct) {
  if (compareFractions(fractionOf(compared.register_kWh), least) >= 0) return false;
  return compared.reference_kWh < numberOf(least) || compared.register_pct >= -margin_pct;
}

/** The least energy as it is told: with the register's decimals less those of the class, and more where it has more. */
function leastText(least, meter, decimals) {
  const ofClass = (/\.(\d+)/.exec(meter.accuracy_class) || ["", ""])[1].length;
  let places = Math.max(decimals - ofClass, 0);
  while (places < 28 && (least.n * 10n ** BigInt(places)) % least.d !== 0n) places += 1;
  return exactText(least, places);
}

/** passes_pct: the largest |error| that the rule passes. */
function whoIsAlone(compared, passes_pct) {
  const apart_kWh = Math.abs(compared.pulses_kWh - Number(compared.register_kWh));
  const within_kWh = 10 ** -compared.decimals + 1 / compared.meter.meter_constant_imp_per_kWh;
  if (apart_kWh <= within_kWh) return "nobody";
  if (Math.abs(compared.register_pct) <= passes_pct + compared.ofRegister.U) return "pulses";
  return Math.abs(compared.pulses_pct) <= passes_pct + compared.ofPulses.U ? "register" : "each";
}
