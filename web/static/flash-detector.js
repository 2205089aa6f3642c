// Flashes of a lamp in a row of brightnesses (0 to 255) with their times (ms). Nothing of a browser is in here.
//
// Dark is what the brightness falls back to: it follows downwards at once and upwards slowly, so that a lamp which comes up
// in a brighter room is told from a room that becomes brighter. A flash is a rise by more than LEAST above dark, and by more
// than half of what flashes had lately, which has gone again within LONGEST_MS. It is counted when it has gone.

const LEAST = 12;
const LONGEST_MS = 1000;
const DARK_FOLLOWS_MS = 2000;
const PEAK_FORGETS_MS = 20000;

export class FlashDetector {
  #dark = null;
  #peak = 0;
  #last = 0;
  #litSince = null;

  /** True where a flash has just gone. */
  feed(brightness, at) {
    if (this.#dark === null) {
      this.#dark = brightness;
      this.#last = at;
      return false;
    }
    const passed = Math.max(0, at - this.#last);
    this.#last = at;
    this.#peak *= Math.exp(-passed / PEAK_FORGETS_MS);
    const above = brightness - this.#dark;
    const isLit = above > Math.max(LEAST, (this.#litSince === null ? 0.5 : 0.35) * this.#peak);
    if (isLit) {
      this.#litSince ??= at;
      this.#peak = Math.max(this.#peak, above);
      if (at - this.#litSince > LONGEST_MS) this.#begin(brightness);
      return false;
    }
    const hasGone = this.#litSince !== null;
    this.#litSince = null;
    this.#dark = above < 0 ? brightness : this.#dark + above * (1 - Math.exp(-passed / DARK_FOLLOWS_MS));
    return hasGone;
  }

  /** No flash but another light: what is there now is dark. */
  #begin(brightness) {
    this.#dark = brightness;
    this.#peak = 0;
    this.#litSince = null;
  }
}
