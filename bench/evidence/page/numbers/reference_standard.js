// The reference standard's card as it holds at a load point (docs/metrology.md, "The reference standard at a load point").

const SAME_PLACE = 1e-3;
const SAME_VOLTAGE = 0.1;
const CARD_DEFAULTS = {
  power_lag_s: 0,
  power_lag_u_s: 0,
  indication_error_pct: 0,
  calibration_U_pct: 0,
  coverage_factor: 2,
  drift_pct: 0,
  stability_pct: 0,
  power_gain_limit_pct: 0.2,
  energy_register_unit_Wh: 1,
  reference_pulse_divider: 1,
  interpolation_pct: 0,
  certificate_temperature_C: 23,
  temperature_coefficient_pct_per_K: 0,
  certificate_voltage_V: 0,
  voltage_coefficient_pct_per_V: 0,
  temperature_off_K: 0,
  voltage_off_V: 0,
};
const CARD_NEEDS = ["accuracy_class_pct", "energy_step_Wh", "refresh_s", "power_step_W"];

/** A card of a record, or one that was read, with its figures as Numbers; a record that is older than a figure has its default. */
export function readCard(recorded) {
  const card = { ...CARD_DEFAULTS, lag_known: true, energy_is_float32: false, corrections: [], ...recorded };
  for (const name of [...Object.keys(CARD_DEFAULTS), ...CARD_NEEDS]) card[name] = Number(card[name]);
  const constant = card.reference_pulse_constant_imp_per_Wh ?? null;
  card.reference_pulse_constant_imp_per_Wh = constant === null ? null : Number(constant);
  card.corrections = card.corrections.map((point) => ({
    phase_side: point.phase_side ?? "",
    voltage_V: Number(point.voltage_V ?? 0),
    current_A: Number(point.current_A),
    power_factor: Number(point.power_factor),
    indication_error_pct: Number(point.indication_error_pct),
    U_pct: Number(point.U_pct),
  }));
  return card;
}

/** The card as it holds at a load point of a record: one error of indication with its U and what interpolating may be off.
 * ambient_C: temperature at the bench, or null. */
export function cardAtLoad(recorded, load, ambient_C) {
  const card = readCard(recorded);
  const current_A = Number(load.current_A);
  if (card.corrections.length && (load.quantity ?? "active") === "active" && current_A > 0) {
    const table = pointsAtVoltage(card.corrections, Number(load.voltage_V));
    const found = betweenPowerFactors(table, load.phase_side ?? "", Number(load.power_factor), current_A);
    card.certificate_voltage_V = table[0].voltage_V || card.certificate_voltage_V;
    card.indication_error_pct = found.error;
    card.calibration_U_pct = found.U;
    card.interpolation_pct = 0.5 * (found.highest - found.lowest);
  }
  if (card.temperature_coefficient_pct_per_K && ambient_C !== null) card.temperature_off_K = Math.abs(ambient_C - card.certificate_temperature_C);
  if (card.voltage_coefficient_pct_per_V && card.certificate_voltage_V) card.voltage_off_V = Math.abs(Number(load.voltage_V) - card.certificate_voltage_V);
  return card;
}

/** The points stated at the nearest voltage, where that is within a tenth; else those of any voltage; else the nearest one's. */
function pointsAtVoltage(corrections, voltage_V) {
  const distance = (point) => Math.abs(point.voltage_V - voltage_V);
  const stated = corrections.filter((point) => point.voltage_V > 0).sort((a, b) => distance(a) - distance(b) || a.voltage_V - b.voltage_V);
  const ofAny = corrections.filter((point) => point.voltage_V === 0);
  if (!stated.length || (Math.abs(stated[0].voltage_V / voltage_V - 1) > SAME_VOLTAGE && ofAny.length)) return ofAny;
  return corrections.filter((point) => point.voltage_V === stated[0].voltage_V);
}

/** Linearly in the power factor between curves over the logarithm of the current; 1.0 is the end of either side. */
function betweenPowerFactors(table, side, factor, current_A) {
  const ofSide = table.filter((point) => point.phase_side === "" || point.phase_side === side);
  const used = ofSide.length ? ofSide : table;
  const factors = [...new Set(used.map((point) => point.power_factor))];
  const curves = factors.map((at) => {
    const points = used.filter((point) => point.power_factor === at);
    const ends = points.map(({ current_A: at_A, indication_error_pct: error, U_pct: U }) => ({
      place: Math.log(at_A),
      value: { error, U, lowest: error, highest: error },
    }));
    return { place: at, value: betweenPoints(Math.log(current_A), ends) };
  });
  return betweenPoints(factor, curves);
}

/** The value at a place between its neighbours; one that is hit stands alone, and beyond the ends the last one holds. U is the larger of
 * the neighbours', and their range grows together. */
function betweenPoints(place, points) {
  const sorted = points.slice().sort((a, b) => a.place - b.place);
  const nearest = sorted.reduce((best, point) => (Math.abs(point.place - place) < Math.abs(best.place - place) ? point : best));
  const above = sorted.findIndex((point) => point.place > place);
  if (Math.abs(nearest.place - place) <= SAME_PLACE || above <= 0) return nearest.value;
  const [low, high] = [sorted[above - 1], sorted[above]];
  const share = (place - low.place) / (high.place - low.place);
  return {
    error: low.value.error * (1 - share) + high.value.error * share,
    U: Math.max(low.value.U, high.value.U),
    lowest: Math.min(low.value.lowest, high.value.lowest),
    highest: Math.max(low.value.highest, high.value.highest),
  };
}

/** r at a reading (Wh): a float32 register's values lie further apart the more it has counted. */
export function energyStepAt(card, reading_Wh) {
  if (!card.energy_is_float32) return card.energy_step_Wh;
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, Math.abs(reading_Wh) / card.energy_register_unit_Wh);
  const shown = view.getFloat32(0);
  view.setUint32(0, view.getUint32(0) + 1);
  const spacing = view.getFloat32(0) - shown;
  return card.energy_step_Wh + spacing * card.energy_register_unit_Wh;
}

/** Pulses for each Wh on the bench's line, behind the divider; null where none is wired. */
export function referencePulsesPerWh(card) {
  const constant = card.reference_pulse_constant_imp_per_Wh;
  return constant === null ? null : constant / card.reference_pulse_divider;
}
