// The list of questions, fetched again now and then, so that an answer appears by itself.

const EVERY_MS = 4000;

const answers = document.getElementById("answers");
let shown = null;

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(answers.dataset.address, { credentials: "same-origin" });
    if (!answer.ok) return;
    const html = await answer.text();
    // Only what has changed is said by a screen reader.
    if (shown !== null && html !== shown) answers.innerHTML = html;
    shown = html;
  } catch {
    // No connection: what is shown stays, and the next look tries again.
  }
}

setInterval(look, EVERY_MS);
look();
