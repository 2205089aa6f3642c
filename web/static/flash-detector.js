// Flashes of a lamp in a row of brightnesses (0 to 255) with their times (ms). Nothing of a browser is in here.
//
// A flash comes suddenly and goes again: it is a rise, by more than LEAST and by more than half of what flashes had lately,
// above the darkest of the last DARK_MS, that has gone again within LONGEST_MS. It is counted when it has gone. So neither a
// room that becomes brighter nor a camera that adapts to it is a flash.

const LEAST = 12;
const DARK_MS = 300;
const LONGEST_MS = 1000;
const PEAK_FORGETS_MS = 20000;

export class FlashDetector {
  #lately = []; // [time, brightness] of DARK_MS, while nothing is lit
  #litSince = null;
  #dark = 0;
  #peak = 0;
  #peakAt = 0;

  /** True where a flash has just gone. */
  feed(brightness, at) {
    if (this.#litSince === null) this.#dark = Math.min(...this.#lately.map((one) => one[1]), brightness);
    const above = brightness - this.#dark;
    const lately = this.#peak * Math.exp((this.#peakAt - at) / PEAK_FORGETS_MS);
    const isLit = above > Math.max(LEAST, (this.#litSince === null ? 0.5 : 0.35) * lately);
    if (isLit && this.#litSince === null) this.#litSince = at;
    if (isLit && at - this.#litSince <= LONGEST_MS) {
      if (above > lately) [this.#peak, this.#peakAt] = [above, at];
      return false;
    }
    const hasGone = this.#litSince !== null && !isLit;
    if (isLit) [this.#peak, this.#lately] = [0, []]; // no flash: another light, which is the dark of what comes
    this.#litSince = null;
    this.#lately.push([at, brightness]);
    while (this.#lately[0][0] < at - DARK_MS) this.#lately.shift();
    return hasGone;
  }
}
