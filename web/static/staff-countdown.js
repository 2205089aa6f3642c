// How long an invitation still opens the case: counted from when the page came, and the code goes when it is over.

const left = document.getElementById("left");
if (left) {
  const endsAt = performance.now() + Number(left.dataset.leftS) * 1000;
  const tick = () => {
    const seconds = Math.ceil((endsAt - performance.now()) / 1000);
    if (seconds <= 0) {
      left.textContent = left.dataset.over;
      document.getElementById("code").hidden = true;
      clearInterval(timer);
      return;
    }
    const shown = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    left.textContent = left.dataset.left.replace("{time}", shown);
  };
  const timer = setInterval(tick, 1000);
  tick();
}
