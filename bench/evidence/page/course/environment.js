// Temperature and humidity while a run went on, as they were read, and what they say against the rule set's conditions. The readings
// themselves are taken from the records: nobody can read them again.
import { fixedText, fractionOf, generalText, meanOf, numberOf } from "./fractions.js";

const HOLDS_FOR_NS = 5 * 60 * 1e9;

export class AmbientReadings {
  /** typed_C: the plan's figure, which counts where nothing is measured. first: the reading before the run, or null. */
  constructor(typed_C, first) {
    this.typed_C = typed_C;
    this.isMeasured = first !== null && first !== undefined;
    this.readings = this.isMeasured ? [readingOf(first)] : [];
  }

  add(fields) {
    this.readings.push(readingOf(fields));
  }

  /** Before the run: of the sensor, else as it was typed. */
  get before_C() {
    return this.isMeasured ? this.readings[0].temperature_C : this.typed_C;
  }

  /** By the last reading before an instant; null where the sensor had failed, or was not asked for more than five minutes. */
  at(ns) {
    if (!this.isMeasured) return this.typed_C;
    const known = this.readings.filter((reading) => reading.at_ns <= ns).pop();
    return known === undefined || ns - known.at_ns > HOLDS_FOR_NS ? null : known.temperature_C;
  }

  summary() {
    const temperatures = this.readings.map((reading) => reading.temperature_C).filter((value) => value !== null);
    const humidities = this.readings.map((reading) => reading.humidity_pct).filter((value) => value !== null);
    return {
      readings: this.readings.length,
      failed: this.readings.length - temperatures.length,
      temperature_C: spreadOf(temperatures, 2),
      humidity_pct: spreadOf(humidities, 1),
    };
  }

  /** What the readings say against the reference conditions; nothing where there are none, or nothing was measured. */
  against(conditions) {
    if (!this.isMeasured || !conditions) return [];
    const [low, high] = conditions.temperature_C;
    const wanted = `${generalText(low, 6)} … ${generalText(high, 6)} °C`;
    const found = [];
    const failed = this.readings.find((reading) => reading.temperature_C === null);
    if (failed !== undefined) found.push({ reason: "sensor_failed", values: { detail: failed.fault, wanted } });
    const read = this.readings.map((reading) => reading.temperature_C).filter((value) => value !== null);
    const [least, most] = [Math.min(...read), Math.max(...read)];
    if (read.length && (least < low || most > high)) {
      found.push({ reason: "conditions_unmet", values: { have: `${fixedText(least, 1)} … ${fixedText(most, 1)} °C`, wanted } });
    }
    return found;
  }
}

function readingOf({ at_ns, temperature_C, humidity_pct = null, fault = "" }) {
  const figure = (text) => (text === null ? null : Number(text));
  return { at_ns, temperature_C: figure(temperature_C), humidity_pct: figure(humidity_pct), fault };
}

function spreadOf(values, places) {
  if (!values.length) return null;
  const mean = numberOf(meanOf(values.map(fractionOf)));
  return { mean: fixedText(mean, places), min: fixedText(Math.min(...values), places), max: fixedText(Math.max(...values), places) };
}
