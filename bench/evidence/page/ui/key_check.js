// The fingerprint that somebody has typed, or the text of a certificate's QR code, against the bundle, while they type.
import { compareQrText, looksLikeQrText } from "../archive/qr_text.js";
import { say } from "./language.js";

const DIGITS = 64;

/** What is typed: {state: "none" | "part" | "same" | "older" | "differs" | "bad" | "strange",
 * words}. */
export function compareTyped(typed, bundle) {
  if (!looksLikeQrText(typed)) return compareFingerprint(typed, bundle.fingerprints);
  const { state, key, values } = compareQrText(typed, bundle);
  return { state, words: say(key, values) };
}

/** A separator is anything that people write between groups. */
function compareFingerprint(typed, fingerprints) {
  const digits = typed.replace(/[\s:.\-\u2013\u00b7]/g, "").toUpperCase();
  if (!digits) return { state: "none", words: say("key_not_compared") };
  if (!/^[0-9A-F]+$/.test(digits) || digits.length > DIGITS) return { state: "strange", words: say("key_strange") };
  const known = fingerprints.map((each) => each.replace(/ /g, ""));
  const which = known.findIndex((own) => own.startsWith(digits));
  if (which < 0) {
    const at = [...digits].findIndex((digit, index) => digit !== known[0][index]);
    return { state: "differs", words: say("key_differs", { at: at + 1 }) };
  }
  if (digits.length < DIGITS) return { state: "part", words: say("key_so_far", { typed: digits.length }) };
  return which === 0 ? { state: "same", words: say("key_same") } : { state: "older", words: say("key_older") };
}
