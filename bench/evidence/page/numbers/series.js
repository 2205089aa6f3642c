// Sums, means, medians, straight lines and look-ups in ascending rows of numbers: what all other modules of the arithmetic use.
// Sums carry the part that rounding loses (Neumaier), so that their last digits do not hang on the order of what is summed.

/** Sum of `count` values; at(k) gives the value number k. */
export function summed(count, at) {
  let sum = 0;
  let lost = 0;
  for (let k = 0; k < count; k++) {
    const value = at(k);
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** `count` values as a row; at(k) gives the value number k. */
export function rowOfValues(count, at) {
  const row = new Float64Array(count);
  for (let k = 0; k < count; k++) row[k] = at(k);
  return row;
}

/** The numbers k below `count` for which something holds. */
export function placesWhere(count, holds) {
  const places = [];
  for (let k = 0; k < count; k++) if (holds(k)) places.push(k);
  return places;
}

/** The values at some places. */
export function valuesAt(values, places) {
  return rowOfValues(places.length, (k) => values[places[k]]);
}

export function average(values) {
  return summed(values.length, (k) => values[k]) / values.length;
}

/** Mean square of the deviations from the mean (over n, not n - 1). */
export function variance(values) {
  const mean = average(values);
  return summed(values.length, (k) => (values[k] - mean) ** 2) / values.length;
}

export function rootMeanSquare(values) {
  return Math.sqrt(summed(values.length, (k) => values[k] ** 2) / values.length);
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values) {
  const row = Float64Array.from(values);
  const half = row.length >> 1;
  const upper = ranked(row, half);
  // All that comes before the place `half` is now no larger than what stands there.
  return row.length % 2 || !row.length ? upper : 0.5 * (upper + largest(row.subarray(0, half)));
}

/** The value that would stand at a place of the sorted row, which is put there, smaller ones before it (Hoare's selection). */
function ranked(row, place) {
  let [low, high] = [0, row.length - 1];
  while (low < high) {
    const pivot = row[(low + high) >> 1];
    let [i, j] = [low, high];
    while (i <= j) {
      while (row[i] < pivot) i++;
      while (row[j] > pivot) j--;
      if (i <= j) {
        const value = row[i];
        row[i++] = row[j];
        row[j--] = value;
      }
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else break;
  }
  return place < row.length ? row[place] : NaN;
}

/** From each value to the next: one fewer. */
export function steps(values) {
  return rowOfValues(Math.max(values.length - 1, 0), (k) => values[k + 1] - values[k]);
}

export function largest(values) {
  let most = -Infinity;
  for (let k = 0; k < values.length; k++) if (values[k] > most) most = values[k];
  return most;
}

export function smallest(values) {
  let least = Infinity;
  for (let k = 0; k < values.length; k++) if (values[k] < least) least = values[k];
  return least;
}

/** Index of the largest value, the first of equals. */
export function indexOfLargest(values) {
  let best = 0;
  for (let k = 1; k < values.length; k++) if (values[k] > values[best]) best = k;
  return best;
}

/** y = intercept + slope x by least squares; spread: sum of (x - mean x)^2. A flat line where all x are equal. */
export function straightLine(x, y) {
  const [meanX, meanY] = [average(x), average(y)];
  const spread = summed(x.length, (k) => (x[k] - meanX) ** 2);
  const product = summed(x.length, (k) => (x[k] - meanX) * (y[k] - meanY));
  const slope = spread ? product / spread : 0;
  return { intercept: meanY - slope * meanX, slope, spread };
}

/** What a line leaves of each y. */
export function leftOver(line, x, y) {
  return rowOfValues(x.length, (k) => y[k] - line.intercept - line.slope * x[k]);
}

/** How many of the ascending values are below `value`; with equals: below it or equal to it. */
export function countBelow(values, value, withEquals = false) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value || (withEquals && values[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A broken line through (x, y), x ascending, read at a place; beyond its ends that of the end. */
export function readCurve(x, y, place) {
  const last = x.length - 1;
  if (place >= x[last]) return y[last];
  const after = countBelow(x, place, true);
  if (after === 0) return y[0];
  const share = (place - x[after - 1]) / (x[after] - x[after - 1]);
  return y[after - 1] + share * (y[after] - y[after - 1]);
}
