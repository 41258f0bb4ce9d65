// One project in the table of a month: its values, what differs from the last report, and how it shows that.
import { amount, plain, pretty, sum } from "./batch-values.js";

const DETAILS = ["stage_on", "stage_basis", "stage_reason"];
const SOURCES = ["central", "province", "city", "county", "social"];
const UNDERS = { error: "is-error", warning: "is-warning", changed: "is-changed" };

export class Row {
  constructor(sheet, line, data) {
    this.sheet = sheet;
    this.line = line;
    this.key = Number(line.dataset.row);
    this.group = line.closest("tbody");
    Object.assign(this, { version: data.version, open: data.open, base: data.before, homes: data.homes, stored: data.state });
    this.last = data.last;
    this.values = { ...data.last, ...data.now };
    for (const [name, value] of Object.entries(data.now)) if (value === "") delete this.values[name];
    this.errors = data.errors;
    this.warnings = data.warnings;
    // What the server has; what it could not read of it; whether “no change” (of a returned one: “mended”) is said.
    this.sent = this.content();
    this.leftOut = [];
    this.marked = false;
    // There is a draft, but what began it was taken back.
    this.blank = data.version !== null && data.state === "blank";
    this.clash = null;
    this.detail = null;
    this.notes = line.nextElementSibling?.matches("[data-notes]") ? line.nextElementSibling : null;
    this.said = this.notes?.querySelector("[data-said]").innerHTML ?? "";
  }

  /** Every value that is not empty, as one text to compare. */
  content() {
    return JSON.stringify(Object.entries(this.values).filter(([, value]) => value !== "").sort());
  }

  value(name) {
    return this.values[name] ?? "";
  }

  was(name) {
    return this.last[name] ?? "";
  }

  get dirty() {
    return this.open && this.content() !== this.sent;
  }

  changed() {
    const names = new Set([...Object.keys(this.values), ...Object.keys(this.last)]);
    names.delete("explanation");
    return [...names].filter((name) => this.value(name) !== this.was(name));
  }

  /** As `RowState` on the server, with what was done here and is not saved yet. */
  get standing() {
    if (!this.open) return "filed";
    const changed = this.changed().length > 0;
    if (this.stored === "returned") return this.marked || this.dirty ? "changed" : "returned";
    if (changed) return "changed";
    return this.marked || (this.version !== null && !this.blank) || this.dirty ? "same" : "blank";
  }

  get state() {
    if (!this.open) return this.line.dataset.state;
    if (this.clash) return "clash";
    const standing = this.standing;
    if (standing === "blank" || standing === "returned") return standing;
    if (this.errors.length) return "wrong";
    return this.warnings.length && !this.value("explanation") ? "asks" : standing;
  }

  /** Whether it can be handed in as it is. */
  get ready() {
    return ["same", "changed"].includes(this.state);
  }

  /** What is handed in; null: nothing has changed. */
  entry() {
    const same = this.standing === "same" && this.version === null && !this.value("explanation");
    return { project: this.key, version: this.version, values: same ? null : this.every() };
  }

  /** Every field with its value, the empty ones too. */
  every() {
    return Object.fromEntries(this.all().map((name) => [name, this.value(name)]));
  }

  all() {
    const names = ["stage", ...DETAILS, "percent", "invested", "text", "problem", "help_wanted", "explanation"];
    for (const source of SOURCES) names.push(`arrived_${source}`, `paid_${source}`);
    return this.homes ? [...names, "housing_started", "housing_topped_out", "housing_handed_over"] : names;
  }

  // --- Entering ----------------------------------------------------------------------------------

  /** A control's content became another. */
  enter(name, text) {
    this.set(name, plain(name, text));
    if (name === "stage") this.stageDetails();
  }

  set(name, value) {
    if (value === "") delete this.values[name];
    else this.values[name] = value;
  }

  /** Day, basis and reason belong to the stage: another stage has its own, and they are asked for. */
  stageDetails() {
    const moved = this.value("stage") !== this.was("stage");
    for (const name of DETAILS) {
      if (!moved) this.set(name, this.was(name));
      else if (this.value(name) === this.was(name)) this.set(name, "");
    }
    if (moved) this.showDetail(true);
    this.fill();
  }

  /** Back to the last report, or to given values. */
  take(values = this.last) {
    this.values = { ...values };
    this.fill();
  }

  /** Put the values into the controls, but not into the one that is being written in. */
  fill() {
    for (const control of this.controls()) {
      if (control === document.activeElement && plain(nameOf(control), control.value) === this.value(nameOf(control))) continue;
      control.value = pretty(nameOf(control), this.value(nameOf(control)));
    }
  }

  controls() {
    const own = [...this.line.querySelectorAll("input:not([type=hidden]), select, textarea")];
    const more = [this.notes, this.detail].flatMap((part) => (part ? [...part.querySelectorAll("[data-name]")] : []));
    return [...own, ...more];
  }

  // --- Showing -----------------------------------------------------------------------------------

  show() {
    const state = this.state;
    const changed = new Set(this.open ? this.changed() : []);
    if (this.open) {
      for (const cell of this.line.cells) this.showCell(cell, changed, state);
      this.showSums();
      this.showState(state);
      if (this.notes) this.notes.hidden = this.line.hidden || !this.tells(state);
      if (this.detail) this.showDetailState(changed);
    }
    return state;
  }

  /** Whether there is anything to be said under the row; of one that nobody has touched only why it came back. */
  tells(state) {
    return Boolean(this.clash || this.notes.querySelector("[data-reason]") || (state !== "blank" && this.said.trim()));
  }

