// A run as its records tell it: what was tested, the errors with their limits as a drawing and as a table, each item's verdict.
import { drawErrors } from "./error_plot.js";
import { element, section, table } from "./dom.js";
import { say, sayFigures, sayFinding, sayItem, sayVerdict } from "./language.js";

/** The sections of one run. course: the drawings of its windows, or null. */
export function runView(run, records, course) {
  const own = records.filter((record) => record.run === run);
  const started = own.find((record) => record.kind === "run_started");
  const ended = own.find((record) => record.kind === "run_ended");
  if (!started) return [];
  const positions = Object.keys(started.fields.meters || {});
  const content = [worthView(started.fields), runFacts(started.fields)];
  if (!ended) content.push(element("p", {}, say("interrupted")));
  for (const position of positions) content.push(...positionView(position, started.fields, ended, own, positions.length > 1));
  return [section("run", say("run_heading", { run }), content, course)];
}

/** "SIMULATED", or what keeps a run from being official. */
function worthView({ station }) {
  const kind = station && station.kind;
  if (kind === "simulated") return element("p", { class: "worth" }, say("simulated"));
  const reasons = (station && station.not_official_because) || [];
  if (kind !== "informative") return null;
  return element("div", { class: "worth" }, say("informative"), element("ul", {}, reasons.map((one) => element("li", {}, sayFinding(one)))));
}

function facts(pairs) {
  const known = pairs.filter(([, value]) => value);
  return element("dl", {}, known.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

function runFacts(started) {
  const { rule_set: rules, reference_card: card, clock, station } = started;
  return facts([
    [say("fact_when"), dayOf(clock)],
    [say("fact_bench"), station && station.bench],
    [say("fact_standard"), card && [card.model, card.serial].filter(Boolean).join(", ")],
    [say("fact_rules"), rules && (standardOf(rules.text) || rules.name)],
  ]);
}

/** What the text of a rule set calls its standard; "" where it does not say. */
function standardOf(text) {
  const line = /^standard\s*=\s*"([^"\\]+)"/m.exec(typeof text === "string" ? text : "");
  return line ? line[1] : "";
}

/** Records keep the time in UTC, and how far the laboratory's clock on the wall was ahead of it. */
function dayOf(clock) {
  const utc = clock && typeof clock.wall_time === "string" ? Date.parse(clock.wall_time) : NaN;
  const ahead_s = clock && Number.isInteger(clock.utc_offset_s) ? clock.utc_offset_s : 0;
  if (!Number.isFinite(utc) || Math.abs(ahead_s) > 86400) return "";
  return `${new Date(utc + ahead_s * 1000).toISOString().slice(0, 16).replace("T", " ")} ${zoneOf(ahead_s)}`;
}

function zoneOf(ahead_s) {
  const minutes = Math.round(Math.abs(ahead_s) / 60);
  const parts = [Math.floor(minutes / 60), minutes % 60].map((each) => String(each).padStart(2, "0"));
  return minutes ? `UTC${ahead_s < 0 ? "\u2212" : "+"}${parts.join(":")}` : "UTC";
}

/** Of one meter: a run may have several, of several customers. */
function verdictOf(position, ended) {
  return ended && ended.fields.positions ? sayVerdict(ended.fields.positions[position]) : null;
}

function positionView(position, started, ended, records, isOneOfMany) {
  const meter = started.meters[position];
  const unit = meter.quantity === "reactive" ? "imp/kvarh" : "imp/kWh";
  const lines = conclusionsOf(position, started, records);
  const errors = lines.filter((line) => line.error !== null && !line.isRepeated);
  const heading = isOneOfMany ? element("h3", {}, say("position", { position })) : null;
  return [
    heading,
    facts([
      [say("fact_conclusion"), verdictOf(position, ended)],
      [say("fact_meter"), [meter.meter_type, meter.serial].filter(Boolean).join(", ")],
      [say("fact_constant"), meter.meter_constant_imp_per_kWh && `${figure(meter.meter_constant_imp_per_kWh)} ${unit}`],
      [say("fact_class"), meter.accuracy_class],
    ]),
    errors.length
      ? element(
          "figure",
          {},
          element("figcaption", {}, element("strong", {}, say("plot_heading")), " ", say("plot_legend")),
          drawErrors(errors, say("plot_label"))
        )
      : null,
    table(
      say("plot_heading"),
      [say("item"), say("load"), say("found"), say("limit"), say("verdict")],
      lines.map((line) => [
        line.item + (line.attempt ? ` (${say("attempt", { attempt: line.attempt + 1 })})` : ""),
        line.load,
        line.error === null ? line.found : [errorText(line), roundedView(line)],
        line.limit === null ? "" : `±${line.limit} %`,
        verdictCell(line),
      ])
    ),
  ].filter(Boolean);
}

function verdictCell({ verdict, isRepeated, findings }) {
  const words = sayVerdict(verdict) + (isRepeated ? ` (${say("is_repeated")})` : "");
  const reasons = findings.map((one) => element("span", { class: "reason" }, sayFinding(one)));
  return element("span", { class: `word ${verdict}` }, words, reasons);
}

/** What the verdicts of a position say, in their order; figures as numbers, null where there are none. */
function conclusionsOf(position, started, records) {
  const points = started.test_points || [];
  const verdicts = records.filter((record) => record.kind === "verdict" && record.fields.position === position);
  return verdicts.map(({ number, fields }) => {
    const point = points[fields.point] || {};
    const mean = fields.mean || null;
    return {
      number,
      item: sayItem(point.item),
      load: point.load_point ? point.load_point.name : "",
      error: mean && figure(mean.mean_pct),
      uncertainty: mean && figure(mean.expanded_uncertainty_pct),
      rounded: mean && figure(mean.rounded_pct) !== null ? mean.rounded_pct : null,
      limit: mean && figure(fields.mpe_pct),
      found: sayFigures(fields.figures || {}),
      verdict: String(fields.verdict),
      isRepeated: fields.is_repeated === true,
      attempt: Number(fields.attempt) || 0,
      findings: Array.isArray(fields.findings) ? fields.findings : [],
    };
  });
}

/** The number that a text of a record is; null where it is none. */
function figure(text) {
  return typeof text === "string" && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

/** The rounded error, where a rule set rounds, with the digits that the record has; which of the two is judged, the rule says. */
function roundedView({ rounded }) {
  if (rounded === null) return null;
  const size = rounded.replace("-", "");
  const sign = Number(size) === 0 ? "" : rounded.startsWith("-") ? "\u2212" : "+";
  return element("span", { class: "reason" }, say("rounded_to", { value: `${sign}${size}` }));
}

/** An error and its uncertainty, both with the decimals that give the uncertainty two digits; the true minus. */
function errorText({ error, uncertainty }) {
  const digits = uncertainty > 0 ? Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(uncertainty)))) : 3;
  const size = Math.abs(error).toFixed(digits);
  const sign = Number(size) === 0 ? "" : error < 0 ? "\u2212" : "+";
  return `${sign}${size}${uncertainty === null ? "" : ` \u00b1 ${uncertainty.toFixed(digits)}`} %`;
}
