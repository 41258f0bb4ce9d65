// The month of a whole unit in one table: what is filled in, what is still to do, and submitting it once.
import { Grid } from "./batch-grid.js";
import { nameOf, Row } from "./batch-row.js";
import { plain, pretty } from "./batch-values.js";
import { Sync } from "./batch-sync.js";

const PRESSING = ["wrong", "asks", "clash", "returned"];
// In the order in which they are gone to, and told.
const OPEN = ["wrong", "asks", "clash", "returned", "blank"];

class Sheet {
  constructor(form) {
    this.form = form;
    this.words = wordsOf(form);
    this.labels = JSON.parse(document.getElementById("batch-labels").textContent);
    const data = JSON.parse(document.getElementById("batch-data").textContent);
    this.rows = new Map();
    for (const line of form.querySelectorAll("[data-row]")) this.rows.set(Number(line.dataset.row), new Row(this, line, data[line.dataset.row]));
    this.tab = document.querySelector("[data-tab][aria-current]")?.dataset.tab ?? "";
    this.at = null;
    this.unfold();
    this.grid = new Grid(this, form.querySelector("table"));
    this.sync = new Sync(this);
    this.listen();
    this.sync.restore();
    this.show();
  }

  /** What works with the script alone. */
  unfold() {
    for (const part of this.form.querySelectorAll("[data-fold], [data-more], [data-rest], [data-next]")) part.hidden = false;
  }

