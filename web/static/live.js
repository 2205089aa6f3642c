// The live part of every page: one stream, its reconnection, and the fragments that it replaces.
//
// The server renders; this only puts the HTML of changed fragments in their places (web/customer/screens.py).
// The stream is our own to reopen: an EventSource gives up for good after an HTTP error and, left alone, also
// trusts a connection over which nothing comes any more.

import { Age } from "./age.js";
import { Lamp } from "./lamp.js";
import { applyMergePatch } from "./patch.js";

const RETRY_MS = 1000;
const FULL_RETRY_MS = 5000;
const SPREAD_MS = 500; // so that fifty tablets do not all come back in the same moment
const SILENCE_MS = 5000; // heartbeats come each second; a stream this silent is dead
const TICK_MS = 250;
const CLOCK_TIME = { hour: "2-digit", minute: "2-digit", hour12: false };

const age = new Age();
const lamp = new Lamp();
const page = document.getElementById("page");
const spoken = document.getElementById("spoken");

let stream = null;
let screen = null;
let retryTimer = null;
let lastEventAt = 0;
let lastFreshness = null;

function open() {
  close();
  if (document.hidden) return;
  stream = new EventSource(document.body.dataset.stream);
  lastEventAt = performance.now();
  stream.addEventListener("snapshot", (event) => {
    lamp.forget();
    take(event, (data) => data.screen);
  });
  stream.addEventListener("change", (event) => take(event, (data) => applyMergePatch(screen, data.patch)));
  stream.addEventListener("heartbeat", (event) => take(event, () => screen));
  stream.addEventListener("over", () => {
    close();
    window.location.reload();
  });
  stream.addEventListener("full", () => retry(FULL_RETRY_MS, "full"));
  stream.addEventListener("error", () => retry(RETRY_MS, "connecting"));
}

function close() {
  clearTimeout(retryTimer);
  retryTimer = null;
  if (stream) stream.close();
  stream = null;
}

function retry(afterMs, reason) {
  close();
  age.away(reason);
  if (!document.hidden) retryTimer = setTimeout(open, afterMs + Math.random() * SPREAD_MS);
}

function take(event, next) {
  lastEventAt = performance.now();
  const data = JSON.parse(event.data);
  const after = next(data);
  if (after.layout !== document.body.dataset.layout) {
    // Another meter, or more of them: this page has no place for that. A page that renews itself takes the event.
    const change = new CustomEvent("layoutchange", { cancelable: true, detail: after.layout });
    if (document.dispatchEvent(change)) {
      close();
      window.location.reload();
      return;
    }
  }
  show(screen, after);
  screen = after;
  age.heard(data);
}

function show(before, after) {
  if (before === after) return;
  page.dataset.scene = after.scene;
  page.dataset.stage = after.stage;
  lamp.count(after.pulses);
  if (before === null || before.spoken !== after.spoken) spoken.textContent = after.spoken;
  for (const [name, html] of Object.entries(after.fragments)) {
    if (before !== null && before.fragments[name] === html) continue;
    const place = document.querySelector(`[data-fragment="${CSS.escape(name)}"]`);
    if (!place) continue;
    place.innerHTML = html;
    showClockTimes(place);
  }
}

/** "in about 3 min" also as the time of day where the page is read; for anything sooner that would be noise. */
function showClockTimes(place) {
  for (const element of place.querySelectorAll("[data-in-s]")) {
    const seconds = Number(element.dataset.inS);
    const at = new Date(Date.now() + seconds * 1000);
    const written = at.toLocaleTimeString(document.documentElement.lang, CLOCK_TIME);
    element.textContent = seconds > 0 ? element.dataset.clock.replace("{time}", written) : "";
  }
}

function tick() {
  const freshness = age.show();
  if (freshness === "none" && lastFreshness !== "none" && lastFreshness !== null) spoken.textContent = age.noneSpoken;
  if (freshness === "live" && lastFreshness === "none" && screen) spoken.textContent = screen.spoken;
  lastFreshness = freshness;
  if (stream && performance.now() - lastEventAt > SILENCE_MS) retry(RETRY_MS, "connecting");
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    close();
    age.away("paused");
  } else {
    open();
  }
});
// A page that comes back from the browser's memory has lost its stream.
window.addEventListener("pageshow", (event) => event.persisted && open());
window.addEventListener("pagehide", close);

showClockTimes(document);
setInterval(tick, TICK_MS);
open();
