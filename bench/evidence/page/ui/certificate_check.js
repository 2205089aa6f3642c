// What a certificate states in its XML (Digital Calibration Certificate 3.3.0 of PTB), against the records of its run, which have been
// computed again: every error, uncertainty, limit and verdict, and the root, size and key that tie it to the journal.
//
// A printed figure is the recorded one rounded once: it lies within half of its last digit, in whole millionths. An uncertainty may
// be printed larger than it was, never smaller: no laboratory states less than its smallest one (CMC).
import { hexOf, utf8Text } from "../archive/bytes.js";

const DCC_SPACE = "https://ptb.de/dcc";
const SI_SPACE = "https://ptb.de/si";
const PLACES = 6;
const CONFORMITY = { pass: "PASS", conditionalPass: "PASS", fail: "FAIL", conditionalFail: "FAIL" };

/** {count, differences: [{place, printed, recorded}]}; count: results that were compared; null for what is no certificate. */
export function checkCertificate(bytes, number, bundle) {
  const xml = certificateIn(bytes);
  if (xml === null) return null;
  const own = identifications(xml);
  const meter = { run: own.bench_run, position: own.bench_position, serial: own.basic_serialNumber };
  const check = new CertificateCheck(bundle, meter);
  check.tie(own, textOf(one(xml, "uniqueIdentifier")), number);
  for (const result of all(xml, "result")) check.result(result);
  check.missing();
  return { count: check.count, differences: check.differences };
}

/** Which certificates in a bundle have replaced others: the number of the old one to that of the new one. */
export function replacements(bundle) {
  const found = new Map();
  for (const [name, bytes] of bundle.files) {
    const xml = /^certificates\/.+\.xml$/.test(name) ? certificateIn(bytes) : null;
    const old = xml === null ? "" : textOf(one(xml, "replacedUniqueIdentifier"));
    if (old) found.set(old, textOf(one(xml, "uniqueIdentifier")));
  }
  return found;
}

/** Whether a file, XML or PDF, is the certificate of this number. A PDF names the XML in it by the number. */
export function isNumbered(bytes, number) {
  const xml = certificateIn(bytes);
  if (xml !== null) return textOf(one(xml, "uniqueIdentifier")) === number;
  return new TextDecoder("latin1").decode(bytes).includes(`(${number}.xml)`);
}

/** The XML of a certificate; null for anything else. */
function certificateIn(bytes) {
  const text = utf8Text(bytes);
  const xml = text === null ? null : new DOMParser().parseFromString(text, "application/xml");
  return xml !== null && xml.documentElement.localName === "digitalCalibrationCertificate" ? xml : null;
}

class CertificateCheck {
  constructor(bundle, meter) {
    this.bundle = bundle;
    this.meter = meter;
    this.count = 0;
    this.differences = [];
    this.stated = new Set();
    this.verdicts = verdictsOf(bundle.records, meter);
  }

  differs(place, printed, recorded) {
    this.differences.push({ place, printed: printed || "\u2014", recorded: recorded || "\u2014" });
  }

  /** What names the certificate itself, its run and its journal. */
  tie(own, printedNumber, number) {
    const { manifest, checkpoint, fingerprints } = this.bundle;
    if (printedNumber !== number) this.differs("uniqueIdentifier", printedNumber, number);
    if (!manifest.runs.includes(own.bench_run)) this.differs("bench_run", own.bench_run, manifest.run);
    if (!this.verdicts.size) this.differs("basic_serialNumber", this.meter.serial, "");
    if (own.bench_bench !== manifest.bench) this.differs("bench_bench", own.bench_bench, manifest.bench);
    if (own.bench_run !== manifest.run || checkpoint === null) return;
    if (own.bench_root !== hexOf(checkpoint.root)) this.differs("bench_root", own.bench_root, hexOf(checkpoint.root));
    if (own.bench_size !== String(checkpoint.size)) this.differs("bench_size", own.bench_size, String(checkpoint.size));
    if (!fingerprints.includes(own.bench_key)) this.differs("bench_key", own.bench_key, fingerprints[0]);
  }

  result(result) {
    const kinds = (result.getAttribute("refType") || "").split(" ");
    const item = kinds.filter((kind) => kind.startsWith("bench_") && !["bench_errors", "bench_item"].includes(kind))[0];
    const name = item ? item.slice("bench_".length) : "";
    if (kinds.includes("bench_errors")) this.errors(result, name);
    else if (kinds.includes("bench_item")) this.item(result, name);
  }

