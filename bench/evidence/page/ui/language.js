// Which language is spoken, and how a text is said in it.
import { COURSE_WORDS } from "../course/words.js";
import { FIELD_NAMES, FIGURE_ORDER, FIGURE_SENTENCES, ITEM_NAMES, REASON_SENTENCES } from "../generated.js";
import { WORDS } from "../words.js";

const LANGUAGES = ["zh", "en"];
const VERDICTS = ["PASS", "FAIL", "INVALID", "UNJUDGED"];
const HTML_NAMES = { zh: "zh-Hans", en: "en" };
const chosen = { language: firstLanguage() };

/** The browser's, where it is one of the two; Chinese for whoever lists Chinese before English, English for all others. */
function firstLanguage() {
  const asked = (navigator.languages || [navigator.language || ""]).map((tag) => tag.slice(0, 2).toLowerCase());
  return asked.find((language) => LANGUAGES.includes(language)) || "en";
}

export function switchLanguage() {
  chosen.language = chosen.language === "zh" ? "en" : "zh";
}

export function htmlLanguage() {
  return HTML_NAMES[chosen.language];
}

/** A text of words.js, the page's own or that of the recomputation, with its values. */
export function say(key, values = {}) {
  return filled(WORDS[key] || COURSE_WORDS[key], values);
}

/** What the recomputation found: a figure as text, a sentence as {key, values}, or a finding of the records. */
export function sayFound(found) {
  if (found === null || typeof found !== "object") return String(found);
  return Object.hasOwn(COURSE_WORDS, found.key) ? say(found.key, found.values) : sayFinding(found);
}

/** The place of a figure in the records, which the recomputation names in English. */
export function sayPlace(where) {
  return String(where)
    .replace(/\btest point (\d+) \((\w+)/g, (_, number, item) => `${say("where_test_point", { number })} (${sayItem(item)}`)
    .replace(/\brecord (\d+)/g, (_, number) => say("where_record", { number }))
    .replace(/\bposition ([^\s:,]+)/g, (_, position) => say("where_position", { position }));
}

function filled(texts, values = {}) {
  const text = texts[LANGUAGES.indexOf(chosen.language)];
  return text.replace(/\{(\w+)\}/g, (_, name) => (Object.hasOwn(values, name) ? readableText(String(values[name])) : "—"));
}

/** A free text stands in the records as a salted hash only; the bundle does not have the text. */
function readableText(text) {
  return text.replace(/text:[0-9a-f]{64}/g, () => say("text_kept_apart"));
}

/** An item by its name in the records; one that only a newer program knows: that name. */
export function sayItem(item) {
  if (typeof item !== "string") return "\u2014";
  return Object.hasOwn(ITEM_NAMES, item) ? filled(ITEM_NAMES[item]) : item;
}

/** The figures of an item in the order in which they are read; records have them by the alphabet. */
export function sayFigures(figures) {
  const place = (name) => (Object.hasOwn(FIGURE_ORDER, name) ? FIGURE_ORDER[name] : Number.MAX_VALUE);
  const inOrder = Object.entries(figures).sort(([one], [other]) => place(one) - place(other));
  return inOrder.map(([name, value]) => sayFigure(name, value)).join("; ");
}

/** What an item has found, by the name of the figure in the records. */
function sayFigure(name, value) {
  if (Object.hasOwn(FIGURE_SENTENCES, name)) return filled(FIGURE_SENTENCES[name], { value });
  const named = Object.hasOwn(FIELD_NAMES, name) ? filled(FIELD_NAMES[name]) : name;
  return `${named}: ${value === "ok" ? say("is_ok") : readableText(String(value))}`;
}

/** The sentence of a finding as records write it: {reason, values}. One that only a newer program knows: its name. */
export function sayFinding(finding) {
  if (finding === null || typeof finding !== "object") return String(finding);
  const values = finding.values || {};
  if (!Object.hasOwn(REASON_SENTENCES, finding.reason)) return String(finding.reason);
  const { texts, without } = REASON_SENTENCES[finding.reason];
  const named = withFieldsNamed(finding.reason, values);
  return filled(without && !Object.hasOwn(values, without.value) ? without.texts : texts, named);
}

/** The values of a finding with the fields that it lists ("seals: torn, display") by their names. */
function withFieldsNamed(reason, values) {
  const listed = { inspection_failed: "fields", not_answered: "detail" }[reason];
  if (listed === undefined || !Object.hasOwn(values, listed)) return values;
  const names = Object.keys(FIELD_NAMES).join("|");
  const heads = new RegExp(`(^|, )(${names})(?=: |, |$)`, "g");
  const named = String(values[listed]).replace(heads, (_, before, name) => before + filled(FIELD_NAMES[name]));
  return { ...values, [listed]: named };
}

export function sayVerdict(verdict) {
  return VERDICTS.includes(verdict) ? say(verdict) : "\u2014";
}
