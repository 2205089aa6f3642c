// Whether a bundle is whole: one step after another, each with what it found. A step that fails keeps no other from
// looking, so that what was changed is named as closely as it can be: the archive, the file, the record.
import { Refused, hexOf, sameBytes } from "./bytes.js";
import {
  MANIFEST_FILE,
  SIGNATURE_FILE,
  manifestText,
  readManifest,
  wrongWith,
  wrongWithList,
} from "./manifest.js";
import { fingerprintOf, openNote, originOf, readCheckpoint, readVerifierKeys } from "./notes.js";
import {
  RECORDS_FILE,
  checkOwnRoot,
  checkProof,
  checkRawFiles,
  gapsOf,
  readRecord,
  recordLines,
} from "./records.js";
import { looksLikeArchive, readArchive, strangePlace } from "./zip.js";

const CHECKPOINT_FILE = "checkpoint.txt";
const KEY_FILE = "public-key.txt";
const MOST_BYTES = 1_500_000_000;
const STEPS = ["archive", "files", "manifest", "checkpoint", "records", "raw"];
/** Between two breaths that the page takes, so that it stays alive. */
const BREATH_MS = 30;

/** Lets the page live whenever it has worked for a while; told: how much of the step is done, from 0 to 1. */
export function breather(tell) {
  let last = Date.now();
  return async (step, done) => {
    if (Date.now() - last < BREATH_MS) return;
    tell(step, done);
    await new Promise((resolve) => setTimeout(resolve));
    last = Date.now();
  };
}

/**
 * Check a bundle. breathe: as `breather` makes it. Returns what was read of it, and for each step what is wrong:
 * {files, manifest, records, keys, fingerprints, checkpoint, steps: [{name, problems: [Refused]}]}; what could not be read
 * is null or empty. Errors: Refused for a file that is no bundle at all.
 */
export async function checkBundle(archive, breathe) {
  if (archive.length > MOST_BYTES) throw new Refused("file_too_large");
  if (!looksLikeArchive(archive)) throw new Refused("no_bundle");
  const problems = Object.fromEntries(STEPS.map((name) => [name, []]));
  const bundle = {
    files: readArchive(archive),
    manifest: null,
    records: [],
    keys: [],
    fingerprints: [],
    checkpoint: null,
    steps: STEPS.map((name) => ({ name, problems: problems[name] })),
  };
  if (!bundle.files.has(MANIFEST_FILE) && !bundle.files.has(RECORDS_FILE)) throw new Refused("no_bundle");
  const within = (name, look) => collect(problems[name], look);
  await within("archive", () => checkForm(archive, bundle.files));
  await breathe("archive", 1);
  await within("files", () => checkFiles(bundle, problems.files, breathe));
  await within("manifest", () => checkManifest(bundle));
  await within("checkpoint", () => checkCheckpoint(bundle));
  await within("records", () => checkRecords(bundle, problems.records, breathe));
  await within("raw", () => problems.raw.push(...checkRawFiles(bundle.records, bundle.files)));
  return bundle;
}

async function collect(problems, look) {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    problems.push(error);
  }
}

/** The bytes of a file without which a step cannot look. Errors: Refused. */
function needed(files, file) {
  const bytes = files.get(file);
  if (bytes === undefined) throw new Refused("file_missing", { file });
  return bytes;
}

function checkForm(archive, files) {
  const file = strangePlace(archive, files);
  if (file !== null) throw file ? new Refused("archive_changed_at", { file }) : new Refused("archive_changed");
}

async function checkFiles(bundle, problems, breathe) {
  const manifest = (bundle.manifest = readManifest(needed(bundle.files, MANIFEST_FILE)));
  for (const [index, listed] of manifest.files.entries()) {
    const wrong = wrongWith(listed, bundle.files.get(listed.name));
    if (wrong !== null) problems.push(new Refused(wrong, { file: listed.name }));
    await breathe("files", index / manifest.files.length);
  }
  problems.push(...wrongWithList(manifest, bundle.files));
}

async function checkManifest(bundle) {
  bundle.keys = readVerifierKeys(needed(bundle.files, KEY_FILE));
  bundle.fingerprints = bundle.keys.map(({ publicKey }) => fingerprintOf(publicKey));
  const text = await openNote(needed(bundle.files, SIGNATURE_FILE), bundle.keys[0], SIGNATURE_FILE);
  if (text !== manifestText(needed(bundle.files, MANIFEST_FILE))) {
    throw new Refused("signature_of_another", { file: MANIFEST_FILE });
  }
}

async function checkCheckpoint(bundle) {
  if (!bundle.keys.length) throw new Refused("key_unreadable");
  const bytes = needed(bundle.files, CHECKPOINT_FILE);
  const checkpoint = readCheckpoint(await openNote(bytes, bundle.keys[bundle.keys.length - 1], CHECKPOINT_FILE));
  bundle.checkpoint = { ...checkpoint, bytes };
  const { manifest, keys } = bundle;
  if (manifest === null) return;
  const origin = originOf(manifest.bench);
  const isOfBench = checkpoint.origin === origin && keys.every(({ name }) => name === origin);
  const isOfTree = checkpoint.size === manifest.tree_size && hexOf(checkpoint.root) === manifest.root_sha256;
  if (!isOfBench || !isOfTree) throw new Refused("checkpoint_of_another");
}

async function checkRecords(bundle, problems, breathe) {
  const lines = recordLines(needed(bundle.files, RECORDS_FILE));
  for (const [index, line] of lines.entries()) {
    await collect(problems, () => {
      const record = readRecord(line, index + 1);
      bundle.records.push(record);
      if (bundle.checkpoint === null) return;
      checkOwnRoot(record, checkProof(record, bundle.files, bundle.checkpoint), bundle.checkpoint);
    });
    await breathe("records", index / lines.length);
  }
  if (bundle.checkpoint === null) problems.push(new Refused("no_checkpoint_to_prove"));
  if (bundle.manifest !== null) problems.push(...gapsOf(bundle.records, bundle.manifest.runs));
}

/** Whether a file is the certificate of this number and kind in a bundle: its name in the bundle, or null. */
export function sameFileIn(bundle, bytes) {
  const same = [...bundle.files].find(([name, own]) => name.startsWith("certificates/") && sameBytes(own, bytes));
  return same ? same[0] : null;
}