  /** A list of errors: each of its load points has its verdict in the records. */
  errors(result, item) {
    const errors = quantityIn(result, "basic_measurementError");
    const labels = words(errors, SI_SPACE, "labelXMLList");
    const columns = {
      error: words(errors, SI_SPACE, "valueXMLList"),
      uncertainty: words(errors, SI_SPACE, "valueExpandedMUXMLList"),
      limit: words(quantityIn(result, "basic_acceptanceLimitUpper"), SI_SPACE, "valueXMLList"),
      conformity: words(result, DCC_SPACE, "conformityXMLList"),
      rounded: words(quantityIn(result, "bench_roundedError"), SI_SPACE, "valueXMLList"),
    };
    if (!labels.length) this.differs(item, "", "labelXMLList");
    labels.forEach((label, at) => {
      const row = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[at]]));
      this.error(item, label, row);
    });
  }

  error(item, label, row) {
    const place = placeOf(item, label);
    const verdict = this.verdicts.get(`${item} ${label}`);
    const mean = verdict && verdict.mean;
    if (!mean) return this.differs(place, row.error, "");
    this.count += 1;
    this.stated.add(`${item} ${label}`);
    if (!isRoundingOf(row.error, mean.mean_pct)) this.differs(place, row.error, mean.mean_pct);
    if (!isNotBelow(row.uncertainty, mean.expanded_uncertainty_pct)) {
      this.differs(place, `U ${row.uncertainty}`, `U ${mean.expanded_uncertainty_pct}`);
    }
    if (row.limit !== undefined && millionths(row.limit) !== millionths(verdict.mpe_pct)) {
      this.differs(place, `\u00b1${row.limit}`, `\u00b1${verdict.mpe_pct}`);
    }
    if (row.rounded !== undefined && millionths(row.rounded) !== millionths(mean.rounded_pct)) {
      this.differs(place, row.rounded, mean.rounded_pct);
    }
    this.conformity(place, row.conformity, verdict);
  }

  /** An item with one outcome. Beside an error stands only what else was found at its load, with a verdict of its own. */
  item(result, item) {
    const label = words(quantityIn(result, "bench_loadPoint"), DCC_SPACE, "charsXMLList")[0] || "";
    const verdict = this.verdicts.get(`${item} ${label}`);
    const place = placeOf(item, label);
    const printed = textOf(one(result, "conformity")) || undefined;
    if (!verdict) return printed && this.differs(place, CONFORMITY[printed], "");
    if (verdict.mean && this.stated.has(`${item} ${label}`)) return undefined;
    this.count += 1;
    this.stated.add(`${item} ${label}`);
    return this.conformity(place, printed, verdict);
  }

  conformity(place, printed, verdict) {
    if (printed !== undefined && CONFORMITY[printed] !== verdict.verdict) this.differs(place, CONFORMITY[printed] || printed, verdict.verdict);
  }

  /** A certificate that leaves a FAIL out says less than the truth. */
  missing() {
    for (const [key, verdict] of this.verdicts) {
      const [item, label] = key.split(" ");
      if (verdict.verdict === "FAIL" && !this.stated.has(key)) this.differs(placeOf(item, label), "", "FAIL");
    }
  }
}

/** The verdicts of a meter that stand: "item load_point" to the fields of the last record. */
function verdictsOf(records, { position, serial }) {
  const verdicts = new Map();
  const starts = new Map(records.filter(({ kind }) => kind === "run_started").map(({ run, fields }) => [run, fields]));
  for (const { run, kind, fields } of records) {
    const started = starts.get(run);
    const meter = started && started.meters && started.meters[position];
    if (kind !== "verdict" || fields.position !== position || fields.is_repeated || !meter || meter.serial !== serial) continue;
    const point = (started.test_points || [])[fields.point];
    if (!point) continue;
    const load = point.load_point ? point.load_point.name : "";
    verdicts.set(`${point.item} ${load.replaceAll(" ", "_")}`, fields);
  }
  return verdicts;
}

function placeOf(item, label) {
  return [item, label.replaceAll("_", " ")].filter(Boolean).join(", ");
}

function millionths(text) {
  const parts = /^([+-]?)(\d+)(?:\.(\d{1,6}))?$/.exec(text === null || text === undefined ? "" : String(text));
  if (!parts) return null;
  const size = BigInt(parts[2] + (parts[3] || "").padEnd(PLACES, "0"));
  return parts[1] === "-" ? -size : size;
}

/** One unit of the last digit that a text shows, in millionths. */
function lastDigit(text) {
  const decimals = (text.split(".")[1] || "").length;
  return 10n ** BigInt(PLACES - decimals);
}

function isRoundingOf(printed, recorded) {
  const [one, other] = [millionths(printed), millionths(recorded)];
  if (one === null || other === null) return false;
  const apart = one > other ? one - other : other - one;
  return 2n * apart <= lastDigit(printed);
}

function isNotBelow(printed, recorded) {
  const [one, other] = [millionths(printed), millionths(recorded)];
  return one !== null && other !== null && 2n * (other - one) <= lastDigit(printed);
}

/** The identifications of the certificate and its item, by their reference types. */
function identifications(xml) {
  const found = all(xml, "identification").map((each) => [each.getAttribute("refType"), textOf(one(each, "value"))]);
  return Object.fromEntries(found.reverse());
}

function all(node, name, space = DCC_SPACE) {
  return node === null ? [] : [...node.getElementsByTagNameNS(space, name)];
}

function one(node, name, space = DCC_SPACE) {
  return all(node, name, space)[0] || null;
}

function textOf(node) {
  return node === null ? "" : node.textContent.trim();
}

/** The words of the first list of this name. */
function words(node, space, name) {
  const text = textOf(one(node, name, space));
  return text ? text.split(/\s+/) : [];
}

/** The first quantity with a reference type. */
function quantityIn(result, type) {
  return all(result, "quantity").find((each) => (each.getAttribute("refType") || "").split(" ").includes(type)) || null;
}
