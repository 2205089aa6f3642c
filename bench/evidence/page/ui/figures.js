// The figures of a bundle computed again. Whatever goes wrong in that becomes a sentence: a bundle that is whole stays so.
import { recomputeRuns } from "../course/recompute.js";

/** {results, ties, differences, findings, taken, runs, failure}; failure: why it ended before its end, or null. */
export async function computeFigures(bundle, breathe) {
  const nothing = { results: 0, ties: 0, differences: [], findings: [], taken: [], runs: [], failure: null };
  if (bundle.manifest === null || !bundle.records.length) return { ...nothing, failure: RECORDS_UNREADABLE };
  try {
    return { ...nothing, ...(await recomputeRuns(bundle, breathe)) };
  } catch (error) {
    return { ...nothing, failure: String((error && error.message) || error) };
  }
}

const RECORDS_UNREADABLE = "records.jsonl, manifest.json";
