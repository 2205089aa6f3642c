// Ed25519 signatures (RFC 8032, section 5.1), verified with integers of any length: slow beside a browser's own (some
// milliseconds), and the same in every browser. Where the browser verifies Ed25519 itself, both must say that a signature
// is good. Nothing here is secret, so nothing has to take the same time.
import { sha512 } from "./sha512.js";

const FIELD = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const CURVE_D = inField(-121665n * inverse(121666n));
const ROOT_OF_MINUS_ONE = power(2n, (FIELD - 1n) / 4n);
const BASE_POINT = pointOf(littleEndian(inField(4n * inverse(5n))));
const NEUTRAL = [0n, 1n, 1n, 0n];

function inField(value) {
  const rest = value % FIELD;
  return rest < 0n ? rest + FIELD : rest;
}

function power(base, exponent) {
  let result = 1n;
  for (let square = inField(base); exponent; exponent >>= 1n, square = (square * square) % FIELD) {
    if (exponent & 1n) result = (result * square) % FIELD;
  }
  return result;
}

function inverse(value) {
  return power(value, FIELD - 2n);
}

function littleEndian(value) {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 255n));
}

function integerOf(bytes) {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** A point as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z; null for bytes that are none (section 5.1.3). */
function pointOf(bytes) {
  const whole = integerOf(bytes);
  const y = whole & (2n ** 255n - 1n);
  const isOdd = whole >> 255n;
  if (y >= FIELD) return null;
  const numerator = inField(y * y - 1n);
  const denominator = inField(CURVE_D * y * y + 1n);
  const cubed = inField(denominator ** 3n);
  let x = inField(numerator * cubed * power(numerator * cubed * denominator ** 4n, (FIELD - 5n) / 8n));
  if (inField(denominator * x * x) !== numerator) x = inField(x * ROOT_OF_MINUS_ONE);
  if (inField(denominator * x * x) !== numerator || (x === 0n && isOdd)) return null;
  if ((x & 1n) !== isOdd) x = FIELD - x;
  return [x, y, 1n, inField(x * y)];
}

/** Section 5.1.4; it doubles as well. */
function addPoints([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = ((y1 - x1) * (y2 - x2)) % FIELD;
  const b = ((y1 + x1) * (y2 + x2)) % FIELD;
  const c = (2n * CURVE_D * t1 * t2) % FIELD;
  const d = 2n * z1 * z2;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [inField(e * f), inField(g * h), inField(f * g), inField(e * h)];
}

/** one*p + other*q, both factors bit by bit together. */
function sumOfMultiples(one, p, other, q) {
  const table = [NEUTRAL, p, q, addPoints(p, q)];
  let result = NEUTRAL;
  for (let bit = 252n; bit >= 0n; bit--) {
    result = addPoints(result, result);
    const choice = Number((one >> bit) & 1n) + 2 * Number((other >> bit) & 1n);
    if (choice) result = addPoints(result, table[choice]);
  }
  return result;
}

/** Order 1, 2, 4 or 8: with such a key anybody can make a signature, and whoever publishes one can deny all of them. */
function isOfSmallOrder(point) {
  let multiple = point;
  for (let doubled = 0; doubled < 3; doubled++) multiple = addPoints(multiple, multiple);
  return multiple[0] === 0n && multiple[1] === multiple[2];
}

/** Whether 64 bytes are the signature of the holder of a key over a message: R = SB - kA. */
export function isSignedByOwnArithmetic(message, signature, publicKey) {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  const key = pointOf(publicKey);
  const commitment = pointOf(signature.subarray(0, 32));
  const scalar = integerOf(signature.subarray(32));
  if (key === null || commitment === null || scalar >= ORDER || isOfSmallOrder(key)) return false;
  const challenge = integerOf(sha512(signature.subarray(0, 32), publicKey, message)) % ORDER;
  const negative = [FIELD - key[0], key[1], 1n, FIELD - key[3]];
  const [x, y, z] = sumOfMultiples(scalar, BASE_POINT, challenge, negative);
  return inField(x - commitment[0] * z) === 0n && inField(y - commitment[1] * z) === 0n;
}

/** The same by the browser; null where it does not know Ed25519, or not on a page such as this. */
export async function isSignedByBrowser(message, signature, publicKey) {
  const subtle = globalThis.crypto && globalThis.crypto.subtle;
  if (!subtle || signature.length !== 64 || publicKey.length !== 32) return null;
  try {
    const key = await subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
    return await subtle.verify({ name: "Ed25519" }, key, signature, message);
  } catch {
    return null;
  }
}

export async function isSigned(message, signature, publicKey) {
  const browser = await isSignedByBrowser(message, signature, publicKey);
  return browser !== false && isSignedByOwnArithmetic(message, signature, publicKey);
}
