// What a person entered and the server has not confirmed, kept in this browser under that person's key.
// Nobody else who signs in here is offered it; signing out removes it, and so does a week.

const PREFIX = "portal";
// What the browser has no room for, as long as this page is open.
const pageOnly = new Map();
// After the sign-out button nothing is written any more, whatever still runs on the page.
let closed = false;
const OLD_MS = 7 * 24 * 3600 * 1000;

/** The signed-in person's key; empty on the sign-in page and on error pages. */
export function person() {
  return document.body.dataset.person ?? "";
}

function keyOf(kind, id) {
  return [PREFIX, person(), kind, id].join(":");
}

/** Keep `value` (an object): in the browser, or where that has no room or keeps nothing on this page alone. */
export function keep(kind, id, value) {
  if (!person() || closed) return;
  forget(kind, id);
  try {
    localStorage.setItem(keyOf(kind, id), JSON.stringify(value));
  } catch {
    pageOnly.set(keyOf(kind, id), JSON.stringify(value));
  }
}

/** Whether something of one kind, or of any, would be gone if this page were closed. */
export function isOnPageOnly(kind = "") {
  return [...pageOnly.keys()].some((key) => key.startsWith(kind ? keyOf(kind, "") : ""));
}

function read(key) {
  return pageOnly.get(key) ?? localStorage.getItem(key);
}

/** What was kept, or null. */
export function kept(kind, id) {
  try {
    return JSON.parse(read(keyOf(kind, id)));
  } catch {
    return null;
  }
}

export function forget(kind, id) {
  pageOnly.delete(keyOf(kind, id));
  try {
    localStorage.removeItem(keyOf(kind, id));
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

/** Everything of one kind, oldest first. Each value has `at`, milliseconds. */
export function all(kind) {
  const start = keyOf(kind, "");
  return keys().filter((key) => person() && key.startsWith(start))
    .map((key) => kept(kind, key.slice(start.length)))
    .filter(Boolean)
    .sort((one, other) => one.at - other.at);
}

function keys() {
  try {
    return [...Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}:`)), ...pageOnly.keys()];
  } catch {
    return [...pageOnly.keys()];
  }
}

/** At sign-out: the next one at this machine finds nothing. */
export function forgetPerson() {
  closed = true;
  pageOnly.clear();
  const start = [PREFIX, person(), ""].join(":");
  for (const key of keys()) if (key.startsWith(start)) localStorage.removeItem(key);
}

/** Nobody comes back for what has lain here for a week. */
export function forgetOld() {
  for (const key of keys()) {
    let at = 0;
    try {
      at = JSON.parse(localStorage.getItem(key)).at;
    } catch {
      at = 0;
    }
    if (Date.now() - at > OLD_MS) localStorage.removeItem(key);
  }
}

/** Leave a note for the next page of this tab; nothing where the browser keeps nothing. */
export function note(name, text) {
  try {
    sessionStorage.setItem(name, text);
  } catch {
    // The next page does without.
  }
}

/** The note that a page of this tab left, or null. */
export function noted(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

/** The same, and the note is gone. */
export function takeNote(name) {
  const text = noted(name);
  if (text !== null) sessionStorage.removeItem(name);
  return text;
}

/** A key for one submission, made here where the page has none. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/** The city's clock as everywhere else: 14:32. */
export function clock(at) {
  return new Date(at).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });
}
