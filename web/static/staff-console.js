// The console's part of a live page: forms and buttons are renewed without losing what is being typed.
//
// live.js keeps the figures alive and says when the layout has changed (another next action, a new question, a tick
// made elsewhere). A page of figures alone would load again; here the parts with forms are asked for anew and put in
// their places, but never one that holds something half typed.


document.documentElement.classList.add("script"); // the style sheet knows what a script does here

function isHalfTyped(part) {
  return [...part.querySelectorAll("input, textarea, select")].some((field) => {
    if (field.type === "hidden" || field.type === "submit") return false;
    if (field.type === "file") return field.files.length > 0;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected);
    return field.value !== field.defaultValue;
  });
}

async function renew() {
  const response = await fetch(window.location.pathname, { credentials: "same-origin" });
  if (!response.ok || response.redirected) {
    // Signed out, or the case is no longer ours to see: the server says so on a page of its own.
    window.location.reload();
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const focused = document.activeElement?.id;
  for (const part of document.querySelectorAll("[data-part]")) {
    const newer = fresh.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
    if (newer && newer.outerHTML !== part.outerHTML && !isHalfTyped(part)) part.replaceWith(document.adoptNode(newer));
  }
  document.body.dataset.layout = fresh.body.dataset.layout;
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
}

document.addEventListener("layoutchange", (event) => {
  event.preventDefault();
  // At once, so that the same change does not ask twice while the answer is on its way.
  document.body.dataset.layout = event.detail;
  renew().catch(() => window.location.reload());
});

// A photo is sent as soon as it is chosen: with gloves on, one button less. One that was chosen before this script had
// come is sent now: its button is gone with the script.
const PHOTO = "input[type=file][data-send]";

document.addEventListener("change", (event) => {
  if (event.target.matches(PHOTO)) event.target.form.requestSubmit();
});
[...document.querySelectorAll(PHOTO)].find((chosen) => chosen.files.length > 0)?.form.requestSubmit();
