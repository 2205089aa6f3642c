// All straight lines y = a + b x that pass between a lower and an upper bound at each x, and what they say of the slope
// (docs/metrology.md, "Lines between bounds"). For one b the intercepts fill an interval of the length
//     w(b) = min(upper - b x) - max(lower - b x),
// which, where positive, is the density of b. Over the plane of (b, a) each bound is a line; the envelopes of the two families are
// built once, in one pass, and w is read between their corners.
import { countBelow, leftOver, rowOfValues, straightLine, summed, valuesAt } from "./series.js";

const SLOPES = 65;
const MOST_LOOKS = 40;

/** The highest (or the lowest) of the lines a = y - b x at each b: those that rule somewhere, from the smallest b on, and from which
 * b on each of them rules. place(n): which line comes as number n where all of them rule. */
function envelopeOf(x, y, place) {
  const ruling = [];
  const from = [];
  for (let n = 0; n < x.length; n++) {
    const k = place(n);
    let begins = -Infinity;
    while (ruling.length) {
      const before = ruling[ruling.length - 1];
      begins = (y[k] - y[before]) / (x[k] - x[before]);
      if (begins > from[from.length - 1]) break;
      ruling.pop();
      from.pop();
      begins = -Infinity;
    }
    ruling.push(k);
    from.push(begins);
  }
  return { from, at: valuesAt(x, ruling), level: valuesAt(y, ruling) };
}

function readEnvelope({ from, at, level }, slope) {
  const k = countBelow(from, slope, true) - 1;
  return level[k] - slope * at[k];
}

/** The lines with lower <= a + b x <= upper: {slope, u, intercept}, slope and u the mean and the standard deviation of b over all of
 * them, intercept the middle of the admissible a at that b; null where there is no such line. x strictly ascending, two at least. */
export function linesBetween(x, lower, upper) {
  const middleX = 0.5 * (x[0] + x[x.length - 1]);
  const centred = rowOfValues(x.length, (k) => x[k] - middleX);
  const trend = straightLine(centred, rowOfValues(x.length, (k) => 0.5 * (lower[k] + upper[k])));
  const without = (bound) => leftOver(trend, centred, bound);
  const [low, high] = [without(lower), without(upper)];
  const floor = envelopeOf(centred, low, (k) => x.length - 1 - k);
  const ceiling = envelopeOf(centred, high, (k) => k);
  const gap = (slope) => readEnvelope(ceiling, slope) - readEnvelope(floor, slope);
  let widest = 0;
  for (let k = 0; k < x.length; k++) widest = Math.max(widest, upper[k] - lower[k]);
  const reach = (3 * widest) / (x[x.length - 1] - x[0]) + 1e-12 * (Math.abs(trend.slope) + 1e-300);
  const slopes = admissibleSlopes(gap, reach);
  if (slopes === null) return null;
  const density = slopes.map((slope) => Math.max(gap(slope), 0));
  const total = summed(density.length, (k) => density[k]);
  const mean = summed(slopes.length, (k) => (density[k] / total) * slopes[k]);
  const spread = summed(slopes.length, (k) => (density[k] / total) * (slopes[k] - mean) ** 2);
  const middle = 0.5 * (readEnvelope(floor, mean) + readEnvelope(ceiling, mean));
  const slope = trend.slope + mean;
  return { slope, u: Math.sqrt(spread), intercept: trend.intercept + middle - slope * middleX };
}

/** 65 evenly spaced slopes that just enclose all with w > 0, so that half of them lie inside; null where none is admissible. The
 * digits of mean and standard deviation rest on these very slopes, so how they are found belongs to the definition. */
function admissibleSlopes(gap, reach) {
  let [left, right] = [-reach, reach];
  for (let look = 0; look < MOST_LOOKS; look++) {
    const slopes = Array.from({ length: SLOPES }, (_, k) => left + (right - left) * (k / (SLOPES - 1)));
    const gaps = slopes.map(gap);
    const first = gaps.findIndex((w) => w > 0);
    const last = gaps.findLastIndex((w) => w > 0);
    const spacing = slopes[1] - slopes[0];
    if (first < 0) {
      const peak = gaps.indexOf(Math.max(...gaps));
      const isBetween = peak > 0 && peak < SLOPES - 1;
      if (isBetween && spacing < 1e-6 * reach) return null;
      const half = isBetween ? 2 * spacing : right - left;
      [left, right] = [slopes[peak] - half, slopes[peak] + half];
    } else if (first === 0 || last === SLOPES - 1) {
      [left, right] = [left - (right - left), right + (right - left)];
    } else if (gaps.filter((w) => w > 0).length >= SLOPES >> 1) {
      return slopes;
    } else {
      [left, right] = [slopes[first - 1], slopes[last + 1]];
    }
  }
  return null;
}
