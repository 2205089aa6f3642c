// The narrowest straight strip that contains points: how far a relation is from linear, with no assumption of noise. The width over
// the slope is convex and bends only at slopes of edges of the points' convex hull, so the least width is at one of those or at the
// steepest slope that is allowed.
import { indexOfLargest, placesWhere, rowOfValues, straightLine, valuesAt } from "./series.js";

const STEEPEST = 1;

/** Corners of the convex hull's upper (side 1) or lower (side -1) boundary; order: indices by ascending x. */
function boundary(x, y, order, side) {
  const corners = [];
  for (const k of order) {
    while (corners.length > 1) {
      const [a, b] = [corners[corners.length - 2], corners[corners.length - 1]];
      if (side * ((x[b] - x[a]) * (y[k] - y[a]) - (y[b] - y[a]) * (x[k] - x[a])) < 0) break;
      corners.pop();
    }
    corners.push(k);
  }
  return corners;
}

function isAscending(values) {
  for (let k = 1; k < values.length; k++) if (values[k] < values[k - 1]) return false;
  return true;
}

/** Vertical width of the narrowest strip around points (x, y) with a slope from -1 to 1. */
export function narrowestStrip(x, y) {
  const order = placesWhere(x.length, () => true);
  if (!isAscending(x)) order.sort((i, j) => x[i] - x[j]);
  const [above, below] = [boundary(x, y, order, 1), boundary(x, y, order, -1)];
  const width = (slope) => {
    let [highest, lowest] = [-Infinity, Infinity];
    for (const k of above) highest = Math.max(highest, y[k] - slope * x[k]);
    for (const k of below) lowest = Math.min(lowest, y[k] - slope * x[k]);
    return highest - lowest;
  };
  const slopes = [-STEEPEST, STEEPEST];
  for (const corners of [above, below]) {
    for (let k = 1; k < corners.length; k++) {
      const [a, b] = [corners[k - 1], corners[k]];
      const slope = (y[b] - y[a]) / (x[b] - x[a]);
      if (Math.abs(slope) < STEEPEST) slopes.push(slope);
    }
  }
  slopes.sort((a, b) => a - b);
  // Convex: the least of the sorted candidates is found by halving towards the smaller neighbour.
  let [low, high] = [0, slopes.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (width(slopes[middle]) > width(slopes[middle + 1])) low = middle + 1;
    else high = middle;
  }
  return width(slopes[low]);
}

/** {width, highest}: of the strip around all points but the one that is furthest above their line, and which one that is. More than
 * two points. */
export function stripWithoutHighest(x, y) {
  const { slope } = straightLine(x, y);
  const highest = indexOfLargest(rowOfValues(x.length, (k) => y[k] - slope * x[k]));
  const others = placesWhere(x.length, (k) => k !== highest);
  const rest = (values) => valuesAt(values, others);
  return { width: narrowestStrip(rest(x), rest(y)), highest };
}
