// A run as its records tell it: what was tested, the errors with their limits as a drawing and as a table, each item's verdict.
import { drawErrors } from "./error_plot.js";
import { element, section, table } from "./dom.js";
import { say, sayFigure, sayFinding, sayItem, sayVerdict } from "./language.js";

/** The sections of one run. course: the drawings of its windows, or null. */
export function runView(run, records, course) {
  const own = records.filter((record) => record.run === run);
  const started = own.find((record) => record.kind === "run_started");
  const ended = own.find((record) => record.kind === "run_ended");
  if (!started) return [];
  const positions = Object.keys(started.fields.meters || {});
  const content = [worthView(started.fields), runFacts(started.fields, ended)];
  if (!ended) content.push(element("p", {}, say("interrupted")));
  for (const position of positions) content.push(...positionView(position, started.fields, own, positions.length > 1));
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

function runFacts(started, ended) {
  const { rule_set: rules, reference_card: card, clock, station } = started;
  return facts([
    [say("fact_when"), dayOf(clock)],
    [say("fact_bench"), station && station.bench],
    [say("fact_standard"), card && [card.model, card.serial].filter(Boolean).join(", ")],
    [say("fact_rules"), rules && rules.name],
    [say("fact_conclusion"), ended && sayVerdict(ended.fields.verdict)],
  ]);
}

function dayOf(clock) {
  return clock && typeof clock.wall_time === "string" ? clock.wall_time.slice(0, 16).replace("T", " ") : "";
}

function positionView(position, started, records, isOneOfMany) {
  const meter = started.meters[position];
  const unit = meter.quantity === "reactive" ? "imp/kvarh" : "imp/kWh";
  const lines = conclusionsOf(position, started, records);
  const errors = lines.filter((line) => line.error !== null && !line.isRepeated);
  const heading = isOneOfMany ? element("h3", {}, say("position", { position })) : null;
  return [
    heading,
    facts([
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
        line.error === null ? line.found : errorText(line),
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
      limit: mean && figure(fields.mpe_pct),
      found: Object.entries(fields.figures || {}).map(([name, value]) => sayFigure(name, value)).join("; "),
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

/** An error and its uncertainty, both with the decimals that give the uncertainty two digits; the true minus. */
function errorText({ error, uncertainty }) {
  const digits = uncertainty > 0 ? Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(uncertainty)))) : 3;
  const size = Math.abs(error).toFixed(digits);
  const sign = Number(size) === 0 ? "" : error < 0 ? "\u2212" : "+";
  return `${sign}${size}${uncertainty === null ? "" : ` \u00b1 ${uncertainty.toFixed(digits)}`} %`;
}
