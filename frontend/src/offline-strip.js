// The strip under the top bar: what waits in this browser, and that it arrived.
import { clock, isOnPageOnly, note, person, takeNote } from "./browser-store.js";
import { onOutbox, standing } from "./outbox.js";

const DELIVERED = "portal-delivered";
let unsaved = 0;

/** How many fields of the page at hand are in this browser only. */
export function sayUnsaved(count) {
  unsaved = count;
  show(standing());
}

function put(strip, tone, name, values = {}, link = "") {
  const text = Object.entries(values).reduce((said, [key, value]) => said.replace(`{${key}}`, value), strip.dataset[name]);
  const words = strip.querySelector("[data-strip-text]");
  if (words.textContent !== text) words.textContent = text;
  const way = strip.querySelector("[data-strip-link]");
  way.hidden = !link;
  if (link) way.href = link;
  strip.className = `offline-strip is-${tone}`;
  strip.hidden = false;
}

function show(outbox) {
  const strip = document.querySelector("[data-offline-strip]");
  if (!strip) return;
  const n = outbox.waiting.reduce((sum, item) => sum + Math.max(1, item.changes), 0) + unsaved;
  if (outbox.refused.length) {
    const first = outbox.refused[0];
    put(strip, "warn", "refused", { title: first.title, n: outbox.refused.length }, first.page);
  } else if (outbox.signedOut) {
    put(strip, "warn", "signedOut", { n }, location.href);
  } else if (!outbox.reached && isOnPageOnly()) {
    put(strip, "bad", "pageOnly", { n });
  } else if (!outbox.reached) {
    put(strip, "warn", n ? "offline" : "offlineEmpty", { n });
  } else if (outbox.waiting.length) {
    put(strip, "warn", "sending", { n: outbox.waiting.length });
  } else if (outbox.delivered?.late) {
    put(strip, "ok", "delivered", { time: clock(outbox.delivered.at), receipt: outbox.delivered.receipt });
  } else {
    strip.hidden = true;
  }
}

/** What was delivered just before this page was opened is still worth a line on it. */
function recall() {
  return JSON.parse(takeNote(DELIVERED));
}

/** Take the line along to the next page. */
export function carryDelivered() {
  note(DELIVERED, JSON.stringify(standing().delivered));
}

export function startStrip() {
  if (!person()) return;
  onOutbox(show);
  const delivered = recall();
  show(delivered ? { ...standing(), delivered } : standing());
}
