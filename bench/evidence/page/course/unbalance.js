// The error with one phase loaded minus that with balanced load, at Ib (In) and power factor 1 (docs/metrology.md, "One phase loaded").
// The test point that is concluded later carries the judgement.
import { fractionOf, isAtMost, magnitude, minus, roundedToStep } from "./fractions.js";
import { isAtRatedLoad } from "./plan.js";

const JUDGED = ["PASS", "FAIL"];

export class UnbalanceErrors {
  /** takenOver: [{point, position, outcome, mean_pct}] of an earlier run. */
  constructor(run, takenOver) {
    this.run = run;
    this.known = new Map([...run.meters.keys()].map((position) => [position, new Map()]));
    for (const { point, position, outcome, mean_pct } of takenOver) {
      const planned = run.points[point];
      if (mean_pct !== null && JUDGED.includes(outcome) && planned && this.isMeant(planned, position)) {
        this.known.get(position).set(planned.load_point.loaded_phase, Number(mean_pct));
      }
    }
  }

  isMeant(point, position) {
    const meter = this.run.meters.get(position);
    return point.item === "basic_error" && meter !== undefined && isAtRatedLoad(point.load_point, meter);
  }

  /** The conclusion with the difference in its figures, and FAIL where that is too large. */
  judge(point, position, concluded) {
    const mean = concluded.meanNumber;
    if (!JUDGED.includes(concluded.verdict) || typeof mean !== "number" || !this.isMeant(point, position)) return concluded;
    const phase = point.load_point.loaded_phase;
    const errors = this.known.get(position);
    errors.set(phase, mean);
    const alone = [...errors.keys()].filter((one) => one !== "" && (phase === "" || phase === one));
    const limits = this.run.rules.unbalance ? this.run.rules.unbalance.mpe_pct : {};
    const limit = limits[this.run.meters.get(position).accuracy_class];
    if (!errors.has("") || !alone.length || limit === undefined) return concluded;
    return this.judged(concluded, errors, alone, limit);
  }

  judged(concluded, errors, alone, limit) {
    const off = (phase) => Math.abs(errors.get(phase) - errors.get(""));
    const phase = alone.reduce((worst, one) => (off(one) > off(worst) ? one : worst));
    const difference = minus(fractionOf(errors.get(phase)), fractionOf(errors.get("")));
    const told = {
      unbalance_phase: phase,
      unbalance_pct: signedFourDecimals(difference),
      unbalance_limit_pct: String(limit),
    };
    const figures = { ...concluded.figures, ...told };
    if (isAtMost(magnitude(difference), fractionOf(limit))) return { ...concluded, figures };
    const values = { phase, difference: told.unbalance_pct, limit: told.unbalance_limit_pct };
    const findings = [{ reason: "unbalance", values }, ...concluded.findings];
    return { ...concluded, figures, verdict: "FAIL", conditional: false, findings, probability_of_conformity: null };
  }
}

function signedFourDecimals(difference) {
  const { text } = roundedToStep(difference, "0.0001");
  return text.startsWith("-") ? text : `+${text}`;
}