  hide(hidden) {
    this.line.hidden = hidden;
    if (this.notes) this.notes.hidden = hidden || !this.tells(this.state);
    if (this.detail && hidden) this.showDetail(false);
  }

  showCell(cell, changed, state) {
    const control = cell.querySelector("input:not([type=hidden]), select, textarea");
    const sums = cell.querySelector(".batch-sum");
    if (!control && !sums) return;
    const names = control ? [nameOf(control)] : SOURCES.flatMap((source) => [`arrived_${source}`, `paid_${source}`]);
    const tone = this.toneOf(names, changed, state);
    for (const [key, look] of Object.entries(UNDERS)) cell.classList.toggle(look, key === tone);
    if (!control) return;
    if (tone === "error") control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    this.showWas(cell, names[0], changed.has(names[0]));
  }

  toneOf(names, changed, state) {
    if (state === "blank") return "";
    if (names.some((name) => this.errors.includes(name))) return "error";
    if (names.some((name) => this.warnings.includes(name))) return "warning";
    return names.some((name) => changed.has(name)) ? "changed" : "";
  }

  showWas(cell, name, differs) {
    // What was invested is the month's own: there is no last value to stand beside it.
    if (cell.matches(".batch-long") || name === "invested") return;
    let small = cell.querySelector("small");
    const was = this.was(name);
    if (!differs || was === "") {
      small?.remove();
      return;
    }
    if (!small) {
      small = document.createElement("small");
      cell.append(small);
    }
    const option = name === "stage" ? [...cell.querySelector("select").options].find(({ value }) => value === was)?.text : null;
    small.textContent = this.sheet.words.was.replace("{value}", option ?? pretty(name, was));
  }

  showSums() {
    const total = sum([this.base, this.value("invested")]);
    this.line.querySelector("[data-total]").textContent = total === null ? "" : amount(total);
    const arrived = this.line.querySelector("[data-arrived]");
    if (!arrived) return;
    const known = sum(SOURCES.map((source) => this.value(`arrived_${source}`)));
    arrived.textContent = known === null ? "—" : amount(known);
  }

  showState(state) {
    const button = this.line.querySelector(".batch-state [data-mark]");
    this.line.classList.toggle("is-marked", this.standing === "same");
    const { words } = this.sheet;
    button.title = { blank: words.markSame, same: words.markUndo, returned: words.markReady }[state] ?? words.markBack;
    if (this.line.dataset.state === state) return;
    this.line.dataset.state = state;
    button.className = `state is-${state}`;
    button.replaceChildren(...this.sheet.stateParts(state));
  }

  /** What the server says of the row, under it. */
  tell({ said, errors, warnings }) {
    Object.assign(this, { errors, warnings });
    const same = said.trim() === this.said.trim();
    this.said = said;
    if (same || (!this.notes && !said.trim())) return;
    const place = this.noteRow().querySelector("[data-said]");
    const writing = place.contains(document.activeElement) ? document.activeElement : null;
    const caret = writing?.selectionStart;
    place.innerHTML = said;
    this.fill();
    const again = writing && place.querySelector("[data-name=explanation]");
    if (again) {
      again.value = writing.value;
      again.focus();
      again.setSelectionRange(caret, caret);
    }
  }

  noteRow() {
    if (!this.notes) {
      this.notes = document.getElementById("batch-notes").content.firstElementChild.cloneNode(true);
      this.line.after(this.notes);
    }
    return this.notes;
  }

  /** Two versions, or what was entered here and has no place any more. */
  tellClash(clash) {
    this.clash = clash;
    const place = this.noteRow().querySelector("[data-clash]");
    place.replaceChildren();
    if (!clash) return;
    const part = document.getElementById("batch-clash").content.firstElementChild.cloneNode(true);
    part.querySelector("[data-message]").textContent = clash.message;
    part.querySelector("[data-html]").innerHTML = clash.html ?? "";
    if (clash.text) part.querySelector("[data-html]").textContent = clash.text;
    part.querySelector("[data-choose=own]").hidden = !clash.renewed;
    place.append(part);
    this.notes.hidden = false;
  }

  // --- The rest of it ------------------------------------------------------------------------------

  showDetail(open = !this.detail || this.detail.hidden) {
    if (open && !this.detail) this.makeDetail();
    if (this.detail) this.detail.hidden = !open;
    for (const button of this.line.querySelectorAll("[data-more]")) button.setAttribute("aria-expanded", String(open));
    if (open) this.showDetailState(new Set(this.changed()));
  }

  makeDetail() {
    this.detail = document.getElementById("batch-detail").content.firstElementChild.cloneNode(true);
    this.detail.querySelector("[data-single]").href = this.line.querySelector("th a").href;
    (this.notes ?? this.line).after(this.detail);
    this.fill();
  }

  showDetailState(changed) {
    const [now, last] = [this.value("stage"), this.was("stage")];
    this.detail.querySelector("[data-stage-details]").hidden = now === last && !DETAILS.some((name) => changed.has(name) || this.errors.includes(name));
    this.detail.querySelector("[data-stage-reason]").hidden = last === "" || Number(now) >= Number(last);
    for (const control of this.detail.querySelectorAll("[data-name]")) {
      const tone = this.toneOf([control.dataset.name], changed, this.state);
      for (const [key, look] of Object.entries(UNDERS)) control.classList.toggle(look, key === tone && !(key === "changed" && control.value === ""));
    }
  }
}

/** The content field that a control holds. */
export function nameOf(control) {
  return control.dataset.name ?? control.name.slice(control.name.indexOf("-") + 1);
}
