// Where a reference standard keeps its quantities, by the profile that the run's record holds: {name, text (TOML), energy, power,
// energy_address, ct_ratio, vt_ratio, export_is_negative} (docs/metrology.md, "Raw data"; docs/reference-profiles.md for the keys).
import { fractionOf, times } from "../course/fractions.js";
import { readToml } from "../course/toml.js";

const QUANTITY_FIELDS = {
  energy_import: "energy_Wh",
  energy_export: "energy_Wh",
  reactive_energy: "energy_Wh",
  active_power: "power_W",
  active_power_l1: "power_W",
  reactive_power: "power_W",
  voltage_l1: "voltage_V",
  current_l1: "current_A",
  power_factor: "power_factor",
  frequency: "frequency_Hz",
};
const COMPARED_QUANTITIES = ["energy_import", "energy_export", "reactive_energy", "active_power", "active_power_l1", "reactive_power"];
/** What one of a unit is in Wh, W, varh, var, V, A, Hz or 1. */
const UNIT_SIZES = {
  ...{ Wh: "1", kWh: "1000", MWh: "1000000", varh: "1", kvarh: "1000" },
  ...{ W: "1", kW: "1000", var: "1", kvar: "1000" },
  ...{ V: "1", A: "1", mA: "0.001", Hz: "1", 1: "1" },
};
const MOST_REGISTERS = 125;

/** Types of registers: their length in words, the range of whole ones, and how their big-endian bytes are read. */
const REGISTER_KINDS = {
  u16: { words: 1, most: 0xffffn, read: (view) => view.getUint16(0) },
  i16: { words: 1, most: 0x7fffn, isSigned: true, read: (view) => view.getInt16(0) },
  u32: { words: 2, most: 0xffffffffn, read: (view) => view.getUint32(0) },
  i32: { words: 2, most: 0x7fffffffn, isSigned: true, read: (view) => view.getInt32(0) },
  u64: { words: 4, most: 0xffffffffffffffffn, read: (view) => view.getBigUint64(0) },
  i64: { words: 4, most: 0x7fffffffffffffffn, isSigned: true, read: (view) => view.getBigInt64(0) },
  f32: { words: 2, isFloat: true, isSigned: true, read: (view) => view.getFloat32(0) },
  f64: { words: 4, isFloat: true, isSigned: true, read: (view) => view.getFloat64(0) },
};

/** The requests of a poll: [{functionCode, address, count, registers}], registers with field, address, words, kind, isLittle,
 * multiplier and divisor (quantity = number * multiplier / divisor), the integers that mean `no value`, mayBeUndefined. */
export function registersOfProfile(recorded) {
  const { profile, registers: tables } = readToml(recorded.text);
  const energy = { import: "energy_import", export: "energy_export", reactive: "reactive_energy" }[recorded.energy ?? "import"];
  const power = energy === "reactive_energy" ? "reactive_power" : { total: "active_power", phase_1: "active_power_l1" }[recorded.power ?? "total"];
  const registers = [];
  for (const [quantity, table] of Object.entries(tables)) {
    if (COMPARED_QUANTITIES.includes(quantity) && quantity !== energy && quantity !== power) continue;
    const address = quantity === energy && recorded.energy_address != null ? recorded.energy_address : table.address;
    if (address === "user") continue;
    const isTurned = quantity === power && recorded.energy === "export" && recorded.export_is_negative === true;
    registers.push(registerOf(quantity, table, Number(address), profile, recorded, isTurned));
  }
  return blocksOf(registers, Math.min(Number(profile.max_registers ?? MOST_REGISTERS), MOST_REGISTERS), Number(profile.max_gap_registers ?? 0));
}

function registerOf(quantity, table, address, profile, recorded, isTurned) {
  const kind = REGISTER_KINDS[table.type];
  const field = QUANTITY_FIELDS[quantity];
  let factor = times(fractionOf(String(table.scale ?? "1")), fractionOf(UNIT_SIZES[table.unit]));
  for (const ratio of transformersOf(field, recorded)) factor = times(factor, fractionOf(ratio));
  const turns = isTurned && kind.isSigned === true;
  return {
    field,
    functionCode: Number(table.function_code ?? profile.function_code ?? 3),
    address,
    words: kind.words,
    kind,
    isLittle: (table.word_order ?? profile.word_order ?? "big") === "little",
    ...scaleOf(factor, turns),
    isTurned: turns,
    invalid: invalidInteger(kind, profile.invalid_integers ?? []),
    mayBeUndefined: field === "power_factor" || field === "frequency_Hz",
  };
}

/** quantity = number * multiplier / divisor, of whole numbers without a common factor: x/100 is the Number nearest to a hundredth of x. */
function scaleOf({ n, d }, isTurned) {
  let [common, rest] = [d, n < 0n ? -n : n];
  while (rest) [common, rest] = [rest, common % rest];
  return { multiplier: (isTurned ? -1 : 1) * Number(n / common), divisor: Number(d / common) };
}

/** Ratios by which what is behind transformers counts more in front of them. */
function transformersOf(field, { ct_ratio = "1", vt_ratio = "1" }) {
  if (field === "voltage_V") return [vt_ratio];
  if (field === "current_A") return [ct_ratio];
  return field === "energy_Wh" || field === "power_W" ? [ct_ratio, vt_ratio] : [];
}

/** The whole number that means `no value`: FFFF... of an unsigned register, 7FFF... of a signed one, where the model uses it. */
function invalidInteger(kind, patterns) {
  if (kind.isFloat) return null;
  return patterns.includes(kind.isSigned ? "largest_signed" : "all_ones") ? kind.most : null;
}

/** Registers that one request reads: by address, cut where a request would grow or gape too far. */
function blocksOf(registers, most, mostGap) {
  const blocks = [];
  registers.sort((a, b) => a.functionCode - b.functionCode || a.address - b.address);
  for (const register of registers) {
    const block = blocks[blocks.length - 1];
    const end = register.address + register.words;
    if (
      block !== undefined &&
      block.functionCode === register.functionCode &&
      register.address - (block.address + block.count) <= mostGap &&
      end - block.address <= most
    ) {
      block.registers.push(register);
      block.count = Math.max(block.count, end - block.address);
    } else {
      blocks.push({ functionCode: register.functionCode, address: register.address, count: register.words, registers: [register] });
    }
  }
  return blocks;
}
