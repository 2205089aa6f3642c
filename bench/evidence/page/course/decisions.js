// An error held against its limit by the rule that was chosen before the measurement (docs/metrology.md, "Choice and decision").
// Comparisons are made in the decimals that the figures print as.
import { coverageFactor } from "../numbers/budget.js";
import {
  compareFractions, fixedText, fractionOf, generalText, isAtMost, magnitude, minus, numberOf, over, plus, recordedText,
  roundedToStep, signedFixedText, times, wholeStepsIn,
} from "./fractions.js";

const HALF = fractionOf("0.5");

/** P(Z > z) of a normal distribution: a power series near the middle, a continued fraction in the tail. */
export function normalTail(z) {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > 40) return 0;
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let k = 1; Math.abs(term) > 1e-18 * Math.abs(sum); k++) sum += term *= (z * z) / (2 * k + 1);
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let k = 120; k >= 1; k--) fraction = z + k / fraction;
  return density / fraction;
}

/** Probability that the true value lies within the limits: Phi((L - y)/u) - Phi((-L - y)/u). */
export function conformityOf(value, u, limit) {
  if (u === 0) return Math.abs(value) <= limit ? 1 : 0;
  const size = Math.abs(value);
  return Math.max(0, 1 - normalTail((limit - size) / u) - normalTail((limit + size) / u));
}

/** A value with its u and U held against a limit (a fraction, +-) by a rule; step: text of the rounding step, for `regulation`. */
export function decide(value, u, U, limit, rule, step) {
  const rounded = rule === "regulation" ? roundedToStep(fractionOf(value), step) : null;
  const size = magnitude(rounded ? rounded.fraction : fractionOf(value));
  const guard = rule === "guarded" || rule === "four-way" ? fractionOf(U) : fractionOf(0);
  const accepted = minus(limit, guard);
  const passes = isAtMost(size, rule === "four-way" ? limit : accepted);
  return {
    outcome: passes ? "PASS" : "FAIL",
    conditional: rule === "four-way" && compareFractions(size, accepted) > 0 && isAtMost(size, plus(limit, guard)),
    accepted: numberOf(accepted),
    probability: conformityOf(value, u, numberOf(limit)),
    isTooWide: rule === "guarded" && isAtMost(limit, guard),
    isBeyondLimit: compareFractions(size, limit) > 0,
    rounded,
  };
}

/** The verdict of a value by the plan's rule. unit: "%" or "s/d"; what is in s/d has no figures in %. remarks: findings that are told
 * beside it. beyond: reason of a value beyond its limit. */
export function verdictByRule(plan, value, u, U, limit, step, { unit = "%", remarks = [], beyond = "error_beyond_limit" } = {}) {
  const rule = plan.decision_rule;
  const isPct = unit === "%";
  const mpe = isPct ? recordedText(numberOf(limit)) : null;
  const decision = decide(value, u, U, limit, rule, step);
  if (decision.isTooWide) {
    const values = { U: fixedText(U, 3), limit: generalText(numberOf(limit), 6) };
    return invalidVerdict([{ reason: "guard_band_too_wide", values }], mpe, rule);
  }
  const judged = decision.rounded ? decision.rounded.signed : signedFixedText(value, 4);
  const why = decision.outcome === "PASS" ? [] : [whyFailed(decision, judged, limit, unit, beyond)];
  return {
    ...plainVerdict(decision.outcome, [...why, ...remarks]),
    decision_rule: rule,
    mpe_pct: mpe,
    conditional: decision.conditional,
    probability_of_conformity: recordedText(decision.probability),
    acceptance_limit_pct: isPct ? recordedText(decision.accepted) : null,
    decided_value: isPct && decision.rounded ? decision.rounded.text : null,
  };
}

function whyFailed(decision, judged, limit, unit, beyond) {
  if (decision.isBeyondLimit) return beyondLimit(judged, limit, beyond);
  const values = { error: judged, limit: generalText(numberOf(limit), 6), accepted: fixedText(decision.accepted, 4), unit };
  return { reason: "error_in_guard_band", values };
}

export function beyondLimit(judged, limit, reason = "error_beyond_limit") {
  return { reason, values: { error: judged, limit: generalText(numberOf(limit), 6) } };
}

/** A verdict as its record has it, of what is counted, read, looked at, or not judged at all. */
export function plainVerdict(outcome, findings = []) {
  return {
    verdict: outcome,
    decision_rule: "",
    mpe_pct: null,
    conditional: false,
    probability_of_conformity: null,
    acceptance_limit_pct: null,
    decided_value: null,
    findings,
  };
}

export function invalidVerdict(findings, mpe_pct = null, decision_rule = "") {
  return { ...plainVerdict("INVALID", findings), mpe_pct, decision_rule };
}

export function unjudged(reason, beside = []) {
  return plainVerdict("UNJUDGED", [{ reason, values: {} }, ...beside]);
}

/** The largest unrounded value that rounds to within a limit, as {end, isItself}: half a step beyond the whole steps in the limit,
 * and that end itself only where they are even. Without a step the limit. */
export function largestPassing(limit, step) {
  if (step === null) return { end: limit, isItself: true };
  const steps = wholeStepsIn(limit, fractionOf(step));
  return { end: times(plus({ n: steps, d: 1n }, HALF), fractionOf(step)), isItself: steps % 2n === 0n };
}

/** The same as a Number. */
export function largestPassingNumber(limit, step) {
  const { end, isItself } = largestPassing(limit, step);
  const number = numberOf(end);
  return isItself ? number : justBelow(number);
}

/** The next Number below a positive one. */
function justBelow(number) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  view.setBigUint64(0, view.getBigUint64(0) - 1n);
  return view.getFloat64(0);
}

/** Declared looks (s after the run began): the shortest time, doubled up to five times, none beyond the longest. */
export function declaredLooks(plan) {
  if (!plan.early_stop) return [];
  return [0, 1, 2, 3, 4, 5].map((k) => plan.minimum_time_s * 2 ** k).filter((at_s) => at_s <= plan.longest_time_s);
}

const RISK_ONE_SIDE = 0.02275;

/** PASS or FAIL where one of so many looks decides already, null where it does not. end: the largest |error| that the ordinary rule
 * passes, as a Number. */
export function earlyDecision(error, u, dof, end, looks) {
  const reach = coverageFactor(dof, 1 - (2 * RISK_ONE_SIDE) / looks) * u;
  if (Math.abs(error) + reach <= end) return "PASS";
  return Math.abs(error) - reach > end ? "FAIL" : null;
}

/** Whether a mean (Number) lies so near its limit that the rule set asks for further runs, and has not had them yet. */
export function wantsMoreRuns(rules, count, mean, limit) {
  const again = rules.remeasure;
  const repeats = rules.measurements ? rules.measurements.repeats : 1;
  if (!again || count >= repeats + again.more) return false;
  const ratio = over(magnitude(fractionOf(mean)), limit);
  return isAtMost(fractionOf(again.lower), ratio) && isAtMost(ratio, fractionOf(again.upper));
}
