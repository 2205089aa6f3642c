// A reader of TOML 1.0 as far as plans and rule sets use it: everything but dates. It is strict: a key that is said twice, a
// figure that is none, a text that does not end are errors and say the line.

export class TomlError extends Error {
  constructor(line, what) {
    super(`line ${line}: ${what}`);
    this.line = line;
    this.what = what;
  }
}

const BARE = /[A-Za-z0-9_-]+/y;
const INTEGER = /[+-]?(?:0x[0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*|0o[0-7]+(?:_[0-7]+)*|0b[01]+(?:_[01]+)*|(?:0|[1-9]\d*(?:_\d+)*))/y;
const FLOAT = /[+-]?(?:(?:0|[1-9]\d*(?:_\d+)*)(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+(?:_\d+)*)?|inf|nan)/y;
const ESCAPES = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", '"': '"', "\\": "\\" };

/** A text as nested plain objects; numbers are Numbers. Errors: TomlError. */
export function readToml(text) {
  return new TomlReader(text.replace(/^\ufeff/, "").replace(/\r\n/g, "\n")).document();
}

class TomlReader {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.root = Object.create(null);
    this.closed = new Set();
    this.opened = new Set();
    this.lists = new Set();
  }

  fail(what) {
    throw new TomlError(this.text.slice(0, this.at).split("\n").length, what);
  }

  document() {
    let table = this.root;
    for (;;) {
      this.skip(true);
      if (this.at >= this.text.length) return this.root;
      if (this.takes("[[")) table = this.header("]]");
      else if (this.takes("[")) table = this.header("]");
      else this.pair(table);
      this.skip(false);
      if (this.at < this.text.length && !this.takes("\n")) this.fail("something stands behind the end of it");
    }
  }

  /** Blanks and comments; with lines, line ends as well. */
  skip(lines) {
    for (;;) {
      const here = this.text[this.at];
      if (here === " " || here === "\t" || (lines && here === "\n")) this.at += 1;
      else if (here === "#") {
        const end = this.text.indexOf("\n", this.at);
        this.at = end < 0 ? this.text.length : end;
      } else return;
    }
  }

  takes(token) {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  header(end) {
    this.skip(false);
    const path = this.keys();
    if (!this.takes(end)) this.fail(`a table's name must end with ${end}`);
    const last = path.pop();
    const parent = path.reduce((table, key) => this.stepInto(table, key), this.root);
    if (end === "]]") {
      if (parent[last] === undefined) this.lists.add((parent[last] = []));
      if (!this.lists.has(parent[last])) this.fail(`${last} is said twice`);
      const table = Object.create(null);
      parent[last].push(table);
      return table;
    }
    if (parent[last] === undefined) parent[last] = Object.create(null);
    const table = parent[last];
    if (!this.isTable(table) || this.closed.has(table) || this.opened.has(table)) this.fail(`${last} is said twice`);
    this.opened.add(table);
    return table;
  }

  isTable(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }

  stepInto(table, key) {
    if (table[key] === undefined) table[key] = Object.create(null);
    let inner = table[key];
    if (this.lists.has(inner)) inner = inner[inner.length - 1];
    if (!this.isTable(inner) || this.closed.has(inner)) this.fail(`${key} is no table to go into`);
    return inner;
  }

  keys() {
    const path = [];
    do {
      this.skip(false);
      path.push(this.key());
      this.skip(false);
    } while (this.takes("."));
    return path;
  }

  key() {
    if (this.text[this.at] === '"') return this.basic();
    if (this.text[this.at] === "'") return this.literal();
    return this.match(BARE) || this.fail("a key is expected here");
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return null;
    this.at = pattern.lastIndex;
    return found[0];
  }

  pair(table) {
    const path = this.keys();
    if (!this.takes("=")) this.fail("a key must be followed by =");
    const last = path.pop();
    const inner = path.reduce((at, key) => this.stepInto(at, key), table);
    if (inner[last] !== undefined) this.fail(`${last} is said twice`);
    this.skip(false);
    inner[last] = this.value();
  }

  value() {
    const here = this.text[this.at];
    if (here === '"') return this.takes('"""') ? this.long('"""') : this.basic();
    if (here === "'") return this.takes("'''") ? this.long("'''") : this.literal();
    if (this.takes("[")) return this.list();
    if (this.takes("{")) return this.inline();
    if (this.takes("true")) return this.ended(true);
    if (this.takes("false")) return this.ended(false);
    return this.number();
  }

  ended(value) {
    if (/[A-Za-z0-9_.:+-]/.test(this.text[this.at] || "")) this.fail("this is no value");
    return value;
  }

  number() {
    const start = this.at;
    const whole = this.match(INTEGER);
    const end = this.at;
    this.at = start;
    const real = this.match(FLOAT);
    if (whole !== null && (real === null || end >= this.at)) {
      this.at = end;
      const digits = whole.replace(/_/g, "");
      const isBased = /^[+-]?0[xob]/.test(digits);
      if (isBased && /^[+-]/.test(digits)) this.fail("this is no value");
      return this.ended(Number(digits));
    }
    if (real === null) this.fail("this is no value");
    const digits = real.replace(/_/g, "").replace("inf", "Infinity").replace("nan", "NaN");
    return this.ended(Number(digits));
  }

  basic() {
    this.at += 1;
    let said = "";
    for (;;) {
      const here = this.text[this.at];
      if (here === undefined || here === "\n") this.fail("a text does not end");
      this.at += 1;
      if (here === '"') return said;
      said += here === "\\" ? this.escape() : this.plain(here);
    }
  }

  plain(letter) {
    if (letter < " " && letter !== "\t" && letter !== "\n") this.fail("a control character stands in a text");
    return letter;
  }

  escape() {
    const letter = this.text[this.at++];
    if (letter in ESCAPES) return ESCAPES[letter];
    const length = { u: 4, U: 8 }[letter];
    const digits = length ? this.text.slice(this.at, this.at + length) : "";
    const code = parseInt(digits, 16);
    const isLetter = /^[0-9A-Fa-f]+$/.test(digits) && digits.length === length && code <= 0x10ffff;
    if (!isLetter || (code >= 0xd800 && code <= 0xdfff)) this.fail("a text has an escape that means nothing");
    this.at += length;
    return String.fromCodePoint(code);
  }

  literal() {
    const end = this.text.indexOf("'", this.at + 1);
    const said = this.text.slice(this.at + 1, end);
    if (end < 0 || said.includes("\n")) this.fail("a text does not end");
    [...said].forEach((letter) => this.plain(letter));
    this.at = end + 1;
    return said;
  }

  /** A text of several lines; the line end behind its opening does not count. */
  long(quotes) {
    this.takes("\n");
    let said = "";
    while (!this.text.startsWith(quotes, this.at)) {
      const here = this.text[this.at];
      if (here === undefined) this.fail("a text does not end");
      this.at += 1;
      if (here !== "\\" || quotes === "'''") said += this.plain(here);
      else if (/[ \t\n]/.test(this.text[this.at] || "")) this.at += /^\s*/.exec(this.text.slice(this.at))[0].length;
      else said += this.escape();
    }
    this.at += 3;
    for (let more = 0; more < 2 && this.takes(quotes[0]); more++) said += quotes[0];
    return said;
  }

  list() {
    const values = [];
    for (;;) {
      this.skip(true);
      if (this.takes("]")) return values;
      values.push(this.value());
      this.skip(true);
      if (!this.takes(",")) {
        if (this.takes("]")) return values;
        this.fail("a list does not end");
      }
    }
  }

  inline() {
    const table = Object.create(null);
    this.skip(false);
    if (!this.takes("}")) {
      do {
        this.skip(false);
        this.pair(table);
        this.skip(false);
      } while (this.takes(","));
      if (!this.takes("}")) this.fail("a table in braces does not end");
    }
    this.close(table);
    return table;
  }

  close(table) {
    this.closed.add(table);
    for (const inner of Object.values(table)) if (this.isTable(inner)) this.close(inner);
  }
}
