// A page that is not there yet: it is asked for again, and loads once it is.

const EVERY_MS = 10_000;

async function look() {
  try {
    const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
    if (answer.ok) location.reload();
  } catch {
    // Nobody answers just now; the next look may find somebody.
  }
}

setInterval(look, EVERY_MS);
