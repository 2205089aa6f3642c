// The certificates in a bundle: their files to be saved.
import { element, section } from "./dom.js";
import { say } from "./language.js";

const TYPES = { pdf: "application/pdf", xml: "application/xml" };

/** [{number, files: [{name, bytes}], compared, differences}], by number. */
export function readCertificates(bundle) {
  const byNumber = new Map();
  for (const [name, bytes] of bundle.files) {
    const parts = name.match(/^certificates\/(.+)\.(xml|pdf)$/);
    if (!parts) continue;
    if (!byNumber.has(parts[1])) byNumber.set(parts[1], []);
    byNumber.get(parts[1]).push({ name: `${parts[1]}.${parts[2]}`, type: TYPES[parts[2]], bytes });
  }
  return [...byNumber].map(([number, files]) => ({ number, files, compared: false, differences: [] }));
}

export function certificatesView(certificates) {
  if (!certificates.length) return null;
  return section("certificates", say("certificates_heading"), certificates.map(certificateView), element("p", { class: "soft" }, say("certificate_signature")));
}

function certificateView({ number, files }) {
  return element("div", { class: "certificate" }, element("h3", {}, say("certificate", { number })), element("p", {}, files.map(saveLink)));
}

function saveLink({ name, type, bytes }) {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  return element("a", { class: "quiet", href: address, download: name.replace(/[^\w.-]/g, "_") }, say("save", { file: name }));
}
