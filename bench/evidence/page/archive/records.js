// The records of a bundle: each a line of exact bytes, a leaf of the journal's tree; and the raw files that they name.
import { Refused, hexOf, sameBytes, utf8Text } from "./bytes.js";
import { isCanonical } from "./canonical.js";
import { leafHash, rootBeforeLast, rootByProof } from "./merkle.js";
import { readProof } from "./notes.js";
import { Sha256 } from "./sha256.js";

export const RECORDS_FILE = "records.jsonl";
const LINE_END = 10;
const ENDS = ["run_ended", "interrupted"];

/** Lines of records.jsonl without their ends. Errors: Refused where the last one has no end. */
export function recordLines(bytes) {
  const lines = [];
  let first = 0;
  for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, first)) {
    lines.push(bytes.subarray(first, end));
    first = end + 1;
  }
  if (first !== bytes.length || !lines.length) throw new Refused("records_cut");
  return lines;
}

/** One record; line: counted from 1. Errors: Refused for a line that is none. */
export function readRecord(bytes, line) {
  const text = utf8Text(bytes);
  let fields = null;
  try {
    fields = JSON.parse(text);
  } catch {
    throw new Refused("record_unreadable", { line });
  }
  const isRecord =
    fields !== null &&
    typeof fields === "object" &&
    Number.isSafeInteger(fields.number) &&
    fields.number >= 0 &&
    typeof fields.run === "string" &&
    typeof fields.kind === "string" &&
    isCanonical(text);
  if (!isRecord) throw new Refused("record_unreadable", { line });
  return { number: fields.number, run: fields.run, kind: fields.kind, text, fields, bytes };
}

export function proofFile(number) {
  return `proofs/${String(number).padStart(9, "0")}.txt`;
}

/** Whether a record is a leaf of the checkpoint's tree at its own number. Errors: Refused. */
export function checkProof(record, files, checkpoint) {
  const file = proofFile(record.number);
  const values = { number: record.number, kind: record.kind };
  const bytes = files.get(file);
  if (bytes === undefined) throw new Refused("proof_missing", values);
  const proof = readProof(bytes, checkpoint.bytes, file);
  const root = rootByProof(leafHash(record.bytes), proof.index, checkpoint.size, proof.path);
  if (proof.index !== record.number || root === null || !sameBytes(root, checkpoint.root)) {
    throw new Refused("record_not_in_log", values);
  }
  return proof;
}

/** The last record of a run names the root of all before it; the proof of a checkpoint's last leaf shows that root. */
export function checkOwnRoot(record, proof, checkpoint) {
  const own = record.fields.checkpoint;
  if (record.kind !== "run_ended" || record.number !== checkpoint.size - 1) return;
  const values = { number: record.number, kind: record.kind };
  const isSame = own && own.size === record.number && own.root_sha256 === hexOf(rootBeforeLast(proof.path));
  if (!isSame) throw new Refused("own_root_differs", values);
}

/** What is missing of the runs: every one from its start to its end, number by number. Only that a run was interrupted is
 * written later, when the bench starts again. */
export function gapsOf(records, runs) {
  const gaps = [];
  for (const run of runs) {
    const own = records.filter((record) => record.run === run);
    if (!own.length || own[0].kind !== "run_started") gaps.push(new Refused("run_without_start", { run }));
    if (!own.length || !ENDS.includes(own[own.length - 1].kind)) gaps.push(new Refused("run_without_end", { run }));
    for (let at = 1; at < own.length && own[at].kind !== "interrupted"; at++) {
      for (let number = own[at - 1].number + 1; number < own[at].number && gaps.length < 20; number++) {
        gaps.push(new Refused("record_missing", { number }));
      }
    }
  }
  const strange = records.filter((record) => !runs.includes(record.run));
  gaps.push(...strange.map(({ number, kind }) => new Refused("record_of_other_run", { number, kind })));
  if (records.some((record, at) => at && records[at - 1].number >= record.number)) {
    gaps.push(new Refused("records_in_other_order"));
  }
  return gaps;
}

/** Every length and SHA-256 of a raw file that a record names, in one pass through each file: what does not hold. */
export function checkRawFiles(records, files) {
  const claims = new Map();
  for (const record of records) {
    const named = record.fields.raw_files;
    if (named === null || typeof named !== "object") continue;
    for (const [name, claim] of Object.entries(named)) {
      const file = `runs/${record.run}/${name}`;
      if (!claims.has(file)) claims.set(file, []);
      claims.get(file).push({ record, file, bytes: claim && claim.bytes, sha256: claim && claim.sha256 });
    }
  }
  const wrong = [];
  for (const [file, ofFile] of claims) {
    const bytes = files.get(file) || new Uint8Array(0);
    const isMissing = !files.has(file) && ofFile.some((claim) => claim.bytes > 0);
    if (isMissing) wrong.push(new Refused("raw_file_missing", { file }));
    else wrong.push(...wrongBeginnings(ofFile, bytes));
  }
  return wrong;
}

function wrongBeginnings(claims, bytes) {
  const hash = new Sha256();
  let at = 0;
  const wrong = [];
  for (const claim of [...claims].sort((one, other) => one.bytes - other.bytes)) {
    const isLength = Number.isSafeInteger(claim.bytes) && claim.bytes >= at && claim.bytes <= bytes.length;
    if (isLength) {
      hash.update(bytes.subarray(at, claim.bytes));
      at = claim.bytes;
    }
    if (!isLength || hexOf(hash.digest()) !== claim.sha256) {
      wrong.push(new Refused("raw_file_differs", { file: claim.file, number: claim.record.number }));
    }
  }
  return wrong;
}
