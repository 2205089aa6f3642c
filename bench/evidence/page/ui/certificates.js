// The certificates in a bundle: whether they state what the records say, and their files to be saved.
import { checkCertificate, replacements } from "./certificate_check.js";
import { element, section } from "./dom.js";
import { say, sayItem, sayVerdict } from "./language.js";

const TYPES = { pdf: "application/pdf", xml: "application/xml" };

/** [{number, files: [{name, type, bytes}], found: null | {count, differences}, differences}], by number; found: of the XML;
 * differences: those, and {number, by} of a certificate that another in the bundle has replaced. */
export function readCertificates(bundle) {
  const byNumber = new Map();
  for (const [name, bytes] of bundle.files) {
    const parts = name.match(/^certificates\/(.+)\.(xml|pdf)$/);
    if (!parts) continue;
    if (!byNumber.has(parts[1])) byNumber.set(parts[1], []);
    byNumber.get(parts[1]).push({ name: `${parts[1]}.${parts[2]}`, type: TYPES[parts[2]], bytes });
  }
  const replaced = replacements(bundle);
  return [...byNumber].map(([number, files]) => {
    const xml = files.find(({ type }) => type === TYPES.xml);
    const found = xml && bundle.manifest ? checkCertificate(xml.bytes, number, bundle) : null;
    const old = replaced.has(number) ? [{ number, by: replaced.get(number) }] : [];
    return { number, files, found, differences: old.concat(found ? found.differences : []) };
  });
}

export function certificatesView(certificates) {
  if (!certificates.length) return null;
  const seals = element("p", { class: "soft" }, say("certificate_signature"));
  return section("certificates", say("certificates_heading"), certificates.map(certificateView), seals);
}

function certificateView({ number, files, found, differences }) {
  return element(
    "div",
    { class: "certificate" },
    element("h3", {}, say("certificate", { number })),
    differences.length
      ? element("ul", { class: "problems" }, differences.map((one) => element("li", {}, differenceText(one))))
      : element("p", {}, found && found.count ? say("certificate_agrees", { count: found.count }) : say("certificate_not_compared")),
    element("p", {}, files.map(saveLink))
  );
}

/** place: an item, perhaps with its load point, or an element of the XML; by: of a certificate that was replaced. */
function differenceText({ place, printed, recorded, number, by }) {
  if (by) return say("certificate_replaced", { number, by });
  const [item, ...load] = place.split(", ");
  const where = [sayItem(item), ...load].join(", ");
  return say("certificate_differs", { place: where, printed: wordOf(printed), recorded: wordOf(recorded) });
}

function wordOf(text) {
  const verdict = sayVerdict(text);
  return verdict === "\u2014" ? text : verdict;
}

function saveLink({ name, type, bytes }) {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  return element("a", { class: "quiet", href: address, download: name.replace(/[^\w.-]/g, "_") }, say("save", { file: name }));
}
