// Error against load: a row for each load point with the error going to the right, so that the names of many loads have room
// on a phone. Dot, uncertainty bar, limits; a figure that is outside is a diamond, so that colour alone says nothing.
import { drawingWidth, drawn } from "./dom.js";

const ROW = 44;
const RIGHT = 20;
/** Room for the names of the loads: so much for a letter and the gap, and never more than this share of the width. */
const LETTER = 9.5;
const GAP = 14;
const MOST_NAMES = 0.45;
const TOP = 14;
const BOTTOM = 40;
/** The scale shows this many times the widest limit, until something lies outside. */
const BEYOND_LIMIT = 1.5;

/** lines: {load, error, uncertainty, limit} in per cent; uncertainty and limit are null where there is none. */
export function drawErrors(lines, label) {
  const height = TOP + ROW * lines.length + BOTTOM;
  const width = drawingWidth();
  const longest = Math.max(...lines.map(({ load }) => String(load).length));
  const left = Math.min(MOST_NAMES * width, longest * LETTER + 2 * GAP);
  const reach = reachOf(lines);
  const x = (value) => left + ((value + reach) / (2 * reach)) * (width - left - RIGHT);
  const y = (row) => TOP + ROW * (row + 0.5);
  return drawn(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, class: "errors", role: "img", "aria-label": label },
    scale(reach, x, height),
    lines.map((line, row) => rowOf(line, left, x, y(row)))
  );
}

function reachOf(lines) {
  const values = lines.flatMap(({ error, uncertainty, limit }) => [
    (limit || 0) * BEYOND_LIMIT,
    Math.abs(error) + (uncertainty || 0),
  ]);
  const widest = Math.max(...values);
  return widest > 0 ? widest * 1.02 : 1;
}

/** A line every round step, about three on each side of zero. */
function scale(reach, x, height) {
  const rough = reach / 2.5;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((one) => one >= rough);
  const marks = [];
  for (let count = -Math.floor(reach / step); count * step <= reach; count++) marks.push(count * step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  return marks.map((mark) => [
    drawn("line", { class: mark ? "grid" : "zero", x1: x(mark), x2: x(mark), y1: TOP, y2: height - BOTTOM }),
    drawn("text", { class: "tick", x: x(mark), y: height - BOTTOM + 24, "text-anchor": "middle" }, tickText(mark, decimals)),
  ]);
}

function tickText(mark, decimals) {
  const sign = mark > 0 ? "+" : mark < 0 ? "\u2212" : "";
  return `${sign}${Math.abs(mark).toFixed(decimals)}${mark ? "" : " %"}`;
}

function rowOf({ load, error, uncertainty, limit }, left, x, y) {
  const isOutside = limit !== null && Math.abs(error) > limit;
  const spread = uncertainty || 0;
  const [low, high] = [x(error - spread), x(error + spread)];
  const cap = (at) => drawn("line", { class: "bar", x1: at, x2: at, y1: y - 7, y2: y + 7 });
  const edge = (at) => drawn("line", { class: "limit", x1: x(at), x2: x(at), y1: y - 16, y2: y + 16 });
  return [
    drawn("text", { class: "load", x: left - GAP, y: y + 6, "text-anchor": "end" }, load),
    limit === null ? null : [edge(-limit), edge(limit)],
    drawn("line", { class: "bar", x1: low, x2: high, y1: y, y2: y }),
    cap(low),
    cap(high),
    isOutside
      ? drawn("path", { class: "dot outside", d: `M${x(error)} ${y - 9}l9 9-9 9-9-9z` })
      : drawn("circle", { class: "dot", cx: x(error), cy: y, r: 6.5 }),
  ];
}
