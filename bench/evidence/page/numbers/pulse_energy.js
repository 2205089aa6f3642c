// The meter's pulses and what an energy curve says between them (docs/metrology.md, "The meter's pulses").
import { linesBetween } from "./gates.js";
import { frameOf } from "./lattice.js";
import { runSeconds } from "./refresh_clock.js";
import { placesWhere, readCurve, rowOfValues, valuesAt } from "./series.js";

export const STAMP_JITTER_S = 20e-6;
export const METER_LAG_U_S = 1 / Math.sqrt(3);
const GATE_WIDENINGS = [1, 2, 4];

/** How far (s) the load's pulsation moves a pulse at most: 1/(4 pi f PF); 0 for balanced phases. */
function pulsationOf(load) {
  if (load.wiring !== "1p2w" && !load.loaded_phase) return 0;
  return 1 / (4 * Math.PI * Number(load.frequency_Hz) * Number(load.power_factor));
}

/** The pulses (bench time, ns) that a curve from first_s to last_s (run time) can be read at; on a lattice the whole gate of a pulse must
 * lie inside. {at_ns, at_s, frame (or null), frame_s (or 0), pulsation_s, intervals, duration_s, window}. */
export function pulsesBetween(at_ns, origin_ns, first_s, last_s, load) {
  const at_s = runSeconds(at_ns, origin_ns);
  const pulsation_s = pulsationOf(load);
  let inside = placesWhere(at_s.length, (k) => at_s[k] >= first_s && at_s[k] <= last_s);
  const frame = frameOf(valuesAt(at_s, inside), Number(load.frequency_Hz));
  if (frame !== null) {
    const margin_s = 4 * (pulsation_s + 0.01);
    inside = placesWhere(at_s.length, (k) => at_s[k] - frame.period_s - margin_s >= first_s && at_s[k] + margin_s <= last_s);
  }
  const [chosen_ns, chosen_s] = [valuesAt(at_ns, inside), valuesAt(at_s, inside)];
  const last = inside.length - 1;
  return {
    at_ns: chosen_ns,
    at_s: chosen_s,
    frame,
    frame_s: frame === null ? 0 : frame.period_s,
    pulsation_s,
    intervals: last,
    duration_s: chosen_s[last] - chosen_s[0],
    window: last > 0 ? { first_ns: chosen_ns[0], last_ns: chosen_ns[last], intervals: last } : null,
  };
}

/** {energy_Wh, u (relative), distribution}: energy of a curve {at_s, energy_Wh} over the window of the pulses, with the uncertainty of
 * their timing alone. noise_s: how far the curve may be off locally, as time. */
export function energyOverPulses(pulses, curve, noise_s = 0) {
  const { at_s, frame_s, pulsation_s, intervals, duration_s } = pulses;
  const energyAt = (at) => readCurve(curve.at_s, curve.energy_Wh, at);
  if (pulses.frame !== null) {
    const margin_s = pulsation_s + noise_s + 3 * STAMP_JITTER_S;
    for (const widening of GATE_WIDENINGS) {
      const lower = at_s.map((at) => energyAt(at - frame_s - widening * margin_s));
      const upper = at_s.map((at) => energyAt(at + widening * margin_s));
      const lines = linesBetween(rowOfValues(at_s.length, (k) => k), lower, upper);
      if (lines) return { energy_Wh: lines.slope * intervals, u: lines.u / lines.slope, distribution: `set membership, ${pulses.frame.text}` };
    }
  }
  const end_s = Math.sqrt(frame_s ** 2 / 12 + 0.5 * pulsation_s ** 2 + STAMP_JITTER_S ** 2);
  return { energy_Wh: energyAt(at_s[intervals]) - energyAt(at_s[0]), u: (Math.SQRT2 * end_s) / duration_s, distribution: "normal" };
}
