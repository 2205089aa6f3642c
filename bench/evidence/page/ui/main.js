// The page alive: a file comes in, is checked step by step, and what was found is shown in the language that is chosen.
import { Refused } from "../archive/bytes.js";
import { isSignedByBrowser } from "../archive/ed25519.js";
import { breather, checkBundle, sameFileIn } from "../archive/integrity.js";
import { looksLikeArchive } from "../archive/zip.js";
import { isNumbered, replacements } from "./certificate_check.js";
import { certificatesView, readCertificates } from "./certificates.js";
import { courseView } from "./course_plot.js";
import { byId, element, onOtherWidth } from "./dom.js";
import { computeFigures } from "./figures.js";
import { compareTyped } from "./key_check.js";
import { htmlLanguage, say, switchLanguage } from "./language.js";
import { differencesView, outcomeView, refusalView, stepsView, takenView } from "./outcome.js";
import { runView } from "./run_view.js";

const CERTIFICATE_STARTS = ["%PDF", "<?xm", "<dcc"];

/** report: of the bundle that was checked; refusal: of the file that could not be; companions: files compared with it. */
const shown = { report: null, refusal: null, companions: [], openCourses: new Set(), hasBrowserEd25519: false, turn: 0 };

function renderAll() {
  document.documentElement.lang = htmlLanguage();
  document.title = say("page_title");
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = say(node.dataset.word);
  const language = byId("language");
  language.textContent = say("other_language");
  language.setAttribute("aria-label", say("other_language_label"));
  byId("ed25519").textContent = say(shown.hasBrowserEd25519 ? "browser_checks" : "own_checks");
  if (shown.report || shown.refusal) byId("choose-words").textContent = say("choose_again");
  renderReport();
  renderComparison();
}

function renderReport() {
  const { report, companions } = shown;
  byId("key").hidden = !report || !report.bundle.keys.length;
  byId("companions").replaceChildren(...companions.map(companionView));
  byId("report").replaceChildren(...(report ? reportNodes(report) : []));
  const [fingerprint, older] = report ? report.bundle.fingerprints : [];
  byId("fingerprint").replaceChildren(...groupsOf(fingerprint));
  byId("older").hidden = !older;
  byId("older-fingerprint").replaceChildren(...groupsOf(older));
}

function reportNodes(report) {
  const { bundle, figures, certificates } = report;
  const runs = bundle.manifest ? bundle.manifest.runs : [];
  return [
    stepsView(report),
    differencesView(figures.differences),
    takenView(figures.taken),
    runs.map((run) => runView(run, bundle.records, coursesOf(run, figures))),
    certificatesView(certificates, bundle),
    element("p", { class: "last" }, printButton()),
  ]
    .flat(2)
    .filter(Boolean);
}

function coursesOf(run, figures) {
  const windows = figures.runs.flatMap((one) => (one.run === run && one.windows) || []);
  const drawings = windows.filter((one) => one.series).map(courseView).filter(Boolean);
  if (!drawings.length) return null;
  const courses = element("details", { class: "courses" }, element("summary", {}, say("course_heading")), drawings);
  courses.open = shown.openCourses.has(run);
  courses.addEventListener("toggle", () => (courses.open ? shown.openCourses.add(run) : shown.openCourses.delete(run)));
  return courses;
}

function printButton() {
  const button = element("button", { type: "button", class: "quiet" }, say("print"));
  button.addEventListener("click", () => window.print());
  return button;
}

function groupsOf(fingerprint = "") {
  return fingerprint.split(" ").flatMap((group) => [element("span", {}, group), " "]);
}

function companionView({ file, name, replaced }) {
  if (replaced) return element("p", { class: "companion other" }, say("companion_replaced", { file, ...replaced }));
  return element("p", { class: name ? "companion same" : "companion other" }, say(name ? "companion_same" : "companion_other", { file, name }));
}

/** The comparison of what is typed, and with it the outcome, which depends on it. */
function renderComparison() {
  const { report, refusal } = shown;
  const outcome = byId("outcome");
  outcome.hidden = !report && !refusal;
  if (refusal) {
    outcome.dataset.outcome = "refused";
    outcome.replaceChildren(...refusalView(refusal));
  }
  if (!report) return;
  const typed = byId("typed").value;
  const comparison = !report.bundle.keys.length ? { state: "none", words: "" } : compareTyped(typed, report.bundle);
  const note = byId("comparison");
  note.dataset.state = comparison.state;
  if (note.textContent !== comparison.words) note.textContent = comparison.words;
  const view = outcomeView(report, comparison);
  outcome.dataset.outcome = view.outcome;
  // Said again to a screen reader only where it has changed, not with every digit that is typed.
  if (outcome.textContent !== view.nodes.map((node) => node.textContent).join("")) outcome.replaceChildren(...view.nodes);
}

function showProgress(step, done) {
  byId("bar").value = done;
  byId("progress-words").textContent = say(`working_${step}`);
}

async function takeFiles(files) {
  const turn = ++shown.turn;
  const progress = byId("progress");
  progress.hidden = false;
  for (const file of files) {
    byId("progress-words").textContent = say("working", { file: file.name });
    byId("bar").removeAttribute("value");
    await takeFile(file, () => turn === shown.turn);
  }
  if (turn !== shown.turn) return;
  progress.hidden = true;
  renderAll();
  byId("outcome").focus({ preventScroll: false });
}

/** isCurrent: nobody has given another file meanwhile. */
async function takeFile(file, isCurrent) {
  try {
    const bytes = await bytesOf(file);
    if (!looksLikeArchive(bytes) && isCertificate(bytes)) {
      takeCertificate(file.name, bytes);
      return;
    }
    const report = await reportOn(bytes);
    if (isCurrent()) Object.assign(shown, { report, refusal: null, companions: [] });
  } catch (error) {
    const refusal = error instanceof Refused ? error : new Refused("page_failed", { detail: String((error && error.message) || error) });
    if (isCurrent()) Object.assign(shown, { report: null, refusal, companions: [] });
  }
}

async function bytesOf(file) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Refused("file_unreadable");
  }
}

function isCertificate(bytes) {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  return CERTIFICATE_STARTS.includes(start);
}

/** A certificate is compared with the bundle that was checked before it. */
function takeCertificate(file, bytes) {
  if (!shown.report) throw new Refused("a_certificate_alone");
  const { bundle } = shown.report;
  const old = [...replacements(bundle)].find(([number]) => isNumbered(bytes, number));
  const replaced = old ? { number: old[0], by: old[1] } : null;
  shown.companions.push({ file, name: sameFileIn(bundle, bytes), replaced });
}

async function reportOn(bytes) {
  const breathe = breather(showProgress);
  const bundle = await checkBundle(bytes, breathe);
  const figures = await computeFigures(bundle, breathe);
  return { bundle, figures, certificates: readCertificates(bundle) };
}

async function startPage() {
  byId("language").addEventListener("click", () => {
    switchLanguage();
    renderAll();
  });
  byId("typed").addEventListener("input", renderComparison);
  onOtherWidth(renderAll);
  byId("file").addEventListener("change", (event) => {
    const files = [...event.target.files];
    event.target.value = "";
    if (files.length) takeFiles(files);
  });
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    const files = [...event.dataTransfer.files];
    if (files.length) takeFiles(files);
  });
  renderAll();
  const nothing = new Uint8Array(32);
  shown.hasBrowserEd25519 = (await isSignedByBrowser(nothing, new Uint8Array(64), nothing)) !== null;
  byId("ed25519").textContent = say(shown.hasBrowserEd25519 ? "browser_checks" : "own_checks");
}

startPage();
