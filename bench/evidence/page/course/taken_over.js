// A run that goes on with an earlier one may take its verdicts over only where all that a verdict hangs on is as it was.
import { readToml } from "./toml.js";

/** Tells the first frozen input in which two runs differ. What may differ: comments and title of the plan, timing, what no verdict hangs on. */
export function differsFromEarlier(before, now) {
  const [one, other] = [before, now].map((run) => inputsOf(run.started.fields));
  for (const key of Object.keys(one)) {
    if (one[key] === other[key]) continue;
    now.comparison.differs(`record ${now.started.number}: ${key}`, other[key], one[key]);
    return;
  }
  const [had, has] = [before, now].map((run) => run.started.fields.station.not_official_because.map(({ reason }) => reason));
  const lost = had.filter((reason) => !has.includes(reason));
  if (lost.length) now.comparison.differs(`record ${now.started.number}: not_official_because`, has.join(", "), lost.join(", "));
}

function inputsOf(fields) {
  const { rule_set, station } = fields;
  const plan = readToml(fields.plan);
  delete plan.title; // recorded as a salted hash: never twice the same
  return {
    plan: sortedText(plan),
    rule_set: sortedText({ name: rule_set.name, edition: rule_set.edition, sha256: rule_set.sha256 }),
    computation: sortedText(fields.computation),
    reference_card: sortedText(fields.reference_card),
    reference_profile: sortedText(station.reference_profile),
    kind: station.kind,
    verifier: station.verifier || "",
    pooled_repeatability: sortedText(fields.pooled_repeatability),
    clock_frequency_U_ppm: String(fields.clock_frequency_U_ppm),
    pps_U_ppm: String(fields.pps_U_ppm === undefined ? null : fields.pps_U_ppm),
  };
}

/** JSON with its keys in order. */
function sortedText(value) {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.keys(inner).sort().map((key) => [key, inner[key]]))
      : inner
  );
}
