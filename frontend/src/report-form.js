// The monthly report: what changed is marked at once, kept in the browser at once and on the server a moment later;
// submitting goes through the outbox, so that a lost connection loses nothing. Without script it is a plain form.
import { clock, forget, isOnPageOnly, keep, kept, newKey } from "./browser-store.js";
import { drop, onOutbox, post, standing, submit, waitingFor } from "./outbox.js";
import { carryDelivered, sayUnsaved } from "./offline-strip.js";
import { showPhotosOf } from "./photos.js";

const PAUSE_MS = 1200;
const AGAIN_MS = 20_000;
const NOT_CONTENT = new Set(["csrfmiddlewaretoken", "request_key", "version"]);
let current = null;

/** A control's value as the page compares it: amounts with two decimals, however they were typed. */
function plain(control) {
  const value = control.value.trim();
  if (control.inputMode !== "decimal" || value === "") return value;
  const number = Number(value.normalize("NFKC").replace(/[, ]/g, ""));
  return Number.isFinite(number) ? number.toFixed(2) : value;
}

class ReportForm {
  constructor(form, refused) {
    this.form = form;
    this.page = location.pathname;
    this.saved = this.content();
    this.saving = null;
    this.unanswered = null;
    this.stopped = false;
    this.busy = false;
    // Submitted, but not delivered: nothing is saved beside it.
    this.held = false;
    this.timer = 0;
    form.addEventListener("input", (event) => this.entered(event.target));
    form.addEventListener("submit", (event) => this.submitted(event, form));
    const same = document.querySelector("form[data-report-unchanged]");
    same?.addEventListener("submit", (event) => this.submitted(event, same));
    form.addEventListener("click", (event) => this.decide(event.target.closest("[data-choose]")));
    if (refused) this.keepHere();
    else this.restore();
    this.update();
  }

  controls() {
    return [...this.form.querySelectorAll("[data-last]")];
  }

  content() {
    return JSON.stringify([...new FormData(this.form)].filter(([name]) => !NOT_CONTENT.has(name)));
  }

  get version() {
    return this.form.elements.version;
  }

  // --- What the page shows ---------------------------------------------------------------------

  entered(control) {
    if (control.name === "stage") this.emptyDetails();
    if (this.held) this.takeBack();
    this.keepHere();
    this.update();
    this.plan(PAUSE_MS);
  }

  /** Day, basis and reason belong to the stage: another stage has its own. */
  emptyDetails() {
    const moved = this.form.elements.stage.value !== this.form.elements.stage.dataset.last;
    for (const control of this.form.querySelectorAll("[data-stage-details] [data-last]")) {
      if (moved && control.value === control.dataset.last) control.value = "";
      if (!moved) control.value = control.dataset.last;
    }
  }

  update() {
    const stage = this.form.elements.stage;
    const [now, last] = [stage.value, stage.dataset.last];
    showPhotosOf(now);
    this.form.querySelector("[data-stage-details]").hidden = now === last && !this.form.querySelector("[data-stage-details] .is-error");
    this.form.querySelector("[data-stage-reason]").hidden = last === "" || Number(now) >= Number(last);
    for (const said of this.form.querySelectorAll("[data-stage-definition] [data-stage]")) said.hidden = said.dataset.stage !== now;
    let changed = 0;
    for (const control of this.controls()) changed += this.mark(control);
    this.addUp();
    this.put("changed", changed);
    const explain = this.form.querySelector("[data-explain]");
    const asked = explain.hidden ? 0 : explain.querySelectorAll("[data-explain-list] li").length;
    const open = this.form.elements.explanation.value.trim() ? 0 : asked;
    this.put("asked", open);
    for (const line of document.querySelectorAll("[data-tally-asked]")) line.hidden = !open;
    this.changed = changed;
  }

