// Raw files of a run, byte by byte, to edges and samples (docs/metrology.md, "Raw data").
//
// Instants are Numbers: nanoseconds since the bench's machine has started, exact as long as it has been up for less than 104 days
// (2^53 ns), and to 2 ns for as long again. Registers of 64 bits are read exactly, then scaled to a Number.
import { registersOfProfile } from "./profile.js";

const EDGE_BYTES = 48;
const WORD_BYTES = 2;

/** A bytes file of edges (struct gpio_v2_line_event, little-endian, 48 bytes each) as {timestamp_ns, kind, line_seqno}: instants (ns),
 * 1 rising or 2 falling, the kernel's 32-bit counter of the line. Errors: RangeError where it is no whole number of records. */
export function decodeEdges(bytes) {
  if (bytes.length % EDGE_BYTES) throw new RangeError(`${bytes.length} bytes are no whole number of edge records`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length / EDGE_BYTES;
  const train = { timestamp_ns: new Float64Array(count), kind: new Uint32Array(count), line_seqno: new Uint32Array(count) };
  for (let k = 0; k < count; k++) {
    const at = k * EDGE_BYTES;
    train.timestamp_ns[k] = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
    train.kind[k] = view.getUint32(at + 8, true);
    train.line_seqno[k] = view.getUint32(at + 20, true);
  }
  return train;
}

/** A file of polls (a line each: {"fault", "replies": [[request_ns, reply_ns, function code, address, hex]]}) as samples:
 * {energy, power, voltage: {request_ns, reply_ns, value}, faults: [{at_ns, finding}]} in Wh, W and V (varh and var where reactive energy is
 * compared). profile: station.reference_profile of the run's record. A torn last line is left out.
 * Errors: SyntaxError or RangeError where a line is no poll, or is none of this profile. */
export function decodeSamples(bytes, profile) {
  const blocks = registersOfProfile(profile);
  const samples = { energy: emptyRegister(), power: emptyRegister(), voltage: emptyRegister(), faults: [] };
  const lines = new TextDecoder("utf-8", { fatal: true }).decode(bytes).split("\n");
  for (const line of lines.slice(0, -1)) addPoll(JSON.parse(line), blocks, samples);
  const asRows = (register) => Object.fromEntries(Object.entries(register).map(([name, values]) => [name, Float64Array.from(values)]));
  return { energy: asRows(samples.energy), power: asRows(samples.power), voltage: asRows(samples.voltage), faults: samples.faults };
}

function emptyRegister() {
  return { request_ns: [], reply_ns: [], value: [] };
}

function addValue(register, request_ns, reply_ns, value) {
  register.request_ns.push(request_ns);
  register.reply_ns.push(reply_ns);
  register.value.push(value);
}

/** One poll: all its values, or its fault and none of them. */
function addPoll({ fault, replies }, blocks, samples) {
  if (fault !== null) {
    samples.faults.push({ at_ns: fault.at_ns, finding: { reason: fault.reason, values: fault.values } });
    return;
  }
  const read = { energy_Wh: null, power_W: null, voltage_V: null };
  for (const [request_ns, reply_ns, functionCode, address, hex] of replies) {
    const block = blocks.find((known) => known.functionCode === functionCode && known.address === address);
    if (block === undefined || hex.length < 2 * WORD_BYTES * block.count) throw new RangeError(`no block of registers at ${address} in this profile`);
    // Polls mostly read what the poll before read, since a reference refreshes more rarely than it is polled.
    if (hex !== block.latest) readBlock(block, hex);
    for (const [k, { field, mayBeUndefined }] of block.registers.entries()) {
      const value = block.values[k];
      if (typeof value !== "string") read[field] = { value, request_ns, reply_ns };
      else if (!mayBeUndefined) {
        samples.faults.push({ at_ns: reply_ns, finding: { reason: value, values: { field } } });
        return;
      }
    }
  }
  const { energy_Wh, power_W, voltage_V } = read;
  if (energy_Wh) addValue(samples.energy, energy_Wh.request_ns, energy_Wh.reply_ns, energy_Wh.value);
  if (power_W) addValue(samples.power, power_W.request_ns, power_W.reply_ns, power_W.value);
  // A voltage is not compared: it was true at some instant of the whole poll.
  if (voltage_V) addValue(samples.voltage, replies[0][0], replies[replies.length - 1][1], voltage_V.value);
}

function readBlock(block, hex) {
  if (hex.length % (2 * WORD_BYTES) || !/^[0-9a-fA-F]*$/.test(hex)) throw new RangeError(`${hex.length} digits are no whole number of registers`);
  block.latest = hex;
  block.values = block.registers.map((register) => valueOf(register, hex, block.address));
}

/** The quantity of a register in the hex text of a block's bytes, or the reason why it has none. */
function valueOf({ address, words, kind, isLittle, multiplier, divisor, invalid, isTurned }, hex, blockAddress) {
  const view = new DataView(new ArrayBuffer(WORD_BYTES * words));
  for (let k = 0; k < words; k++) {
    const at = 2 * WORD_BYTES * (address - blockAddress + (isLittle ? words - 1 - k : k));
    view.setUint16(WORD_BYTES * k, parseInt(hex.slice(at, at + 2 * WORD_BYTES), 16));
  }
  const number = kind.read(view);
  if (Number.isNaN(number) || (invalid !== null && BigInt(number) === invalid)) return "reference_not_a_number";
  if (number === Infinity || number === -Infinity) return "reference_over_range";
  const value = (Number(number) * multiplier) / divisor;
  return isTurned ? value + 0 : value;
}
