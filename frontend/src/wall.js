// The screen on the wall: its clock, its size, and the word that it lost contact. htmx brings the figures.

const ZONE = "Asia/Shanghai";
// A refresh comes every 15 seconds; after three without an answer the figures are old.
const OLD_AFTER_MS = 50_000;

const time = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const exactly = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: ZONE, year: "numeric", month: "long", day: "numeric", weekday: "long" });

/** It is laid out for 1920 × 1080; another screen shows the same picture larger or smaller. */
function fit(board) {
  // The root's size: on a phone the window's own grows with what does not fit yet.
  const { clientWidth, clientHeight } = document.documentElement;
  board.style.zoom = String(Math.min(clientWidth / 1920, clientHeight / 1080));
}

export function startWall(root) {
  const board = root.querySelector("[data-wall]");
  if (!board) return;
  const lost = root.querySelector("[data-wall-lost]");
  let answered = Date.now();

  const show = () => {
    const now = Date.now();
    for (const clock of root.querySelectorAll("[data-clock]")) {
      clock.textContent = (clock.dataset.clock === "time" ? time : day).format(now);
    }
    if (now - answered > OLD_AFTER_MS) say();
  };
  const say = () => {
    lost.textContent = lost.dataset.said.replace("{time}", exactly.format(answered));
    lost.hidden = false;
  };
  root.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) {
      answered = Date.now();
      lost.hidden = true;
      show();
    } else {
      say();
    }
  });
  fit(board);
  window.addEventListener("resize", () => fit(board));
  show();
  setInterval(show, 1000);
}
