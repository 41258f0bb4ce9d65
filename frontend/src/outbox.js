// Submissions that must not be lost: each is written down here first, then sent, in order and with its key,
// until the server has answered. The key makes a repeated one the same one (accounts/receipts.py).
import { all, forget, isOnPageOnly, keep, kept, newKey, person } from "./browser-store.js";

const KIND = "outbox";
// A signal that has just come back often fails the first request; a server that is away for longer is left in peace.
const RETRIES_MS = [1_000, 2_000, 5_000, 10_000, 20_000];
const listeners = new Set();
let token = "";
let lastAt = 0;
let missed = 0;
let timer = 0;
let state = { reached: true, signedOut: false, delivered: null };

/** Tell `listener` of every change: how many wait, whether the server can be reached, what was delivered last. */
export function onOutbox(listener) {
  listeners.add(listener);
}

export function standing() {
  const items = all(KIND);
  return { ...state, waiting: items.filter((item) => !item.refused), refused: items.filter((item) => item.refused) };
}

function tell(change) {
  state = { ...state, ...change };
  for (const listener of listeners) listener(standing());
}

/** The item that waits for an address, or null. */
export function waitingFor(address) {
  return kept(KIND, address);
}

export function drop(address) {
  forget(KIND, address);
  tell({});
}

function pageToken() {
  try {
    return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  } catch {
    return "";
  }
}

/** After a sign-in in another tab the old token is void: take the new one, if it is still the same person. */
async function renewToken() {
  const answer = await fetch(location.href, { headers: { "X-Background": "1" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.body.dataset.person !== person()) return false;
  token = JSON.parse(page.body.getAttribute("hx-headers"))["X-CSRFToken"];
  return true;
}

/**
 * POST `body` (pairs of name and value) and answer what became of it: `ok` with the server's JSON, `refused` with
 * its page or JSON, `signed-out`, or `unreached`. A server that is away for a moment is as good as no signal.
 */
export async function post(address, body, key) {
  try {
    let answer = await attempt(address, body, key);
    if (answer.status === 403 && await renewToken()) answer = await attempt(address, body, key);
    if (answer.redirected) return told({ kind: "signed-out" });
    if (answer.status >= 500 || answer.status === 429) return told({ kind: "unreached" });
    const json = (answer.headers.get("Content-Type") ?? "").includes("json");
    const said = { status: answer.status, json: json ? await answer.json() : null, page: json ? "" : await answer.text() };
    return told({ kind: answer.ok && json ? "ok" : "refused", ...said });
  } catch {
    return told({ kind: "unreached" });
  }
}

function told(outcome) {
  tell({ reached: outcome.kind !== "unreached", signedOut: outcome.kind === "signed-out" });
  return outcome;
}

function attempt(address, body, key) {
  token ||= pageToken();
  return fetch(address, {
    method: "POST",
    body: new URLSearchParams(body),
    headers: { Accept: "application/json", "X-CSRFToken": token, "Idempotency-Key": key },
  });
}

/** Now, but never twice: what waits goes in the order in which it was written down. */
function nextAt() {
  lastAt = Math.max(Date.now(), lastAt + 1);
  return lastAt;
}

/**
 * Write a submission down and send it, after whatever waits already. Resolves with what became of this one.
 * A newer submission to the same address takes the place of one that was never answered.
 */
export async function submit(address, body, { title = "", changes = 0, page = location.pathname } = {}) {
  const key = body.find(([name]) => name === "request_key")?.[1] || newKey();
  const item = { address, body, key, title, changes, page, at: nextAt(), refused: false };
  keep(KIND, address, item);
  const outcomes = await flush();
  // Another tab may have sent it; then it waits no more, and only its answer is unknown here.
  return outcomes.get(key) ?? { kind: waitingFor(address) ? "unreached" : "ok", json: null };
}

/** Write down what must go before whatever is submitted next; it is sent with that. */
export function queue(address, body, key, { title = "", changes = 0, page = location.pathname } = {}) {
  keep(KIND, address, { address, body, key, title, changes, page, at: nextAt(), refused: false });
}

/** Send what waits, in order; stops at the first that does not get through. Only one tab at a time does. */
export async function flush() {
  const run = () => sendAll();
  return navigator.locks ? navigator.locks.request(`portal-outbox-${person()}`, run) : run();
}

async function sendAll() {
  const outcomes = new Map();
  let reached = true;
  for (const item of all(KIND)) {
    if (item.refused) continue;
    const outcome = await post(item.address, item.body, item.key);
    outcomes.set(item.key, outcome);
    if (outcome.kind === "ok") {
      forget(KIND, item.address);
      forget("draft", item.page);
      tell({ delivered: deliveryOf(item, outcome) });
    } else if (outcome.kind === "refused") {
      keep(KIND, item.address, { ...item, refused: true });
      tell({});
    } else {
      // What stands behind it waits as well.
      for (const left of all(KIND)) if (!left.refused) keep(KIND, left.address, { ...left, waited: true });
      tell({});
      reached = false;
      break;
    }
  }
  plan(reached);
  return outcomes;
}

/** `late`: it had to wait, so that its arrival is worth telling. */
function deliveryOf(item, outcome) {
  const receipt = item.key.slice(0, 4).toUpperCase();
  return { at: Date.now(), receipt, late: Boolean(item.waited), page: item.page, location: outcome.json.location };
}

/** When to look again whether something waits, here or from another tab. */
function plan(reached) {
  const pause = reached ? RETRIES_MS.at(-1) : RETRIES_MS[Math.min(missed, RETRIES_MS.length - 1)];
  missed = reached ? 0 : missed + 1;
  clearTimeout(timer);
  timer = setTimeout(again, pause);
}

function again() {
  if (standing().waiting.length) flush();
  else plan(true);
}

export function startOutbox() {
  if (!person()) return;
  window.addEventListener("online", () => {
    missed = 0;
    tell({ reached: true });
    again();
  });
  // Where the browser keeps nothing, what waits goes with the page.
  window.addEventListener("beforeunload", (event) => {
    if (isOnPageOnly(KIND)) event.preventDefault();
  });
  window.addEventListener("offline", () => tell({ reached: false }));
  if (!navigator.onLine) tell({ reached: false });
  again();
}
