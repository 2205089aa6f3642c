// The text of the QR code on a certificate: "MTB1:" and in base45 (RFC 9285) a form byte, the length of the certificate's number
// and the number, SHA-256 of its XML, the root of the journal, eight bytes of the key's fingerprint, and the Ed25519 signature
// over "MTB1:" and all bytes before it.
import { hexOf, joinedBytes, sameBytes, utf8Bytes, utf8Text } from "./bytes.js";
import { isSignedByOwnArithmetic } from "./ed25519.js";
import { sha256 } from "./sha256.js";

const QR_PREFIX = "MTB1:";
const QR_FORM = 1;
const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const AFTER_NUMBER = { xml: [0, 32], root: [32, 64], keyId: [64, 72], signature: [72, 136] };

export function looksLikeQrText(text) {
  return text.trimStart().startsWith(QR_PREFIX);
}

/** What a QR text says of a bundle: {state: "same" | "bad", key, values} with a key of words.js. */
export function compareQrText(text, { keys, checkpoint, files }) {
  const code = readQrText(text.trimStart().replace(/[\r\n]+$/, ""));
  if (code === null) return { state: "strange", key: "qr_unreadable", values: {} };
  const values = { certificate: code.number };
  const message = joinedBytes([utf8Bytes(QR_PREFIX), code.signed]);
  const signer = keys.find(({ publicKey }) => sameBytes(code.keyId, sha256(publicKey).subarray(0, 8)));
  if (!signer || !isSignedByOwnArithmetic(message, code.signature, signer.publicKey)) return { state: "bad", key: "qr_bad_signature", values };
  const xml = files.get(`certificates/${code.number}.xml`);
  if (!xml || !sameBytes(sha256(xml), code.xml)) return { state: "bad", key: "qr_other_certificate", values };
  const isOfJournal = checkpoint !== null && hexOf(checkpoint.root) === hexOf(code.root);
  return isOfJournal ? { state: "same", key: "qr_good", values } : { state: "bad", key: "qr_other_root", values };
}

function readQrText(text) {
  const bytes = bytesOfBase45(text.slice(QR_PREFIX.length));
  if (bytes === null || bytes.length < 2 || bytes[0] !== QR_FORM) return null;
  const rest = bytes.subarray(2 + bytes[1]);
  const number = utf8Text(bytes.subarray(2, 2 + bytes[1]));
  if (!number || rest.length !== AFTER_NUMBER.signature[1]) return null;
  const parts = Object.entries(AFTER_NUMBER).map(([name, [first, end]]) => [name, rest.subarray(first, end)]);
  const signed = bytes.subarray(0, bytes.length - (AFTER_NUMBER.signature[1] - AFTER_NUMBER.signature[0]));
  return { number, signed, ...Object.fromEntries(parts) };
}

/** Three letters are two bytes, lowest digit first; two at the end are one. null for anything else. */
function bytesOfBase45(text) {
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const digits = [...text.slice(at, at + 3)].map((letter) => BASE45.indexOf(letter));
    const value = digits.reduceRight((sum, digit) => sum * BASE45.length + digit, 0);
    if (digits.includes(-1) || digits.length < 2 || value >= 256 ** (digits.length - 1)) return null;
    if (digits.length === 3) bytes.push(value >> 8);
    bytes.push(value & 255);
  }
  return Uint8Array.from(bytes);
}
