// Catch the bench out: slider and field say the same, and while the bench measures the page says so.
// The answer comes with the form's own response: nothing is asked for in between.

const form = document.getElementById("trial-form");
const field = form?.querySelector("input[name=error_pct]");
const slider = document.getElementById("trial-slider");
const waiting = document.getElementById("trial-waiting");

if (field && slider) {
  slider.closest("[hidden]")?.removeAttribute("hidden");
  slider.addEventListener("input", () => {
    field.value = Number(slider.value).toFixed(1);
  });
  field.addEventListener("input", () => {
    const value = Number(field.value.replace(",", ".").replace("\u2212", "-"));
    if (field.value !== "" && Number.isFinite(value)) slider.value = String(value);
  });
}

form?.addEventListener("submit", () => {
  waiting.hidden = false;
  waiting.focus();
  form.querySelector("button[type=submit]").disabled = true;
});
// The page comes back from the browser's memory as it was left: waiting for what has long come.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted || !form) return;
  waiting.hidden = true;
  form.querySelector("button[type=submit]").disabled = false;
});
