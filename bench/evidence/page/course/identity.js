// Which meter hangs where: what a meter with a port told of itself, against the plan. A meter that is another one is refused at its
// position, and nothing that is measured there counts.
import { generalText } from "./fractions.js";

const FEWEST_SHARED = 4;

/** What speaks against a reading being of the plan's meter. plate: {serial, address} of the plan. how: which comparison the bench was
 * set to: constant, serial or serial_end. */
export function whyAnotherMeter(reading, plate, meter, how) {
  const found = [];
  const planned = plate.address || plate.serial;
  if (reading.address && !isSameNumber(reading.address, planned, how)) {
    found.push({ reason: "meter_address_differs", values: { told: reading.address, planned } });
  }
  const told = reading.meter_constant_imp_per_kWh;
  if (told !== null && how !== "none" && meter.quantity === "active" && Number(told) !== meter.meter_constant_imp_per_kWh) {
    found.push({ reason: "declared_constant_differs", values: { told, planned: generalText(meter.meter_constant_imp_per_kWh, 6) } });
  }
  return found;
}

function isSameNumber(told, planned, how) {
  const [have, want] = [told, planned].map((number) => number.replace(/[^\p{L}\p{N}]/gu, "").toUpperCase().replace(/^0+/, ""));
  if (how === "serial") return have === want;
  if (how !== "serial_end") return true;
  const shorter = Math.min(have.length, want.length);
  return shorter >= FEWEST_SHARED && have.slice(-shorter) === want.slice(-shorter);
}
