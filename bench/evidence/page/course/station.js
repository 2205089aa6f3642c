// What the record of a run says of the reference standard and of the bench at its top, against the bench's configuration and the equipment
// card as the same record keeps them.

/** What the equipment card of a reference standard says, and so not the configuration. */
const OF_THE_CERTIFICATE = [
  "indication_error_pct",
  "calibration_U_pct",
  "coverage_factor",
  "drift_pct",
  "stability_pct",
  "certificate_temperature_C",
  "temperature_coefficient_pct_per_K",
  "certificate_voltage_V",
  "voltage_coefficient_pct_per_V",
  "certificate",
  "valid_until",
  "corrections",
];
const OF_THE_INSTRUMENT = ["model", "serial", "accuracy_class_pct"];

export function compareStation(where, fields, comparison) {
  const { station } = fields;
  const { reference = {}, clock = {}, repeatability = {} } = station.configuration || {};
  const configured = { ...reference.card, ...(reference.card_id ? ofEquipment(station.equipment[0]) : {}) };
  for (const [key, value] of Object.entries(configured)) {
    comparison.compare(`${where}: reference_card: ${key}`, fields.reference_card[key], value, true);
  }
  const figure = (value) => (value === undefined ? null : value);
  comparison.compare(`${where}: clock_frequency_U_ppm`, figure(fields.clock_frequency_U_ppm), figure(clock.frequency_U_ppm), true);
  comparison.compare(`${where}: pps_U_ppm`, figure(fields.pps_U_ppm), clock.pps ? clock.pps.U_ppm : null, true);
  const isPooled = Number(repeatability.sd_pct) > 0;
  const { sd_pct, degrees_of_freedom } = repeatability;
  comparison.compare(`${where}: pooled_repeatability`, fields.pooled_repeatability, isPooled ? { sd_pct, degrees_of_freedom } : null, true);
  comparison.compare(`${where}: meter_identities`, fields.meter_identities || {}, identitiesOf(station.configuration || {}, fields.meters));
  if (isSimulated(station.configuration || {})) comparison.compare(`${where}: station: kind`, station.kind, "simulated");
}

/** What is compared of meters that are asked who they are, by position: as it is set, and of a meter on a wire its serial number. */
function identitiesOf({ position = [] }, meters) {
  const how = ({ meter_identity, meter_serial }) => meter_identity || (meter_serial ? "serial" : "none");
  return Object.fromEntries(position.filter((each) => each.name in meters && how(each) !== "none").map((each) => [each.name, how(each)]));
}

function ofEquipment({ certificate, ...card }) {
  const keys = certificate ? OF_THE_CERTIFICATE.filter((key) => certificate[key] !== undefined) : [];
  return Object.fromEntries([...OF_THE_INSTRUMENT.map((key) => [key, card[key]]), ...keys.map((key) => [key, certificate[key]])]);
}

/** Whether anything that a result rests on is only a simulation. */
function isSimulated({ position = [], reference = {}, load_source = {}, panel = {} }) {
  const lines = position.flatMap((each) => [each, each.clock_output || {}]);
  return [...lines, reference, load_source, panel].some(({ driver }) => driver === "sim");
}
