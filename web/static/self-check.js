// The time that is left, and the count of flashes: by a thumb, or by the camera. The end is an instant, not a number that
// is counted down, and the count is kept by the browser under the instant at which it was begun; so a locked phone, a page
// that is loaded again and a browser that was closed lose neither. What the camera sees stays in this page.

import { FlashDetector } from "./flash-detector.js";

const left = document.getElementById("time-left");
const endsAt = Date.now() + Number(left.dataset.leftS) * 1000;
const isOver = () => Date.now() >= endsAt;

function showTime() {
  const seconds = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = String(Math.floor(seconds / 60) % 60).padStart(hours ? 2 : 1, "0");
  const shown = `${hours ? `${hours}:` : ""}${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  left.querySelector(".clock").textContent = isOver() ? left.dataset.over : shown;
  if (!isOver() || "isOver" in left.dataset) return;
  left.dataset.isOver = "";
  navigator.vibrate?.(400);
  for (const button of document.querySelectorAll("#tap, #camera-on")) button.disabled = true;
}

const box = document.getElementById("counting");
const key = `self-check ${box?.dataset.key}`;
let count = 0;

function setCount(wanted) {
  count = Math.max(0, wanted);
  document.getElementById("count").textContent = String(count);
  for (const field of document.querySelectorAll("[data-count]")) field.value = String(count);
  try {
    localStorage.setItem(key, String(count));
  } catch {
    // A browser that keeps nothing counts for as long as the page is open.
  }
}

function flashed() {
  if (!isOver()) setCount(count + 1);
}

function keptCount() {
  try {
    return Number.parseInt(localStorage.getItem(key), 10) || 0;
  } catch {
    return 0;
  }
}

const SIDE = 32;
const BRIGHTEST = 0.1;

/** How bright the brightest tenth of the middle of a picture is: the lamp may be small in it. */
function brightness(video, canvas) {
  const width = video.videoWidth / 3;
  const height = video.videoHeight / 3;
  canvas.drawImage(video, width, height, width, height, 0, 0, SIDE, SIDE);
  const { data } = canvas.getImageData(0, 0, SIDE, SIDE);
  const each = new Float32Array(SIDE * SIDE);
  for (let i = 0; i < each.length; i += 1) each[i] = (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3;
  each.sort();
  const from = Math.floor(each.length * (1 - BRIGHTEST));
  let sum = 0;
  for (let i = from; i < each.length; i += 1) sum += each[i];
  return sum / (each.length - from);
}

const camera = document.getElementById("camera");

function say(what) {
  const said = document.getElementById("camera-said");
  said.hidden = false;
  said.textContent = what;
}

async function letCameraCount(button) {
  button.disabled = true;
  const video = document.getElementById("seen");
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
    camera.hidden = false;
    await video.play();
  } catch {
    camera.hidden = true;
    say(camera.dataset.noCamera);
    return;
  }
  navigator.wakeLock?.request("screen").catch(() => {}); // where it is refused the screen goes off, and that is said
  const surface = document.createElement("canvas");
  surface.width = surface.height = SIDE;
  const canvas = surface.getContext("2d", { willReadFrequently: true });
  const detector = new FlashDetector();
  const again = (next) => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(next) : requestAnimationFrame(next));
  const look = (at) => {
    if (isOver()) {
      for (const track of video.srcObject.getTracks()) track.stop();
      return;
    }
    if (video.videoWidth && detector.feed(brightness(video, canvas), at)) flashed();
    again(look);
  };
  again(look);
  document.addEventListener("visibilitychange", () => document.hidden && !isOver() && say(camera.dataset.away));
}

if (box) {
  box.hidden = false;
  setCount(keptCount());
  document.getElementById("tap").addEventListener("click", flashed);
  document.getElementById("one-less").addEventListener("click", () => setCount(count - 1));
  const button = document.getElementById("camera-on");
  button.hidden = !navigator.mediaDevices?.getUserMedia;
  button.addEventListener("click", () => letCameraCount(button));
}
showTime();
setInterval(showTime, 500);
document.addEventListener("visibilitychange", showTime);
