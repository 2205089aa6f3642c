// The one spelling of a record: a JSON object with its keys in the order of their code points and each once, no space, whole
// numbers only, and escapes only where there is no other way. Another spelling of the same bytes' meaning has no place in a
// journal: two readers could take it for two things, such as the first or the last of two equal keys.

const DEEPEST = 100;
const STRING = /"(?:[^"\\\u0000-\u001f]+|\\["\\bfnrt]|\\u00(?:0[0-7bef]|1[0-9a-f]))*"/y;
const PLAIN = /true|false|null|0|-?[1-9][0-9]*/y;

/** Whether a text, which JSON.parse takes, is spelled so. */
export function isCanonical(text) {
  return text[0] === "{" && endOfValue(text, 0, 0) === text.length;
}

/** Where a value that begins at `at` ends; -1 where it is not spelled so. */
function endOfValue(text, at, depth) {
  if (depth > DEEPEST) return -1;
  if (text[at] === "{") return endOfMembers(text, at, "}", depth, true);
  if (text[at] === "[") return endOfMembers(text, at, "]", depth, false);
  return endOfToken(text, at, text[at] === '"' ? STRING : PLAIN);
}

function endOfToken(text, at, token) {
  token.lastIndex = at;
  return token.test(text) ? token.lastIndex : -1;
}

function endOfMembers(text, first, close, depth, hasKeys) {
  let at = first + 1;
  if (text[at] === close) return at + 1;
  for (let before = null; ; at++) {
    if (hasKeys) {
      const end = endOfToken(text, at, STRING);
      if (end < 0 || text[end] !== ":") return -1;
      const key = JSON.parse(text.slice(at, end));
      if (before !== null && !isBefore(before, key)) return -1;
      before = key;
      at = end + 1;
    }
    at = endOfValue(text, at, depth + 1);
    if (at < 0) return -1;
    if (text[at] === close) return at + 1;
    if (text[at] !== ",") return -1;
  }
}

/** In the order of code points, which is not that of UTF-16. */
function isBefore(one, other) {
  const [left, right] = [Array.from(one), Array.from(other)];
  for (let k = 0; k < left.length && k < right.length; k++) {
    if (left[k] !== right[k]) return left[k].codePointAt(0) < right[k].codePointAt(0);
  }
  return left.length < right.length;
}
