// Elements made of names, attributes and texts. What a bundle says only ever becomes a text.

const SVG_SPACE = "http://www.w3.org/2000/svg";

/** attributes: a value of null or false leaves one out. children: elements, texts, lists of them; null is nothing. */
export function element(name, attributes = {}, ...children) {
  return assembled(document.createElement(name), attributes, children);
}

export function drawn(name, attributes = {}, ...children) {
  return assembled(document.createElementNS(SVG_SPACE, name), attributes, children);
}

function assembled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null).map(asNode));
  return node;
}

function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

const NARROW = window.matchMedia("(max-width: 600px)");

/** Width that a drawing is made for, so that its letters are never drawn small; it fills whatever room there is. */
export function drawingWidth() {
  return NARROW.matches ? 340 : 700;
}

/** Call back whenever drawings have to be made for another width. */
export function onOtherWidth(draw) {
  NARROW.addEventListener("change", draw);
}

export function byId(id) {
  return document.getElementById(id);
}

/** A section with its heading; nothing where it has no content. */
export function section(name, heading, ...content) {
  const id = `${name}-heading`;
  return element("section", { class: name, "aria-labelledby": id }, element("h2", { id }, heading), ...content);
}

/** A table; where the page is narrow each row stands by itself, its cells under each other with their names before them.
 * head: texts; rows: lists of texts or elements. Roles are said once more, since what is laid out otherwise loses them. */
export function table(label, head, rows) {
  const names = head.map((name) => element("th", { scope: "col", role: "columnheader" }, name));
  const cells = (row) => row.map((cell, at) => element("td", { role: "cell", "data-name": cell === "" ? null : head[at] }, cell));
  return element(
    "table",
    { "aria-label": label, role: "table" },
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, names)),
    element("tbody", { role: "rowgroup" }, rows.map((row) => element("tr", { role: "row" }, cells(row))))
  );
}
