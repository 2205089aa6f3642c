// The course of one window: the power at the reference as a line over time, the pulses of the meter as ticks below it.
import { drawingWidth, drawn, element } from "./dom.js";
import { say } from "./language.js";

const HEIGHT = 170;
const LEFT = 84;
const RIGHT = 14;
const TOP = 12;
const FLOOR = 112;
const TICKS = [118, 134];
/** More points than this are no longer seen: every so-many-th stands for its neighbours, with their extremes. */
const MOST_POINTS = 600;

/** window: {record, loadPoint, position, series: {power: [[s, W]], pulses: [s]}}. */
export function courseView({ record, loadPoint, position, series }) {
  const power = series.power.filter(([at, watts]) => Number.isFinite(at) && Number.isFinite(watts));
  if (!power.length) return null;
  const caption = say("course_caption", { number: record, load: loadPoint, position: say("position", { position }) });
  return element("figure", {}, drawCourse(power, series.pulses, caption), element("figcaption", {}, caption, " ", courseFacts(power, series.pulses)));
}

function courseFacts(power, pulses) {
  const watts = power.map(([, each]) => each);
  const mean = watts.reduce((sum, each) => sum + each, 0) / watts.length;
  const seconds = power[power.length - 1][0] - power[0][0];
  const rounded = { mean: mean.toFixed(1), low: least(watts).toFixed(1), high: greatest(watts).toFixed(1), seconds: seconds.toFixed(1) };
  return element("span", { class: "soft" }, say("course_facts", { pulses: pulses.length, ...rounded }));
}

function least(values) {
  return values.reduce((one, other) => Math.min(one, other));
}

function greatest(values) {
  return values.reduce((one, other) => Math.max(one, other));
}

function drawCourse(power, pulses, label) {
  const times = power.map(([at]) => at).concat(pulses);
  const [first, last] = [least(times), greatest(times)];
  const watts = power.map(([, each]) => each);
  // A steady load fills the height only as far as it moves by a hundredth: noise is not to look like unrest.
  const room = Math.max(greatest(watts) - least(watts), 0.01 * Math.abs(greatest(watts)), 1e-6);
  const middle = (greatest(watts) + least(watts)) / 2;
  const width = drawingWidth();
  const x = (at) => LEFT + ((at - first) / (last - first || 1)) * (width - LEFT - RIGHT);
  const y = (each) => TOP + (0.5 - (each - middle) / (1.2 * room)) * (FLOOR - TOP);
  const line = thinned(power).map(([at, each]) => `${x(at).toFixed(1)},${y(each).toFixed(1)}`);
  const level = (value) => [
    drawn("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
    drawn("text", { class: "tick", x: LEFT - 8, y: y(value) + 5, "text-anchor": "end" }, `${wattText(value, room)} W`),
  ];
  const time = (at, anchor) => drawn("text", { class: "tick", x: x(at), y: HEIGHT - 10, "text-anchor": anchor }, `${at.toFixed(0)} ${say("seconds")}`);
  const marks = pulses.map((at) => `M${x(at).toFixed(1)} ${TICKS[0]}V${TICKS[1]}`);
  return drawn(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT}`, class: "course", role: "img", "aria-label": label },
    level(middle + room / 2),
    level(middle - room / 2),
    drawn("polyline", { class: "power", points: line.join(" ") }),
    drawn("path", { class: "pulses", d: marks.join("") }),
    time(first, "start"),
    time(last, "end")
  );
}

function wattText(value, room) {
  return value.toFixed(Math.max(0, Math.min(3, 1 - Math.floor(Math.log10(room)))));
}

function thinned(points) {
  const share = Math.ceil(points.length / MOST_POINTS);
  if (share < 2) return points;
  const kept = [];
  for (let at = 0; at < points.length; at += share) {
    const part = points.slice(at, at + share);
    const low = part.reduce((one, other) => (other[1] < one[1] ? other : one));
    const high = part.reduce((one, other) => (other[1] > one[1] ? other : one));
    kept.push(...(low[0] < high[0] ? [low, high] : [high, low]));
  }
  return kept;
}
