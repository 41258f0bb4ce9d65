// Nothing of the table of a month is lost: it is kept in this browser at once, on the server a moment later, and what
// is submitted without a signal waits in the outbox. Each save has a key and is repeated with it until it is answered.
import { all, forget, isOnPageOnly, keep, newKey, note, noted } from "./browser-store.js";
import { carryDelivered, sayUnsaved } from "./offline-strip.js";
import { drop, onOutbox, post, queue, standing, submit, waitingFor } from "./outbox.js";

const KIND = "batch";
const TAB = "portal-tab";
const PAUSE_MS = 700;
const AGAIN_MS = 20_000;
const MOST = 100;

/** This tab's name: two tabs keep what they hold apart. */
function tabName() {
  const known = noted(TAB) ?? newKey().slice(0, 8);
  note(TAB, known);
  return known;
}

export class Sync {
  constructor(sheet) {
    this.sheet = sheet;
    this.form = sheet.form;
    this.page = location.pathname;
    this.tab = tabName();
    this.unanswered = null;
    this.saving = null;
    this.busy = false;
    // Submitted, but not delivered: nothing is saved beside it.
    this.held = false;
    this.timer = 0;
    onOutbox((outbox) => this.moved(outbox));
    window.addEventListener("online", () => this.plan(0));
  }

  id(row, tab = this.tab) {
    return `${this.page}#${row.key}@${tab}`;
  }

  /** Write down what a row holds that the server does not have. */
  keepHere(row) {
    if (!row.dirty && !row.marked && !row.leftOut.length && !row.clash) {
      forget(KIND, this.id(row));
      return;
    }
    const kept = { at: Date.now(), page: this.page, key: row.key, tab: this.tab, version: row.version, marked: row.marked };
    keep(KIND, this.id(row), { ...kept, values: row.dirty || row.leftOut.length || row.clash ? row.values : null });
  }

  /** What this browser kept of the page: this tab's own before another's, the newest first. */
  restore() {
    const kept = all(KIND).filter(({ page }) => page === this.page).reverse();
    kept.sort((one, other) => (other.tab === this.tab) - (one.tab === this.tab));
    const seen = new Set();
    let back = 0;
    for (const item of kept) {
      const row = this.sheet.rows.get(item.key);
      if (!row) continue;
      const taken = seen.has(item.key) ? 0 : this.takeBack(row, item);
      seen.add(item.key);
      back += taken;
    }
    const waiting = waitingFor(this.form.action);
    if (waiting?.refused) drop(this.form.action);
    else if (waiting) this.wait();
    if (back) {
      this.say("restored");
      this.plan(0);
    }
  }

  /** 1 where the row holds again what the server does not have. */
  takeBack(row, item) {
    const differs = item.values && JSON.stringify(contentOf(item.values)) !== JSON.stringify(contentOf(row.values));
    if (!row.open) {
      if (differs) row.tellClash({ message: this.sheet.words.filedElsewhere, text: this.inWords(row, item.values) });
      else forget(KIND, this.id(row, item.tab));
      return 0;
    }
    row.marked = Boolean(item.marked);
    if (!differs) {
      if (!row.marked || item.tab !== this.tab) forget(KIND, this.id(row, item.tab));
      if (row.marked) this.keepHere(row);
      return 0;
    }
    row.version = item.version;
    row.take(item.values);
    if (item.tab !== this.tab) {
      forget(KIND, this.id(row, item.tab));
      this.keepHere(row);
    }
    return 1;
  }

  inWords(row, values) {
    const changed = Object.keys(values).filter((name) => values[name] !== row.values[name]);
    return changed.map((name) => `${this.sheet.labels[name]} ${values[name]}`).join("；");
  }

  // --- Drafts ------------------------------------------------------------------------------------

