// SHA-512 (FIPS 180-4, section 6.4), for Ed25519 alone: the few hundred bytes of a signed text, so whole integers will do.
import { joinedBytes } from "./bytes.js";
import { firstPrimes, rootBits } from "./sha256.js";

const PRIMES_512 = firstPrimes(80);
const SHA512_START = PRIMES_512.slice(0, 8).map((prime) => rootBits(prime, 2n));
const SHA512_ROUND = PRIMES_512.map((prime) => rootBits(prime, 3n));

function turned(word, count) {
  return BigInt.asUintN(64, (word >> count) | (word << (64n - count)));
}

export function sha512(...parts) {
  const message = joinedBytes(parts);
  const padded = new Uint8Array(128 * Math.ceil((message.length + 17) / 128));
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(message.length) * 8n);
  const state = [...SHA512_START];
  for (let at = 0; at < padded.length; at += 128) mixBlock(state, view, at);
  const hash = new DataView(new ArrayBuffer(64));
  state.forEach((word, index) => hash.setBigUint64(8 * index, word));
  return new Uint8Array(hash.buffer);
}

function mixBlock(state, view, at) {
  const w = [];
  for (let t = 0; t < 16; t++) w.push(view.getBigUint64(at + 8 * t));
  for (let t = 16; t < 80; t++) {
    const small0 = turned(w[t - 15], 1n) ^ turned(w[t - 15], 8n) ^ (w[t - 15] >> 7n);
    const small1 = turned(w[t - 2], 19n) ^ turned(w[t - 2], 61n) ^ (w[t - 2] >> 6n);
    w.push(BigInt.asUintN(64, small1 + w[t - 7] + small0 + w[t - 16]));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 80; t++) {
    const large1 = turned(e, 14n) ^ turned(e, 18n) ^ turned(e, 41n);
    const first = h + large1 + ((e & f) ^ (BigInt.asUintN(64, ~e) & g)) + SHA512_ROUND[t] + w[t];
    const large0 = turned(a, 28n) ^ turned(a, 34n) ^ turned(a, 39n);
    const second = large0 + ((a & b) ^ (a & c) ^ (b & c));
    [a, b, c, d, e, f, g, h] = [first + second, a, b, c, d + first, e, f, g].map((word) => BigInt.asUintN(64, word));
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    state[index] = BigInt.asUintN(64, state[index] + word);
  });
}
