// What is recomputed held against what is recorded, figure by figure. A figure that was rounded from a measured number may be one
// unit off in its last decimal, where the number lies on a tie; that is counted apart. Everything else must be the same.

const NUMBER = /^[+-]?(\d+(?:\.(\d+))?(?:[eE][+-]?\d+)?|inf)$/;
/** Read from displays and added up in whole digits, or in whole steps: no rounding can move them. */
const WHOLE_DIGITS = [
  "register_kWh", "total_kWh", "tariffs_kWh", "difference_kWh", "allowed_kWh", "decided_value", "rounded_pct",
  "register", "moved", "needed", "difference", "allowed", "before", "after",
];
const RELATIVE = 1e-9;

export class Comparison {
  constructor() {
    this.differences = [];
    this.ties = 0;
    this.run = "";
  }

  /** recomputed: a text, or a sentence as {key, values}. */
  differs(where, recorded, recomputed) {
    this.differences.push({ where: this.run ? `${this.run}, ${where}` : where, recorded: shownFigure(recorded), recomputed: shownFigure(recomputed) });
  }

  /** Every figure of two values; isExact: the texts are Numbers as they were computed and not as people read them. */
  compare(where, recorded, recomputed, isExact = false) {
    if (isPlain(recorded) && isPlain(recomputed)) {
      for (const key of new Set([...Object.keys(recorded), ...Object.keys(recomputed)])) {
        this.compare(`${where}: ${key}`, recorded[key], recomputed[key], isExact);
      }
    } else if (Array.isArray(recorded) && Array.isArray(recomputed) && recorded.length === recomputed.length) {
      recorded.forEach((each, index) => this.compare(`${where}[${index}]`, each, recomputed[index], isExact));
    } else if (!this.isSame(where.split(": ").pop(), recorded, recomputed, isExact)) {
      this.differs(where, recorded, recomputed);
    }
  }

  isSame(name, recorded, recomputed, isExact) {
    if (recorded === recomputed || (isNothing(recorded) && isNothing(recomputed))) return true;
    const one = NUMBER.exec(String(recorded));
    const other = NUMBER.exec(String(recomputed));
    if (!one || !other) return false;
    const [a, b] = [recorded, recomputed].map((text) => Number(String(text).replace("inf", "Infinity")));
    if (a === b) return true;
    if (isExact) return Math.abs(a - b) <= RELATIVE * Math.max(1, Math.abs(a), Math.abs(b));
    const places = (one[2] || "").length;
    const isTie = places >= 4 && !WHOLE_DIGITS.includes(name) && Math.abs(a - b) <= 1.000001 * 10 ** -places;
    const isShort = name.startsWith("degrees_of_freedom") && Math.abs(a - b) <= 1.000001e-3 * Math.max(a, b);
    if (isTie || isShort) this.ties += 1;
    return isTie || isShort;
  }
}

function isPlain(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNothing(value) {
  return value === null || value === undefined;
}

function shownFigure(value) {
  if (isPlain(value) && value.key !== undefined) return value;
  if (isNothing(value)) return "—";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
