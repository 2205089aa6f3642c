// SHA-256 (FIPS 180-4, section 6.2). Written out, because a browser has its own only on pages that it holds to be secure,
// and what a phone opens from its files often is not one; it takes the bytes in parts, so that one pass gives the hash of
// every beginning of a file that the records name.

const PRIMES = firstPrimes(64);
const SHA256_START = Int32Array.from(PRIMES.slice(0, 8), (prime) => upperWord(rootBits(prime, 2n)));
const SHA256_ROUND = Int32Array.from(PRIMES, (prime) => upperWord(rootBits(prime, 3n)));

/** Words are signed: an engine keeps those in registers. */
function upperWord(bits) {
  return Number(BigInt.asIntN(32, bits >> 32n));
}

export function firstPrimes(count) {
  const primes = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime)) primes.push(candidate);
  }
  return primes;
}

/** The first 64 bits behind the point of a root: the largest r with r^n <= prime * 2^(64n), without its whole part. */
export function rootBits(prime, degree) {
  let low = 0n;
  let high = 1n << 69n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** degree <= BigInt(prime) << (64n * degree)) low = middle;
    else high = middle;
  }
  return BigInt.asUintN(64, low);
}

export class Sha256 {
  constructor() {
    this.state = SHA256_START.slice();
    this.schedule = new Int32Array(64);
    this.rest = new Uint8Array(64);
    this.length = 0;
  }

  /** Take further bytes. */
  update(bytes) {
    let at = 0;
    const held = this.length % 64;
    this.length += bytes.length;
    if (held) {
      at = Math.min(64 - held, bytes.length);
      this.rest.set(bytes.subarray(0, at), held);
      if (held + at < 64) return this;
      this.block(this.rest, 0);
    }
    for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at);
    this.rest.set(bytes.subarray(at), 0);
    return this;
  }

  /** The hash of what was taken so far; more may follow. */
  digest() {
    const end = new Sha256();
    end.state.set(this.state);
    const held = this.length % 64;
    const tail = new Uint8Array(held < 56 ? 64 : 128);
    tail.set(this.rest.subarray(0, held));
    tail[held] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(this.length / 2 ** 29));
    view.setUint32(tail.length - 4, (this.length * 8) >>> 0);
    for (let at = 0; at < tail.length; at += 64) end.block(tail, at);
    const hash = new Uint8Array(32);
    end.state.forEach((word, index) => new DataView(hash.buffer).setInt32(4 * index, word));
    return hash;
  }

  block(bytes, at) {
    const w = this.schedule;
    for (let t = 0; t < 16; t++, at += 4) {
      w[t] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15];
      const y = w[t - 2];
      const small0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const small1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[t] = (small1 + w[t - 7] + small0 + w[t - 16]) | 0;
    }
    const state = this.state;
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let t = 0; t < 64; t++) {
      const large1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (h + large1 + ((e & f) ^ (~e & g)) + SHA256_ROUND[t] + w[t]) | 0;
      const large0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (large0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}

export function sha256(...parts) {
  const hash = new Sha256();
  for (const part of parts) hash.update(part);
  return hash.digest();
}
