// Signed notes, the checkpoint of a journal and the proof of a record, in the text forms of C2SP (signed-note, tlog-checkpoint,
// tlog-proof): lines that people can read, then an empty line, then `— name signature`.
import { Refused, bytesOfBase64, hexOf, sameBytes, utf8Bytes, utf8Text } from "./bytes.js";
import { isSigned } from "./ed25519.js";
import { sha256 } from "./sha256.js";

const ED25519_MARK = 1;
const DASH = "\u2014";
const SPACES_AND_PLUS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]/g;

/** Name of a bench's log and of its key. A space or a plus, which no key name has, is a dash; what a space is, is spelled out,
 * since languages differ in it. */
export function originOf(bench) {
  return `meter-test-bench/${bench.replace(SPACES_AND_PLUS, "-")}`;
}

/** The keys in public-key.txt, a line `name+hash+base64(1, key)` each: that of the manifest, and where the checkpoint was signed
 * with an earlier one, that. Errors: Refused. */
export function readVerifierKeys(bytes) {
  const lines = (utf8Text(bytes) || "").split("\n");
  if (lines.pop() !== "" || lines.length < 1 || lines.length > 2) throw new Refused("key_unreadable");
  return lines.map(readVerifierKey);
}

function readVerifierKey(line) {
  const parts = line.match(/^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/);
  const key = parts && bytesOfBase64(parts[3]);
  if (!key || key.length !== 33 || key[0] !== ED25519_MARK) throw new Refused("key_unreadable");
  const verifier = { name: parts[1], publicKey: key.subarray(1) };
  if (parts[2] !== hexOf(keyHash(verifier))) throw new Refused("key_unreadable");
  return verifier;
}

function keyHash({ name, publicKey }) {
  return sha256(utf8Bytes(`${name}\n`), Uint8Array.of(ED25519_MARK), publicKey).subarray(0, 4);
}

/** Fingerprint of a key as it is published: SHA-256 in groups of four digits. */
export function fingerprintOf(publicKey) {
  return hexOf(sha256(publicKey)).toUpperCase().match(/.{4}/g).join(" ");
}

/** The text of a note that this key has signed. file: its name, for what is said. Errors: Refused. */
export async function openNote(bytes, verifier, file) {
  const { text, signatures } = splitNote(bytes, file);
  const ours = signatures.filter(
    (one) => one.name === verifier.name && sameBytes(one.signed.subarray(0, 4), keyHash(verifier))
  );
  if (signatures.length !== 1 || ours.length !== 1) throw new Refused("signed_by_another_key", { file });
  const isGood = await isSigned(utf8Bytes(text), ours[0].signed.subarray(4), verifier.publicKey);
  if (!isGood) throw new Refused("signature_wrong", { file });
  return text;
}

function splitNote(bytes, file) {
  const note = utf8Text(bytes) || "";
  const end = note.lastIndexOf("\n\n");
  const lines = note.slice(end + 2).split("\n");
  if (end < 0 || lines.pop() !== "" || !lines.length) throw new Refused("note_unreadable", { file });
  const signatures = lines.map((line) => {
    const [dash, name, encoded, ...more] = line.split(" ");
    const signed = encoded ? bytesOfBase64(encoded) : null;
    if (dash !== DASH || !name || signed === null || signed.length < 5 || more.length) {
      throw new Refused("note_unreadable", { file });
    }
    return { name, signed };
  });
  return { text: note.slice(0, end + 1), signatures };
}

/** Origin, size and root of a checkpoint's text, and the time that stands in it. Errors: Refused. */
export function readCheckpoint(text) {
  const [origin, size, root, ...more] = text.split("\n");
  const hash = root ? bytesOfBase64(root) : null;
  if (!origin || !/^[1-9]\d{0,14}$/.test(size || "") || hash === null || hash.length !== 32 || more.pop() !== "") {
    throw new Refused("note_unreadable", { file: "checkpoint.txt" });
  }
  const time = more.find((line) => line.startsWith("time "));
  return { origin, size: Number(size), root: hash, time: time ? time.slice(5) : "" };
}

/** Index and path of a proof, whose checkpoint must be the one of the bundle, byte for byte. Errors: Refused. */
export function readProof(bytes, checkpoint, file) {
  const text = utf8Text(bytes) || "";
  const end = text.indexOf("\n\n");
  const [form, index, ...hashes] = text.slice(0, Math.max(end, 0)).split("\n");
  const number = /^index (0|[1-9]\d{0,14})$/.exec(index || "");
  const path = hashes.map(bytesOfBase64);
  if (form !== "c2sp.org/tlog-proof@v1" || !number || path.some((hash) => hash === null || hash.length !== 32)) {
    throw new Refused("proof_unreadable", { file });
  }
  if (!sameBytes(utf8Bytes(text.slice(end + 2)), checkpoint)) throw new Refused("proof_of_another", { file });
  return { index: Number(number[1]), path };
}