  /** 1 where the field differs from the last report. */
  mark(control) {
    const field = control.closest(".field");
    // What belongs to the new stage and is still empty is not changed yet.
    const counts = !control.closest("[hidden]") && !(control.closest("[data-stage-details]") && !control.value);
    const differs = counts && plain(control) !== control.dataset.last;
    if (!field.classList.contains("is-error")) field.classList.toggle("is-changed", differs && !field.classList.contains("is-warning"));
    let mark = field.querySelector(".changed-mark");
    if (differs && !mark) {
      mark = document.createElement("span");
      mark.className = "changed-mark";
      mark.textContent = this.form.dataset.changed;
      field.querySelector("label").after(mark);
    }
    if (mark) mark.hidden = !differs;
    return differs ? 1 : 0;
  }

  /** What the month adds to what was invested before. */
  addUp() {
    for (const place of this.form.querySelectorAll("[data-sum]")) {
      const month = plain(this.form.elements[place.dataset.sum]);
      if (month === "" && place.dataset.base === "") continue;
      const sum = Number(place.dataset.base) + Number(month);
      if (Number.isFinite(sum)) place.textContent = sum.toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    }
  }

  put(name, number) {
    for (const place of document.querySelectorAll(`[data-tally="${name}"]`)) place.textContent = String(number);
  }

  /** One of the form's own sentences beside the title. */
  say(name, values = {}, tone = "") {
    const text = Object.entries(values).reduce((said, [key, value]) => said.replace(`{${key}}`, value), this.form.dataset[name] ?? name);
    for (const place of document.querySelectorAll("[data-save-state]")) {
      place.textContent = text;
      place.classList.remove("is-ok", "is-warn", "is-bad");
      if (tone) place.classList.add(tone);
    }
  }

  showWarnings(warnings) {
    const explain = this.form.querySelector("[data-explain]");
    explain.querySelector("[data-explain-list]").replaceChildren(...warnings.map(({ text }) => {
      const line = document.createElement("li");
      line.textContent = text;
      return line;
    }));
    explain.hidden = warnings.length === 0 && !this.form.elements.explanation.value.trim();
    const warned = new Set(warnings.map(({ field }) => field));
    for (const control of this.controls()) {
      control.closest(".field").classList.toggle("is-warning", warned.has(control.name));
    }
    this.update();
  }

  // --- Drafts: in the browser at once, on the server a moment later ------------------------------

  keepHere() {
    const values = [...new FormData(this.form)].filter(([name]) => !["csrfmiddlewaretoken", "request_key"].includes(name));
    keep("draft", this.page, { at: Date.now(), values });
  }

  restore() {
    const waiting = waitingFor(this.form.action);
    const draft = kept("draft", this.page);
    if (waiting) this.fill(waiting.body);
    else if (draft) this.fill(draft.values);
    else return;
    if (waiting?.refused) {
      this.sendAgain(waiting);
    } else if (waiting) {
      this.wait();
    } else if (this.content() === this.saved) {
      forget("draft", this.page);
    } else {
      this.form.querySelector("[data-restored]").hidden = false;
      this.form.querySelector("[data-restored-at]").textContent = clock(draft.at);
      this.plan(0);
    }
  }

  fill(values) {
    for (const [name, value] of values) {
      const control = this.form.elements[name];
      if (control && name !== "csrfmiddlewaretoken") control.value = value;
    }
  }

