// The archive of a bundle. Its form leaves no choice: every entry stored, no time, no extra field, nothing between or behind
// them. So it is read by its table of contents, written again from what was read, and both must be the same bytes: a byte
// that stands anywhere else than in a file is found, too.
import { Refused, firstDifference, utf8Bytes, utf8Text } from "./bytes.js";

const LOCAL_MARK = 0x04034b50;
const CENTRAL_MARK = 0x02014b50;
const END_MARK = 0x06054b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const UTF8_FLAG = 0x0800;
const VERSION_NEEDED = 20;
const MADE_BY_UNIX = 0x0314;
const DAY_1980_01_01 = 0x0021;
const FILE_ATTRIBUTES = 0o100644 * 0x10000;
const MOST_ENTRIES = 0xfffe;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let rest = index;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

function crc32(bytes) {
  let rest = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) rest = (rest >>> 8) ^ CRC_TABLE[(rest ^ bytes[at]) & 255];
  return ~rest >>> 0;
}

/** Whether a file begins as a zip archive does. */
export function looksLikeArchive(bytes) {
  return bytes.length >= END_BYTES && viewOf(bytes).getUint32(0, true) === LOCAL_MARK;
}

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The files of an archive in its order, as parts of its bytes: Map of name to bytes. Errors: Refused. */
export function readArchive(archive) {
  const view = viewOf(archive);
  const end = archive.length - END_BYTES;
  if (end < 0 || view.getUint32(end, true) !== END_MARK) throw new Refused("archive_cut");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const files = new Map();
  let total = 0;
  for (let entry = 0; entry < count; entry++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL_MARK) throw new Refused("archive_damaged");
    const length = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const first = view.getUint32(at + 42, true) + LOCAL_BYTES + nameLength;
    const name = utf8Text(archive.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameLength));
    total += length;
    // Entries over the same bytes would take for ever to sum up; a flipped byte of a size is named by its place instead.
    if (!name || files.has(name) || first + length > end || total > 2 * archive.length) throw new Refused("archive_damaged");
    files.set(name, archive.subarray(first, first + length));
    at += CENTRAL_BYTES + nameLength;
  }
  return files;
}

/** Where an archive is not the one that its files make: the name of the file at that place, "" for the table of contents;
 * null where it is. */
export function strangePlace(archive, files) {
  const rebuilt = writeArchive(files);
  const at = firstDifference(archive, rebuilt.archive);
  if (at < 0) return null;
  const place = rebuilt.starts.filter((start) => start.first <= at).pop();
  return place ? place.name : "";
}

/** The one archive of these files: its bytes, and where each part of it starts. Errors: Refused. */
export function writeArchive(files) {
  if (files.size > MOST_ENTRIES) throw new Refused("archive_damaged");
  const entries = [...files].map(([name, bytes]) => ({ name, encoded: utf8Bytes(name), bytes, crc: crc32(bytes) }));
  const size = entries.reduce(
    (sum, { encoded, bytes }) => sum + LOCAL_BYTES + CENTRAL_BYTES + 2 * encoded.length + bytes.length,
    END_BYTES
  );
  const archive = new Uint8Array(size);
  const view = viewOf(archive);
  const starts = [];
  let at = 0;
  for (const entry of entries) {
    entry.first = at;
    starts.push({ first: at, name: entry.name });
    view.setUint32(at, LOCAL_MARK, true);
    writeCommon(view, at + 4, entry);
    archive.set(entry.encoded, at + LOCAL_BYTES);
    archive.set(entry.bytes, at + LOCAL_BYTES + entry.encoded.length);
    at += LOCAL_BYTES + entry.encoded.length + entry.bytes.length;
  }
  const table = at;
  starts.push({ first: table, name: "" });
  for (const entry of entries) {
    view.setUint32(at, CENTRAL_MARK, true);
    view.setUint16(at + 4, MADE_BY_UNIX, true);
    writeCommon(view, at + 6, entry);
    view.setUint32(at + 38, FILE_ATTRIBUTES, true);
    view.setUint32(at + 42, entry.first, true);
    archive.set(entry.encoded, at + CENTRAL_BYTES);
    at += CENTRAL_BYTES + entry.encoded.length;
  }
  view.setUint32(at, END_MARK, true);
  view.setUint16(at + 8, entries.length, true);
  view.setUint16(at + 10, entries.length, true);
  view.setUint32(at + 12, at - table, true);
  view.setUint32(at + 16, table, true);
  return { archive, starts };
}

/** What the head of a file and its line in the table of contents share; the time of day and the method (stored) are 0. */
function writeCommon(view, at, { encoded, bytes, crc }) {
  view.setUint16(at, VERSION_NEEDED, true);
  view.setUint16(at + 2, UTF8_FLAG, true);
  view.setUint16(at + 8, DAY_1980_01_01, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, bytes.length, true);
  view.setUint32(at + 18, bytes.length, true);
  view.setUint16(at + 22, encoded.length, true);
}
