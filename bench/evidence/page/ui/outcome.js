// What all of it comes to, in one sentence, and the list of what was checked.
import { element, section, table } from "./dom.js";
import { say, sayFound, sayPlace } from "./language.js";

const MOST_LISTED = 12;
const SIGNS = { ok: "\u2713", wrong: "\u2715", unknown: "?" };

/** "changed", "differs", "intact" or "agrees"; other_key, other_paper: what was typed is not of this
 * bundle. */
export function outcomeOf(report, comparison) {
  if (report.bundle.steps.some((step) => step.problems.length)) return "changed";
  if (comparison.state === "differs") return "other_key";
  if (comparison.state === "bad") return "other_paper";
  if (report.figures.differences.length || report.certificates.some((one) => one.differences.length)) return "differs";
  return report.figures.findings.length || report.figures.failure ? "intact" : "agrees";
}

export function outcomeView(report, comparison) {
  const outcome = outcomeOf(report, comparison);
  const { results, differences, ties } = report.figures;
  const count = differences.length + report.certificates.reduce((sum, one) => sum + one.differences.length, 0);
  const sign = { agrees: SIGNS.ok, intact: SIGNS.unknown }[outcome] || SIGNS.wrong;
  return {
    outcome,
    nodes: [
      element("p", { class: "verdict" }, element("span", { class: "sign", "aria-hidden": "true" }, sign), say(`outcome_${outcome}`)),
      element("p", { class: "more" }, say(`outcome_${outcome}_more`, { results, count })),
      ties && outcome === "agrees" ? element("p", { class: "soft" }, say("outcome_agrees_ties", { ties })) : null,
      comparison.state === "none" && outcome !== "changed" ? element("p", { class: "more" }, say("key_not_compared")) : null,
    ].filter(Boolean),
  };
}

export function refusalView(refusal) {
  return [
    element("p", { class: "verdict" }, element("span", { class: "sign", "aria-hidden": "true" }, SIGNS.wrong), say("outcome_refused")),
    element("p", { class: "more" }, say(refusal.key, refusal.values)),
  ];
}

/** Each step with its sign and its problems. */
export function stepsView(report) {
  const steps = report.bundle.steps.map(({ name, problems }) => ({
    name,
    state: problems.length ? "wrong" : "ok",
    problems: problems.map((problem) => say(problem.key, problem.values)),
  }));
  const { figures, certificates } = report;
  const unknown = figures.failure ? [figures.failure] : figures.findings;
  steps.push({
    name: "figures",
    state: figures.differences.length ? "wrong" : unknown.length ? "unknown" : "ok",
    problems: unknown.map((finding) => say("not_recomputed", { detail: sayFound(finding) })),
  });
  if (certificates.length) {
    const isWrong = certificates.some((one) => one.differences.length);
    const isUnknown = certificates.some((one) => !one.found || !one.found.count);
    steps.push({ name: "certificates", state: isWrong ? "wrong" : isUnknown ? "unknown" : "ok", problems: [] });
  }
  return section("steps", say("steps_heading"), element("ul", {}, steps.map(stepView)));
}

function stepView({ name, state, problems }) {
  const words = { ok: "step_ok", wrong: "step_wrong", unknown: "step_unknown" };
  const rest = problems.length - MOST_LISTED;
  const listed = problems.slice(0, MOST_LISTED).map((words) => element("li", {}, words));
  if (rest > 0) listed.push(element("li", {}, say("more_problems", { count: rest })));
  return element(
    "li",
    { class: `step ${state}` },
    element("span", { class: "sign", "aria-hidden": "true" }, SIGNS[state]),
    element("span", { class: "what" }, say(`step_${name}`)),
    element("span", { class: "state" }, say(words[state])),
    listed.length ? element("ul", { class: "problems" }, listed) : null
  );
}

export function differencesView(differences) {
  if (!differences.length) return null;
  const rows = differences.slice(0, 200).map((one) => [sayPlace(one.where), sayFound(one.recorded), sayFound(one.recomputed)]);
  const rest = differences.length - rows.length;
  return section(
    "differences",
    say("differences_heading"),
    table(say("differences_heading"), [say("where"), say("recorded"), say("recomputed")], rows),
    rest > 0 ? element("p", { class: "soft" }, say("more_problems", { count: rest })) : null
  );
}

/** What no raw data stand behind. */
export function takenView(taken) {
  if (!taken.length) return null;
  const list = element("ul", {}, taken.map((one) => element("li", {}, sayFound(one))));
  return section("taken", say("taken_heading"), element("p", {}, say("taken_why")), list);
}
