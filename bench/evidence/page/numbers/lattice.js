// Frames of a meter: whether its pulses lie at multiples of a frame only (docs/metrology.md, "The meter's pulses", "Which frame").
import { median, placesWhere, rootMeanSquare, rowOfValues, steps, straightLine, summed, valuesAt } from "./series.js";
import { vectorLength } from "./refresh_clock.js";

const LONGEST_LATTICE_S = 1;
const DECIMAL_FRAMES_S = [1, 0.5, 0.25, 0.2, 0.125, 0.1, 0.05, 0.04, 0.025, 0.02];
const METER_CLOCK_PPM = 150;
const ON_FRAMES = 0.97;
const FRAME_JITTER_S = 0.0005;
const STRAYS_FROM_PULSES = 8;
const STRAY_SCATTERS = 5;
const CERTAIN_FROM_PULSES = 30;
const FIRST_PULSES = 24;
const FIRST_STRENGTH = 0.8;

/** {period_s, strays, text} of the coarsest frame that pulse instants (run time, s) do not exclude, or null. strays: pulses that are not
 * on it though all others are. text: the frame for the record, and whether the pulses prove it or only do not exclude it. */
export function frameOf(pulse_s, mains_Hz) {
  const count = pulse_s.length;
  if (count < 3) return null;
  const allowed = straysAllowed(count);
  const intervals = steps(pulse_s).sort();
  const longest_s = 1.02 * Math.min(LONGEST_LATTICE_S, intervals[Math.min(2 * allowed, count - 2)]);
  const mean = summed(count, (k) => pulse_s[k]) / count;
  const centred = rowOfValues(count, (k) => pulse_s[k] - mean);
  const some = fewOf(centred);
  const span_s = pulse_s[count - 1] - pulse_s[0];
  for (const frame_s of framesToLookFor(mains_Hz)) {
    if (frame_s > longest_s) continue;
    const { start_Hz, spacing_Hz, number } = frequenciesAround(frame_s, span_s);
    if (strongest(some, start_Hz, spacing_Hz, number).strength < FIRST_STRENGTH) continue;
    const best = strongest(centred, start_Hz, spacing_Hz, number).at;
    const { frequency_Hz, phases } = sharpened(centred, start_Hz + spacing_Hz * best, allowed);
    const strays = straysAmong(phases, allowed, FRAME_JITTER_S * frequency_Hz);
    const kept = phases.filter((_, k) => !strays.has(k));
    const least = Math.max(ON_FRAMES, 1 - 2 * ((Math.PI * FRAME_JITTER_S) / frame_s) ** 2);
    if (vectorLength(kept, 1) > least) return frameFound(1 / frequency_Hz, count, strays.size);
  }
  return null;
}

function frameFound(period_s, pulses, strays) {
  return { period_s, strays, text: `frames of ${period_s.toFixed(4)} s ${pulses >= CERTAIN_FROM_PULSES ? "found" : "not excluded"}` };
}

function straysAllowed(pulses) {
  return pulses < STRAYS_FROM_PULSES ? 0 : 1 + Math.floor(pulses / CERTAIN_FROM_PULSES);
}

/** Pulses evenly picked from the row, its first and its last among them. */
function fewOf(at_s) {
  const last = at_s.length - 1;
  const picked = new Set(Array.from({ length: FIRST_PULSES }, (_, k) => (k === FIRST_PULSES - 1 ? last : Math.trunc(k * (last / (FIRST_PULSES - 1))))));
  return Float64Array.from(picked, (k) => at_s[k]);
}

/** Frames (s), the coarsest first: whole half periods of the mains from two on, and decimal ones. */
function framesToLookFor(mains_Hz) {
  const half_s = 0.5 / mains_Hz;
  const frames = new Set(DECIMAL_FRAMES_S);
  for (let k = 2; k <= Math.floor(LONGEST_LATTICE_S / half_s + 0.5); k++) frames.add(Number((half_s * k).toFixed(9)));
  return [...frames].sort((a, b) => b - a);
}

/** Frequencies around 1/frame that a meter's clock may have, fine enough for pulses over span_s. */
function frequenciesAround(frame_s, span_s) {
  const reach_Hz = (METER_CLOCK_PPM * 1e-6) / frame_s;
  const half = Math.ceil(4 * reach_Hz * span_s) + 1;
  return { start_Hz: 1 / frame_s - reach_Hz, spacing_Hz: reach_Hz / half, number: 2 * half + 1 };
}

/** The frequency number `at` with the largest |mean exp(2 pi i f t)|. Each pulse's pointer is turned on from one frequency to the next. */
function strongest(at_s, start_Hz, spacing_Hz, number) {
  const real = new Float64Array(number);
  const imaginary = new Float64Array(number);
  for (const at of at_s) {
    let [x, y] = [Math.cos(2 * Math.PI * start_Hz * at), Math.sin(2 * Math.PI * start_Hz * at)];
    const [turnX, turnY] = [Math.cos(2 * Math.PI * spacing_Hz * at), Math.sin(2 * Math.PI * spacing_Hz * at)];
    for (let k = 0; k < number; k++) {
      real[k] += x;
      imaginary[k] += y;
      const before = x;
      x = x * turnX - y * turnY;
      y = before * turnY + y * turnX;
    }
  }
  let found = { at: 0, strength: -1 };
  for (let k = 0; k < number; k++) {
    const strength = Math.hypot(real[k], imaginary[k]) / at_s.length;
    if (strength > found.strength) found = { at: k, strength };
  }
  return found;
}

/** Phases (turns, -0.5 to 0.5) of instants against their common phase. */
function phasesOf(at_s, frequency_Hz) {
  const angle = (at) => 2 * Math.PI * frequency_Hz * at;
  const common = Math.atan2(summed(at_s.length, (k) => Math.sin(angle(at_s[k]))), summed(at_s.length, (k) => Math.cos(angle(at_s[k]))));
  return rowOfValues(at_s.length, (k) => {
    const turns = (angle(at_s[k]) - common) / (2 * Math.PI);
    return turns - Math.round(turns);
  });
}

/** The frequency moved to where the phases of all pulses but the furthest no longer drift. */
function sharpened(at_s, frequency_Hz, allowed) {
  let phases = phasesOf(at_s, frequency_Hz);
  for (let pass = 0; pass < 3; pass++) {
    const limit = phases.map(Math.abs).sort()[phases.length - 1 - allowed];
    const near = placesWhere(phases.length, (k) => Math.abs(phases[k]) <= limit);
    frequency_Hz -= straightLine(valuesAt(at_s, near), valuesAt(phases, near)).slope;
    phases = phasesOf(at_s, frequency_Hz);
  }
  return { frequency_Hz, phases };
}

/** Which pulses are off by far more than the others scatter: of the allowed number furthest off. */
function straysAmong(phases, allowed, jitter_turns) {
  const byDistance = placesWhere(phases.length, () => true).sort((i, j) => Math.abs(phases[i]) - Math.abs(phases[j]));
  const others = valuesAt(phases, byDistance.slice(0, phases.length - allowed));
  const centre = median(others);
  const scatter = rootMeanSquare(others.map((phase) => phase - centre));
  const furthest = byDistance.slice(phases.length - allowed);
  return new Set(furthest.filter((k) => Math.abs(phases[k] - centre) > STRAY_SCATTERS * Math.max(scatter, jitter_turns)));
}
