// The drawn lamp: it lights when the count of flashes has gone up.
//
// It never flashes more than 2.5 times a second, whatever the meter does (three a second is the limit of
// WCAG 2.3.1); the count beside it misses nothing. It stays dark when the viewer stops it or asks the system
// for less motion.

const LIT_MS = 160;
const SHORTEST_PERIOD_MS = 400;
const KEPT_AS = "lamp-stopped";

export class Lamp {
  #lamp = document.getElementById("lamp");
  #button = document.getElementById("lamp-button");
  #lessMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  #stopped = window.localStorage.getItem(KEPT_AS) === "yes";
  #count = null;
  #litAt = -Infinity;

  constructor() {
    if (!this.#button) return;
    this.#button.hidden = this.#lessMotion.matches;
    this.#button.addEventListener("click", () => this.#toggle());
    this.#showButton();
  }

  /** Tell the lamp the count of flashes; a count that went down is a new window, not a flash. */
  count(pulses) {
    if (this.#count !== null && pulses > this.#count) this.#flash();
    this.#count = pulses;
  }

  /** The next count is a beginning: after a reconnection nothing flashes for what was missed. */
  forget() {
    this.#count = null;
  }

  #flash() {
    const now = performance.now();
    if (!this.#lamp || this.#stopped || this.#lessMotion.matches) return;
    if (now - this.#litAt < SHORTEST_PERIOD_MS) return;
    this.#litAt = now;
    this.#lamp.classList.add("lit");
    setTimeout(() => this.#lamp.classList.remove("lit"), LIT_MS);
  }

  #toggle() {
    this.#stopped = !this.#stopped;
    window.localStorage.setItem(KEPT_AS, this.#stopped ? "yes" : "no");
    this.#showButton();
  }

  #showButton() {
    this.#button.setAttribute("aria-pressed", String(this.#stopped));
    this.#button.textContent = this.#stopped ? this.#button.dataset.resume : this.#button.dataset.stop;
  }
}
