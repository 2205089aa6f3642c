// The age badge: how old is what this page shows. A silently stale page must not exist.
//
// Every event says how old the bench's last word was when it was sent; from there the browser's own clock
// counts on. After OLD_AFTER_S the badge is grey, after NONE_AFTER_S the figures are struck through.
// Grey is promised within 2 s, so it has a timer of its own and does not wait for the next look of the page.

const OLD_AFTER_S = 1.9;
const NONE_AFTER_S = 5;

export class Age {
  #badge = document.getElementById("age");
  #knownAt = null; // when the bench's last word was true, by this browser's monotonic clock (ms)
  #reason = "connecting"; // what to say while there is nothing live
  #oldTimer = null;

  /** An event arrived: the bench's last word was `age_s` old then; negative is "never heard". */
  heard({ age_s: ageS }) {
    this.#knownAt = ageS < 0 ? null : performance.now() - ageS * 1000;
    this.#reason = ageS < 0 ? "none" : null;
    clearTimeout(this.#oldTimer);
    this.#oldTimer = setTimeout(() => this.show(), Math.max(0, OLD_AFTER_S - ageS) * 1000);
    this.show();
  }

  /** The stream is away for a reason with a text of its own: connecting, full, paused. */
  away(reason) {
    this.#reason = reason;
    this.show();
  }

  /** Seconds since what is shown was true; Infinity where nothing was heard. */
  seconds() {
    return this.#knownAt === null ? Infinity : (performance.now() - this.#knownAt) / 1000;
  }

  show() {
    const age = this.seconds();
    const freshness = age >= NONE_AFTER_S ? "none" : age >= OLD_AFTER_S ? "old" : "live";
    document.body.dataset.freshness = freshness;
    const text = this.#text(freshness, Math.round(age));
    if (this.#badge.textContent !== text) this.#badge.textContent = text;
    return freshness;
  }

  #text(freshness, seconds) {
    const said = this.#badge.dataset;
    if (freshness === "live") return said.live;
    if (freshness === "old") return said.old.replace("{seconds}", String(seconds));
    const why = this.#reason === null || this.#reason === "none" ? "" : ` · ${said[this.#reason]}`;
    return said.none + why;
  }

  /** What a screen reader hears when the figures stop being live. */
  get noneSpoken() {
    return this.#badge.dataset.noneSpoken;
  }
}
