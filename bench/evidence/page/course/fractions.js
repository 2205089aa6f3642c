// Exact numbers, as fractions of two integers of any length. Limits, means and rounding steps are decimals, and what is decided
// by them must not hang on how a binary number comes near to one: 0.15/0.1 is 1.5 here, and a mean of 1.0 and 1.1 is 1.05.
// A measured Number enters as the shortest decimal that reads back as it.

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

export class NoNumber extends Error {}

/** The fraction that a decimal text or a finite Number stands for. Errors: NoNumber. */
export function fractionOf(value) {
  if (value && typeof value.n === "bigint") return value;
  const found = DECIMAL.exec(String(value));
  if (!found) throw new NoNumber(String(value));
  const [, sign, whole, decimals = "", exponent = "0"] = found;
  const places = decimals.length - Number(exponent);
  const digits = BigInt(whole + decimals) * (sign === "-" ? -1n : 1n);
  return places >= 0 ? { n: digits, d: 10n ** BigInt(places) } : { n: digits * 10n ** BigInt(-places), d: 1n };
}

export function plus(a, b) {
  return { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
}

export function minus(a, b) {
  return plus(a, { n: -b.n, d: b.d });
}

export function times(a, b) {
  return { n: a.n * b.n, d: a.d * b.d };
}

export function over(a, b) {
  return b.n < 0n ? { n: -a.n * b.d, d: a.d * -b.n } : { n: a.n * b.d, d: a.d * b.n };
}

export function magnitude(a) {
  return a.n < 0n ? { n: -a.n, d: a.d } : a;
}

/** -1, 0 or 1 where a is below, equal to or above b. */
export function compareFractions(a, b) {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function isAtMost(a, b) {
  return compareFractions(a, b) <= 0;
}

/** a divided by b to a whole number, halves to even. */
function wholeHalfEven(numerator, denominator) {
  const isNegative = numerator < 0n;
  const size = isNegative ? -numerator : numerator;
  let whole = size / denominator;
  const twice = 2n * (size % denominator);
  if (twice > denominator || (twice === denominator && whole % 2n === 1n)) whole += 1n;
  return isNegative ? -whole : whole;
}

/** The nearest Number: forty digits are far more than it holds. */
export function numberOf(a) {
  const size = (a.n < 0n ? -a.n : a.n).toString().length - a.d.toString().length;
  const places = BigInt(Math.max(0, 40 - size));
  return Number(`${wholeHalfEven(a.n * 10n ** places, a.d)}e-${places}`);
}

/** The sum of fractions over their number. */
export function meanOf(fractions) {
  const sum = fractions.reduce(plus, { n: 0n, d: 1n });
  return { n: sum.n, d: sum.d * BigInt(fractions.length) };
}

/** The largest whole number of steps in a value that is not negative. */
export function wholeStepsIn(value, step) {
  const ratio = over(value, step);
  return ratio.n / ratio.d;
}

function decimalText(units, places, isNegative) {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const cut = digits.length - places;
  return (isNegative ? "-" : "") + (places ? `${digits.slice(0, cut)}.${digits.slice(cut)}` : digits);
}

/** A value in whole steps, halves to even, with the decimals of the step's text. A small negative value keeps its sign:
 * -0.0. signed: the same with a plus, which zero has not. */
export function roundedToStep(value, stepText) {
  const step = fractionOf(stepText);
  if (step.n <= 0n) throw new NoNumber(stepText);
  const ratio = over(value, step);
  const steps = wholeHalfEven(ratio.n, ratio.d);
  const places = (String(stepText).split(".")[1] || "").length;
  const rounded = { n: steps * step.n, d: step.d };
  const units = (rounded.n * 10n ** BigInt(places)) / rounded.d;
  const text = decimalText(units, places, value.n < 0n);
  return { fraction: rounded, text, signed: steps > 0n ? `+${text}` : text };
}

/** The fraction that a Number is exactly, bit by bit. */
function exactFractionOf(value) {
  let scale = 0;
  let mantissa = value;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    scale += 1;
  }
  return { n: BigInt(mantissa), d: 2n ** BigInt(scale) };
}

/** A Number with fixed decimals: rounded from all that it is, halves to even, and with its sign where it rounds to zero. */
export function fixedText(value, places) {
  if (!Number.isFinite(value)) return String(value);
  const exact = exactFractionOf(value);
  const units = wholeHalfEven(exact.n * 10n ** BigInt(places), exact.d);
  return decimalText(units, places, value < 0 || Object.is(value, -0));
}

export function signedFixedText(value, places) {
  const text = fixedText(value, places);
  return text.startsWith("-") ? text : `+${text}`;
}

/** As a record has a result: six decimals, and no negative zero; null for nothing. */
export function recordedText(value) {
  if (value === null || value === undefined) return null;
  const text = fixedText(value, 6);
  return /^-0\.0*$/.test(text) ? text.slice(1) : text;
}

/** At most so many significant digits, no zeros behind the last: 0.4, 220, 1e-05, 1.235e+04. */
export function generalText(value, digits) {
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  const withoutZeros = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (power < -4 || power >= digits) {
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${withoutZeros(mantissa)}e${power < 0 ? "-" : "+"}${size}`;
  }
  return withoutZeros(value.toFixed(Math.max(0, digits - 1 - power)));
}

/** A decimal as it was written, without a sign for plus: what two texts with their decimals differ by. places: the larger of
 * the two. */
export function differenceText(one, other) {
  const places = Math.max(...[one, other].map((text) => (String(text).split(".")[1] || "").length));
  const difference = minus(fractionOf(one), fractionOf(other));
  return exactText(difference, places);
}

/** A fraction that has no more than so many decimals. */
export function exactText(fraction, places) {
  const units = (fraction.n * 10n ** BigInt(places)) / fraction.d;
  return decimalText(units, places, fraction.n < 0n);
}
