// What a person entered and the server has not confirmed, kept in this browser under that person's key.
// Nobody else who signs in here is offered it; signing out removes it, and so does a week.

const PREFIX = "portal";
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

/** Keep `value` (an object). False where the browser has no room or keeps nothing. */
export function keep(kind, id, value) {
  if (!person() || closed) return false;
  try {
    localStorage.setItem(keyOf(kind, id), JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** What was kept, or null. */
export function kept(kind, id) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(kind, id)));
  } catch {
    return null;
  }
}

export function forget(kind, id) {
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
    return Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}:`));
  } catch {
    return [];
  }
}

/** At sign-out: the next one at this machine finds nothing. */
export function forgetPerson() {
  closed = true;
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
