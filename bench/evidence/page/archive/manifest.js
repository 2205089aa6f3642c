// The manifest of a bundle: canonical JSON that names every file behind the first two, with its length and SHA-256.
import { Refused, hexOf, utf8Text } from "./bytes.js";
import { sha256 } from "./sha256.js";

export const MANIFEST_FILE = "manifest.json";
export const SIGNATURE_FILE = "manifest.sig";
const BUNDLE_FORMAT = 1;

/** The manifest as an object whose fields are what they should be. Errors: Refused. */
export function readManifest(bytes) {
  const text = utf8Text(bytes);
  let manifest = null;
  try {
    manifest = JSON.parse(text);
  } catch {
    throw new Refused("manifest_unreadable");
  }
  if (manifest !== null && typeof manifest === "object" && manifest.format > BUNDLE_FORMAT) {
    throw new Refused("bundle_of_newer_form", { format: String(manifest.format) });
  }
  if (!hasManifestForm(manifest) || canonicalText(manifest) !== text) throw new Refused("manifest_unreadable");
  return manifest;
}

function hasManifestForm(manifest) {
  if (manifest === null || typeof manifest !== "object" || !Array.isArray(manifest.files)) return false;
  const texts = [manifest.bench, manifest.run, manifest.root_sha256];
  return (
    manifest.format === BUNDLE_FORMAT &&
    texts.every((text) => typeof text === "string") &&
    Array.isArray(manifest.runs) &&
    manifest.runs.every((run) => typeof run === "string") &&
    manifest.runs.includes(manifest.run) &&
    Number.isSafeInteger(manifest.tree_size) &&
    manifest.files.every(
      (file) =>
        file !== null &&
        typeof file === "object" &&
        typeof file.name === "string" &&
        typeof file.sha256 === "string" &&
        Number.isSafeInteger(file.bytes)
    )
  );
}

/** Sorted keys, no spaces: the one text of an object. */
function canonicalText(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalText(value[key])}`).join(",")}}`;
}

/** What is wrong with one file that a manifest names: a key of words.js, or null. */
export function wrongWith(listed, bytes) {
  if (bytes === undefined) return "file_missing";
  if (bytes.length !== listed.bytes) return "file_of_other_length";
  return hexOf(sha256(bytes)) === listed.sha256 ? null : "file_changed";
}

/** What is wrong with the list as a whole: files that it does not name, or another order. */
export function wrongWithList(manifest, files) {
  const listed = [MANIFEST_FILE, SIGNATURE_FILE, ...manifest.files.map((file) => file.name)];
  const found = [...files.keys()];
  const names = new Set(listed);
  const strange = found.filter((name) => !names.has(name));
  if (strange.length) return strange.map((file) => new Refused("file_not_listed", { file }));
  const isInOrder = found.length !== listed.length || found.every((name, index) => name === listed[index]);
  return isInOrder && names.size === listed.length ? [] : [new Refused("files_in_other_order")];
}

/** What the signature of a manifest is over. */
export function manifestText(bytes) {
  return `meter-test-bench/bundle\n${BUNDLE_FORMAT}\n${hexOf(sha256(bytes))}\n`;
}