  listen() {
    this.form.addEventListener("input", (event) => this.typed(event.target));
    this.form.addEventListener("focusout", (event) => this.left(event.target));
    this.form.addEventListener("click", (event) => this.clicked(event.target));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.press();
    });
    for (const tab of document.querySelectorAll("[data-tab]")) tab.addEventListener("click", (event) => this.choose(event, tab));
    for (const filter of document.querySelectorAll("[data-filter]")) filter.addEventListener("change", () => this.filter());
    document.querySelector("[data-unit]")?.addEventListener("change", ({ target }) => location.assign(`?unit=${target.value}`));
  }

  rowAt(element) {
    let line = element?.closest("tr");
    while (line && !line.dataset.row) line = line.previousElementSibling;
    return line ? this.rows.get(Number(line.dataset.row)) : null;
  }

  stateParts(state) {
    const found = document.getElementById("batch-states").content.querySelector(`[data-is="${state}"]`);
    return [...found.cloneNode(true).childNodes];
  }

  // --- Entering ------------------------------------------------------------------------------------

  typed(control) {
    const row = this.rowAt(control);
    if (!row?.open) return;
    row.enter(nameOf(control), control.value);
    for (const other of row.controls()) {
      if (other !== control && nameOf(other) === nameOf(control)) other.value = control.value;
    }
    this.touched(row);
  }

  touched(row) {
    this.sync.unhold();
    this.tell("");
    this.form.querySelector("[data-ready]").hidden = true;
    if (row.standing === "changed") row.marked &&= row.stored === "returned";
    this.sync.keepHere(row);
    this.show(row);
    this.sync.plan();
  }

  /** What was typed is shown as it is kept. */
  left(control) {
    const row = control.closest("tr") && this.rowAt(control);
    if (row?.open && control.matches("input:not([type=hidden]), textarea")) {
      control.value = pretty(nameOf(control), plain(nameOf(control), control.value));
    }
  }

  clicked(target) {
    const row = this.rowAt(target);
    const back = target.closest("[data-back]");
    const choice = target.closest("[data-choose]")?.dataset.choose;
    if (back) {
      row.enter(back.dataset.back, back.value);
      row.fill();
      this.touched(row);
      row.controls().find((control) => nameOf(control) === back.dataset.back)?.focus();
    } else if (choice) {
      this.sync.decide(row, choice);
    } else if (target.closest("[data-more]")) {
      this.openDetail(row);
    } else if (target.closest("[data-mark]")) {
      this.mark(row);
    } else {
      this.clickedAround(target);
    }
  }

  clickedAround(target) {
    const group = target.closest("tbody");
    if (target.closest("[data-fold]")) this.fold(group);
    else if (target.closest("[data-rest-here]")) this.markRest((row) => row.group === group);
    else if (target.closest("[data-rest]")) this.markRest(() => true);
    else if (target.closest("[data-next]")) this.next();
    else if (target.closest("[data-ready]")) this.sync.submit([...this.rows.values()].filter((row) => row.ready));
  }

  openDetail(row) {
    row.showDetail();
    if (!row.detail.hidden) [...row.detail.querySelectorAll("[data-name]")].find((control) => control.offsetParent)?.focus();
  }

  // --- “No change” -----------------------------------------------------------------------------------

  /** Of a row that was changed: back to the last report. Of one that came back: it is mended. Twice: not said. */
  mark(row) {
    if (!row?.open || row.clash) return;
    const before = { marked: row.marked, values: { ...row.values } };
    if (row.stored === "returned" || row.standing === "blank") {
      if (row.stored !== "returned" && !row.was("percent")) this.tell(this.words.first);
      else row.marked = !row.marked;
    } else if (row.standing === "same" && (row.version === null || row.blank)) {
      row.marked = false;
    } else if (row.standing === "changed") {
      row.take();
      row.marked = true;
      this.offerUndo(this.words.putBack, [[row, before]]);
    }
    this.touched(row);
  }

  markRest(among) {
    const rows = [...this.rows.values()].filter((row) => among(row) && this.canMark(row));
    for (const row of rows) {
      row.marked = true;
      this.sync.keepHere(row);
    }
    this.sync.unhold();
    this.show();
    if (rows.length) this.offerUndo(this.words.marked.replace("{n}", rows.length), rows.map((row) => [row, { marked: false, values: { ...row.values } }]));
  }

  canMark(row) {
    return row.standing === "blank" && row.was("percent") !== "";
  }

  offerUndo(text, undone) {
    const toast = document.getElementById("batch-toast").content.firstElementChild.cloneNode(true);
    toast.querySelector("[data-text]").textContent = text;
    toast.querySelector("[data-undo]").addEventListener("click", () => {
      toast.remove();
      for (const [row, { marked, values }] of undone) {
        row.marked = marked;
        row.take(values);
        this.sync.keepHere(row);
      }
      this.show();
      this.sync.plan();
    });
    document.querySelector(".toasts").append(toast);
    setTimeout(() => toast.remove(), 8000);
  }

  // --- What is shown -----------------------------------------------------------------------------------

  /** One row, or all, and the numbers. */
  show(only = null) {
    for (const row of only ? [only] : this.rows.values()) row.show();
    const counts = this.count();
    for (const place of document.querySelectorAll("[data-tally]")) {
      const text = String(counts[place.dataset.tally] ?? 0);
      if (place.textContent !== text) place.textContent = text;
    }
    for (const name of ["wrong", "asks", "returned"]) this.form.querySelector(`[data-tally-${name}]`).hidden = !counts[name];
    this.form.querySelector("[data-next]").hidden = !OPEN.some((state) => counts.states[state]);
    this.put("[data-rest]", this.words.rest, counts.rest);
    this.form.querySelector("[data-submit]").textContent = this.words.submit.replace("{n}", counts.open);
    for (const [group, number] of counts.groups) this.put("[data-rest-here]", this.words.restHere, number, group);
    const ready = this.form.querySelector("[data-ready]");
    if (!counts.pressing && !counts.blank) ready.hidden = true;
  }

  put(name, words, number, root = this.form) {
    const button = root.querySelector(name);
    button.hidden = !number;
    button.textContent = words.replace("{n}", number);
  }

  count() {
    const counts = { all: 0, open: 0, pressing: 0, blank: 0, same: 0, changed: 0, filed: 0, returned: 0, wrong: 0, asks: 0, rest: 0 };
    const [states, groups] = [{}, new Map()];
    for (const row of this.rows.values()) {
      const [state, standing] = [row.state, row.standing];
      states[state] = (states[state] ?? 0) + 1;
      counts.all += 1;
      counts.open += row.open ? 1 : 0;
      counts[standing] += 1;
      if (["wrong", "asks"].includes(state)) counts[state] += 1;
      if (PRESSING.includes(state)) counts.pressing += 1;
      const rest = row.open && this.canMark(row) ? 1 : 0;
      counts.rest += rest;
      groups.set(row.group, (groups.get(row.group) ?? 0) + rest);
    }
    return { ...counts, states, groups };
  }

  choose(event, tab) {
    event.preventDefault();
    this.tab = tab.dataset.tab;
    for (const each of document.querySelectorAll("[data-tab]")) {
      if (each === tab) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    }
    this.filter();
  }

  filter() {
    const [community, kind] = ["community", "kind"].map((name) => document.querySelector(`[data-filter][name=${name}]`).value);
    for (const chip of document.querySelectorAll("[data-filter]")) chip.closest(".chip").classList.toggle("is-active", chip.value !== "");
    const shown = new Map();
    for (const row of this.rows.values()) {
      const fits = this.underTab(row) && (!community || row.group.dataset.community === community) && (!kind || row.line.dataset.kind === kind);
      shown.set(row.group, shown.get(row.group) || fits);
      row.hide(!fits || row.group.matches(".is-folded"));
    }
    for (const [group, any] of shown) group.querySelector(".batch-group").hidden = !any;
    this.form.querySelector("[data-none]").hidden = [...shown.values()].some(Boolean);
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries({ show: this.tab, community, kind })) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    history.replaceState(null, "", `?${query}`);
    for (const link of document.querySelectorAll("[data-export]")) link.href = `?${new URLSearchParams([...query, ["export", "xlsx"]])}`;
  }

  underTab(row) {
    if (!this.tab) return true;
    return this.tab === "pressing" ? PRESSING.includes(row.state) : row.standing === this.tab;
  }

  fold(group) {
    const folded = group.classList.toggle("is-folded");
    group.querySelector("[data-fold]").setAttribute("aria-expanded", String(!folded));
    this.filter();
  }

  // --- What is open, and submitting --------------------------------------------------------------------

  openRows() {
    const rows = [...this.rows.values()];
    return OPEN.flatMap((state) => rows.filter((row) => row.state === state));
  }

  /** To the next row that is open, after where one is; `first`: to the first one. */
  next(first = false) {
    const open = this.openRows();
    if (!open.length) return;
    const row = first ? open[0] : open[(open.indexOf(this.at) + 1) % open.length];
    this.at = row;
    if (row.line.hidden) this.showAll();
    if (row.errors.length && row.state === "wrong" && !this.place(row)) row.showDetail(true);
    const target = this.place(row) ?? row.line.querySelector("select, input:not([type=hidden])");
    (target.offsetParent ? target : row.line.querySelector("th a")).focus();
    row.line.scrollIntoView({ block: "center" });
  }

  /** Where a row is to be mended. */
  place(row) {
    const names = { wrong: row.errors, asks: ["explanation"], returned: ["percent"], blank: ["invested"], clash: [] }[row.state];
    const found = row.controls().find((control) => names.includes(nameOf(control)) && control.offsetParent);
    return found ?? row.notes?.querySelector("[data-choose]:not([hidden])") ?? null;
  }

  showAll() {
    for (const filter of document.querySelectorAll("[data-filter]")) filter.value = "";
    for (const group of this.form.querySelectorAll(".is-folded")) this.fold(group);
    document.querySelector("[data-tab='']").click();
  }

  tell(text) {
    this.form.querySelector("[data-open-said]").textContent = text;
  }

  /** Never disabled: with something open it goes to the first of it, and says how much there is. */
  async press() {
    await this.sync.save();
    const open = this.openRows();
    const ready = this.form.querySelector("[data-ready]");
    const rows = [...this.rows.values()].filter((row) => row.ready);
    ready.hidden = !open.length || !rows.length;
    if (!open.length) {
      this.tell("");
      await this.sync.submit(rows);
      return;
    }
    const parts = OPEN.map((state) => [state, open.filter((row) => row.state === state).length]).filter(([, number]) => number);
    const said = parts.map(([state, number]) => this.words[state].replace("{n}", number)).join("，");
    this.tell(this.words.open.replace("{n}", open.length).replace("{parts}", said));
    ready.textContent = this.words.readyOnly.replace("{n}", rows.length);
    this.next(true);
  }
}

/** The page's sentences: `data-say-…`. */
function wordsOf(form) {
  const said = Object.entries(form.dataset).filter(([name]) => name.startsWith("say"));
  return Object.fromEntries(said.map(([name, text]) => [name[3].toLowerCase() + name.slice(4), text]));
}

export function startBatch(root) {
  const form = root.querySelector("form[data-batch]");
  if (form) new Sheet(form);
}