  plan(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  /** Save what differs from what the server has; a save without an answer is repeated with its own key first. */
  save() {
    this.saving ??= this.saveNow().finally(() => { this.saving = null; });
    return this.saving;
  }

  async saveNow() {
    while (!this.stopped && !this.busy && !this.held && (this.unanswered || this.content() !== this.saved)) {
      this.unanswered ??= {
        key: newKey(),
        content: this.content(),
        body: [...new FormData(this.form)].filter(([name]) => !["csrfmiddlewaretoken", "request_key"].includes(name)),
      };
      this.say("saving");
      const outcome = await post(this.form.dataset.draftUrl, this.unanswered.body, this.unanswered.key);
      if (!this.form.isConnected) return;
      if (!this.understood(outcome)) return;
    }
  }

  /** Whether the save got through, so that the next may follow. */
  understood(outcome) {
    if (outcome.kind === "ok") {
      this.version.value = outcome.json.version;
      this.saved = this.unanswered.content;
      this.unanswered = null;
      if (this.content() === this.saved && !outcome.json.left_out.length) forget("draft", this.page);
      this.say("saved", { time: outcome.json.saved_at }, "is-ok");
      this.showWarnings(outcome.json.warnings);
      sayUnsaved(0);
      return true;
    }
    sayUnsaved(Math.max(1, this.changed));
    if (outcome.kind === "refused") {
      this.unanswered = null;
      this.refuse(outcome);
    } else {
      if (isOnPageOnly()) this.say("pageOnly", {}, "is-bad");
      else this.say(outcome.kind === "signed-out" ? "signedOut" : "local", {}, "is-warn");
      this.plan(AGAIN_MS);
    }
    return false;
  }

  refuse(outcome) {
    this.stopped = Boolean(outcome.json?.version);
    if (!this.stopped) this.saved = this.content();
    this.say("failed", {}, "is-bad");
    const place = this.form.querySelector("[data-conflict]");
    place.hidden = false;
    place.querySelector("[data-conflict-said]").innerHTML = outcome.json?.html ?? "";
    place.querySelector("[data-conflict-message]").textContent = outcome.json?.message ?? this.form.dataset.failed;
    place.querySelector("[data-conflict-choice]").hidden = !outcome.json?.version;
    this.renewed = outcome.json?.version;
    place.focus();
  }

  /** Both texts were shown: go on with the own one, or take the stored one. */
  decide(button) {
    if (!button) return;
    if (button.dataset.choose === "stored") {
      forget("draft", this.page);
      drop(this.form.action);
      location.reload();
    } else if (button.dataset.choose === "own") {
      this.version.value = this.renewed;
      this.stopped = false;
      this.form.querySelector("[data-conflict]").hidden = true;
      this.keepHere();
      this.plan(0);
    }
  }

  // --- Submitting --------------------------------------------------------------------------------

  async submitted(event, form) {
    event.preventDefault();
    if (this.busy) return;
    clearTimeout(this.timer);
    await this.saving;
    this.busy = true;
    form.setAttribute("aria-busy", "true");
    const body = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
    const about = { title: this.form.dataset.title, changes: this.changed, page: this.page };
    this.finish(await submit(form.action, body, about), form.action);
    this.busy = false;
    form.removeAttribute("aria-busy");
  }

  /** The answer to a background try was a refusal: ask once more, to show it here with everything entered. */
  async sendAgain(item) {
    this.busy = true;
    this.finish(await submit(item.address, item.body, item), item.address);
    this.busy = false;
  }

  finish(outcome, address) {
    if (outcome.kind === "ok") {
      forget("draft", this.page);
      if (standing().delivered?.late) carryDelivered();
      location.assign(outcome.json?.location ?? location.href);
    } else if (outcome.kind === "refused") {
      drop(address);
      showRefusal(outcome.page);
    } else {
      this.wait();
    }
  }

  /** Whoever goes on writing has not submitted this yet. */
  takeBack() {
    drop(this.form.action);
    this.held = false;
    this.form.querySelector("[data-held]").hidden = true;
  }

  wait() {
    this.held = true;
    sayUnsaved(0); // it counts among what waits
    this.form.querySelector("[data-held]").hidden = false;
    this.say("waiting", {}, "is-warn");
  }

  /** The outbox moved: this page's submission may have arrived, or been refused. */
  moved(outbox) {
    if (this.busy || !this.form.isConnected) return;
    const done = outbox.delivered;
    if (done?.late && done.page === this.page) {
      carryDelivered();
      location.assign(done.location);
    }
    const refused = outbox.refused.find((item) => item.page === this.page);
    if (refused) this.sendAgain(refused);
  }
}

/** The server's page in place of this one's content: what was entered, and what is wrong with it. */
function showRefusal(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  if (!main) return;
  document.querySelector("main").innerHTML = main.innerHTML;
  open(document, true);
  document.querySelector("[data-error-summary]")?.focus();
}

function open(root, refused) {
  const form = root.querySelector("form[data-report]");
  current = form ? new ReportForm(form, refused) : null;
}

export function startReportForm(root) {
  open(root, false);
  if (!current) return;
  onOutbox((outbox) => current?.moved(outbox));
  window.addEventListener("online", () => current?.plan(0));
}