  plan(delay = PAUSE_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  save() {
    clearTimeout(this.timer);
    this.saving ??= this.saveNow().finally(() => { this.saving = null; });
    return this.saving;
  }

  dirtyRows() {
    return [...this.sheet.rows.values()].filter((row) => row.dirty && !row.clash);
  }

  async saveNow() {
    while (!this.busy && !this.held && (this.unanswered || this.dirtyRows().length)) {
      this.unanswered ??= this.nextSave();
      this.say("saving");
      const outcome = await post(this.form.dataset.draftUrl, this.unanswered.body, this.unanswered.key);
      if (!this.understood(outcome)) return;
    }
  }

  /** A row that was never entered is saved with what differs; the server adds what stood before. */
  nextSave() {
    const rows = this.dirtyRows().slice(0, MOST);
    const contents = new Map(rows.map((row) => [row.key, row.content()]));
    const entries = rows.map((row) => ({ project: row.key, version: row.version, values: row.every() }));
    return { key: newKey(), contents, body: [["rows", JSON.stringify(entries)]] };
  }

  /** Whether the save got through, so that the next may follow. */
  understood(outcome) {
    if (outcome.kind === "ok") {
      const { contents } = this.unanswered;
      this.unanswered = null;
      for (const [key, told] of Object.entries(outcome.json.rows)) this.taken(this.sheet.rows.get(Number(key)), told, contents);
      this.say("saved", { time: outcome.json.saved_at }, "is-ok");
      this.sheet.show();
      sayUnsaved(0);
      return true;
    }
    sayUnsaved(this.dirtyRows().length || 1);
    if (outcome.kind === "refused") {
      this.unanswered = null;
      this.say("failed", {}, "is-bad");
    } else {
      if (isOnPageOnly()) this.say("pageOnly", {}, "is-bad");
      else this.say(outcome.kind === "signed-out" ? "signedOut" : "local", {}, "is-warn");
      this.plan(AGAIN_MS);
    }
    return false;
  }

  taken(row, told, contents) {
    const sent = contents.get(row.key);
    if (told.message && !told.same) {
      row.tellClash({ message: told.message, html: told.html, renewed: told.renewed });
    } else {
      row.version = told.version ?? told.renewed ?? row.version;
      row.sent = sent;
      row.blank = false;
      row.leftOut = told.left_out ?? [];
      if (told.said !== undefined) row.tell(told);
    }
    this.keepHere(row);
  }

  /** Both versions were shown: go on with the own one, or take the stored one. */
  decide(row, choice) {
    if (choice === "stored") {
      row.marked = false;
      forget(KIND, this.id(row));
      location.reload();
    } else {
      row.version = row.clash.renewed;
      row.tellClash(null);
      row.sent = "";
      this.sheet.touched(row);
    }
  }

  // --- Submitting ----------------------------------------------------------------------------------

  async submit(rows) {
    if (this.busy || !rows.length) return;
    this.busy = true;
    this.form.setAttribute("aria-busy", "true");
    const about = { title: this.form.dataset.title, changes: rows.length, page: this.page };
    const entries = rows.map((row) => row.entry());
    if (this.unanswered) this.saveFirst(entries, about);
    const body = [["rows", JSON.stringify(entries)], ["request_key", newKey()]];
    const outcome = await submit(this.form.action, body, about);
    this.busy = false;
    this.form.removeAttribute("aria-busy");
    if (outcome.kind === "ok") this.done(outcome.json);
    else if (outcome.kind === "refused") this.refused(outcome);
    else this.wait();
  }

  /** A save that was never answered may have arrived or not: it goes again, with its key, and what follows builds on it. */
  saveFirst(entries, about) {
    const { body, key, contents } = this.unanswered;
    queue(this.form.dataset.draftUrl, body, key, { ...about, changes: 0, page: `${this.page}#drafts` });
    for (const entry of entries) {
      if (!contents.has(entry.project)) continue;
      entry.version = (entry.version ?? 0) + 1;
      entry.values ??= this.sheet.rows.get(entry.project).every();
    }
  }

  done(json) {
    for (const key of json?.done ?? []) {
      const row = this.sheet.rows.get(key);
      if (row) forget(KIND, this.id(row));
    }
    if (standing().delivered?.late) carryDelivered();
    location.assign(json?.location ?? location.href);
  }

  refused(outcome) {
    drop(this.form.action);
    for (const [key, told] of Object.entries(outcome.json?.rows ?? {})) {
      const row = this.sheet.rows.get(Number(key));
      row.tell(told);
      row.marked ||= row.standing === "blank";
    }
    this.say("failed", {}, "is-bad");
    this.sheet.show();
    this.sheet.tell(outcome.json?.message ?? this.sheet.words.failed);
    this.sheet.next(true);
  }

  /** Whoever goes on writing has not submitted this yet. */
  unhold() {
    if (!this.held) return;
    drop(this.form.action);
    drop(this.form.dataset.draftUrl);
    this.held = false;
    document.querySelector("[data-held]").hidden = true;
  }

  wait() {
    this.held = true;
    sayUnsaved(0); // it counts among what waits
    document.querySelector("[data-held]").hidden = false;
    this.say("waiting", {}, "is-warn");
  }

  /** The outbox moved: this page's submission may have arrived, or been refused. */
  moved(outbox) {
    if (this.busy) return;
    const done = outbox.delivered;
    if (done?.late && done.page === this.page) {
      carryDelivered();
      location.assign(done.location);
    } else if (this.held && outbox.refused.some((item) => item.page === this.page)) {
      location.reload();
    }
  }

  /** One of the page's own sentences beside the title. */
  say(name, values = {}, tone = "") {
    const place = document.querySelector("[data-save-state]");
    place.textContent = Object.entries(values).reduce((said, [key, value]) => said.replace(`{${key}}`, value), this.sheet.words[name]);
    place.className = `save-state ${tone}`;
  }
}

function contentOf(values) {
  return Object.entries(values).filter(([, value]) => value !== "").sort();
}
