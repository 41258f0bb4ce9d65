// The keyboard of the table of a month, as in a spreadsheet: arrows go to the next cell, typing replaces, F2 edits.
import { nameOf } from "./batch-row.js";

const FIELDS = "input:not([type=hidden]), select, textarea";
const STOPS = `${FIELDS}, th a, .batch-sum, .batch-more`;

export class Grid {
  constructor(sheet, table) {
    this.sheet = sheet;
    this.table = table;
    this.before = "";
    this.editing = false;
    // Tab goes from field to field; the arrows reach the names as well.
    for (const link of table.querySelectorAll("[data-row] th a, [data-row] [data-mark]")) link.tabIndex = -1;
    table.addEventListener("keydown", (event) => this.key(event));
    table.addEventListener("focusin", (event) => this.entered(event.target));
    table.addEventListener("mousedown", (event) => this.pressed(event));
    table.addEventListener("paste", (event) => this.pasted(event));
  }

  inCell(target) {
    return target.closest("[data-row]") && target.matches(STOPS);
  }

  entered(control) {
    if (!control.matches(FIELDS)) return;
    this.before = control.value;
    this.editing = false;
    this.explain(control);
    if (this.inCell(control)) control.select?.();
  }

  /** The counting rule of the field that is being filled in stands above the foot; a screen reader has it already. */
  explain(control) {
    const line = this.sheet.form.querySelector("[data-help]");
    const rule = document.getElementById(control.getAttribute("aria-describedby") ?? "");
    line.hidden = !rule?.textContent;
    line.textContent = rule?.textContent ?? "";
  }

  /** The first press chooses the cell, the second one edits in it. */
  pressed(event) {
    const control = event.target.closest("input, textarea");
    if (!control || event.button !== 0 || !this.inCell(control)) return;
    if (control === document.activeElement) {
      this.editing = true;
    } else {
      event.preventDefault();
      control.focus();
    }
  }

  key(event) {
    if (event.isComposing) return;
    const { target, key } = event;
    if (this.command(event)) {
      event.preventDefault();
    } else if (key === "Escape" && target.matches(FIELDS)) {
      event.preventDefault();
      this.restore(target);
    } else if (key === "Enter" && target.matches(FIELDS)) {
      this.enter(event);
    } else if (this.inCell(target) && !event.altKey && !event.metaKey) {
      if (this.walk(event)) event.preventDefault();
    }
  }

  command({ key, code, altKey, ctrlKey, metaKey, target }) {
    if ((ctrlKey || metaKey) && key === "Enter") this.sheet.press();
    else if (key === "F6") document.querySelector("#batch-foot [data-submit]").focus();
    else if (altKey && code === "KeyN") this.sheet.mark(this.sheet.rowAt(target));
    else if (altKey && code === "KeyO") this.sheet.rowAt(target)?.showDetail();
    else if (altKey && code === "KeyJ") this.sheet.next();
    else if (key === "F2" && this.inCell(target)) this.edit(target);
    else return false;
    return true;
  }

  edit(control) {
    this.editing = true;
    if (control.matches("select")) {
      try {
        control.showPicker();
      } catch {
        // An older browser opens it by its own key.
      }
    } else {
      control.setSelectionRange?.(control.value.length, control.value.length);
    }
  }

  restore(control) {
    if (control.value !== this.before) {
      control.value = this.before;
      control.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.editing = false;
    control.select?.();
  }

  enter(event) {
    if (event.target.matches("textarea") && (event.altKey || !this.inCell(event.target))) {
      if (!event.altKey) return;
      event.target.setRangeText("\n", event.target.selectionStart, event.target.selectionEnd, "end");
      event.target.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    event.preventDefault();
    this.move(event.target, 0, event.shiftKey ? -1 : 1);
  }

  /** Whether a key moved to another cell. */
  walk({ key, ctrlKey, target }) {
    const ways = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    if (this.editing && target.matches(FIELDS)) return false;
    if (ways[key]) this.move(target, ...ways[key]);
    else if (key === "Home" || key === "End") this.edge(target, key === "End", ctrlKey);
    else return false;
    return true;
  }

  move(control, right, down) {
    const line = control.closest("[data-row]");
    if (right) {
      const stops = stopsOf(line);
      focus(stops[stops.indexOf(control) + right]);
      return;
    }
    const lines = this.lines();
    // From under a row its own is the one to go on from.
    const own = line ?? this.sheet.rowAt(control)?.line;
    const column = line ? control.closest("td, th").cellIndex : 3;
    for (let at = lines.indexOf(own) + down; at >= 0 && at < lines.length; at += down) {
      const found = stopsOf(lines[at]).find((stop) => stop.closest("td, th").cellIndex === column);
      if (found) {
        focus(found);
        return;
      }
    }
  }

  edge(control, end, whole) {
    const lines = this.lines();
    const line = whole ? lines.at(end ? -1 : 0) : control.closest("[data-row]");
    focus(stopsOf(line).at(end ? -1 : 0));
  }

  lines() {
    return [...this.table.querySelectorAll("[data-row]")].filter((line) => !line.hidden);
  }

  /** A block of cells copied from a spreadsheet fills the cells from here on; cells that cannot be filled are passed over. */
  pasted(event) {
    const text = event.clipboardData.getData("text/plain").replace(/\r\n/g, "\n").replace(/\n$/, "");
    if (!this.inCell(event.target) || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    const lines = this.lines();
    const from = lines.indexOf(event.target.closest("[data-row]"));
    const column = event.target.closest("td").cellIndex;
    const touched = new Set();
    for (const [down, copied] of text.split("\n").entries()) {
      for (const [right, value] of copied.split("\t").entries()) {
        const control = lines[from + down]?.cells[column + right]?.querySelector(FIELDS);
        const row = control && this.sheet.rowAt(control);
        if (!row?.open) continue;
        const option = control.matches("select") && [...control.options].find((each) => each.text === value.trim());
        if (control.matches("select") && !option) continue;
        row.enter(nameOf(control), option ? option.value : value);
        touched.add(row);
      }
    }
    for (const row of touched) {
      row.fill();
      this.sheet.touched(row);
    }
  }
}

function stopsOf(line) {
  return [...line.querySelectorAll(STOPS)].filter((stop) => stop.offsetParent !== null);
}

function focus(stop) {
  if (!stop) return;
  stop.focus({ preventScroll: true });
  stop.scrollIntoView({ block: "nearest", inline: "nearest" });
}
