// The drawing pad of a signature. Without it, and for who prefers it, a typed name does the same (web/after/).
//
// What is drawn goes into a hidden field as strokes of points in a box of 1000 by 400, so it looks the same on paper.

const WIDTH = 1000;
const HEIGHT = 400;
const LINE = 7;
const CLOSEST = 4; // points nearer than this say nothing more
const MOST_POINTS = 1900; // web/casework/strokes.py takes 2000

class Pad {
  #canvas;
  #field;
  #strokes = [];
  #points = 0;
  #drawing = false;

  constructor(box) {
    this.#canvas = box.querySelector("canvas");
    this.#field = box.querySelector("input[type=hidden]");
    box.hidden = false;
    this.#canvas.width = WIDTH;
    this.#canvas.height = HEIGHT;
    this.#canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    this.#canvas.addEventListener("pointermove", (event) => this.#go(event));
    for (const name of ["pointerup", "pointercancel"]) this.#canvas.addEventListener(name, () => this.#end());
    box.querySelector("[data-clear]").addEventListener("click", () => this.#clear());
  }

  #at(event) {
    const box = this.#canvas.getBoundingClientRect();
    const place = (value, size, most) => Math.max(0, Math.min(most, Math.round((value / size) * most)));
    return [place(event.clientX - box.left, box.width, WIDTH), place(event.clientY - box.top, box.height, HEIGHT)];
  }

  #begin(event) {
    if (event.button !== 0 || this.#points >= MOST_POINTS) return;
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#drawing = true;
    this.#strokes.push([this.#at(event)]);
    this.#points += 1;
  }

  #go(event) {
    if (!this.#drawing || this.#points >= MOST_POINTS) return;
    const stroke = this.#strokes.at(-1);
    const [x, y] = this.#at(event);
    const [lastX, lastY] = stroke.at(-1);
    if (Math.hypot(x - lastX, y - lastY) < CLOSEST) return;
    stroke.push([x, y]);
    this.#points += 1;
    const pen = this.#canvas.getContext("2d");
    pen.lineWidth = LINE;
    pen.lineCap = "round";
    pen.strokeStyle = getComputedStyle(this.#canvas).color;
    pen.beginPath();
    pen.moveTo(lastX, lastY);
    pen.lineTo(x, y);
    pen.stroke();
  }

  #end() {
    this.#drawing = false;
    this.#field.value = JSON.stringify(this.#strokes);
  }

  #clear() {
    this.#strokes = [];
    this.#points = 0;
    this.#field.value = "";
    this.#canvas.getContext("2d").clearRect(0, 0, WIDTH, HEIGHT);
  }
}

for (const box of document.querySelectorAll("[data-pad]")) new Pad(box);
