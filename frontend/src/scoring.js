// The scoring page: running total, stepper, ready-made reasons, the way to the next open item.
// The page is a plain form without it; the server checks and counts again.

const MINUS = "\u2212";

/** Marks without zeros that say nothing. */
function marks(value) {
  return String(Math.round(value * 100) / 100).replace("-", MINUS);
}

/** What one item says now: full marks, what it keeps, and whether it is scored. */
function readItem(item) {
  const full = Number(item.dataset.full);
  const choice = item.querySelector("input[type=radio]:checked")?.value ?? "";
  const lost = choice === "deduct" ? Number(item.querySelector("[data-deduction]").value || 0) : 0;
  return { full, scored: choice !== "", kept: full - lost };
}

function sumUp(items) {
  const sum = { scored: 0, kept: 0, of: 0, all: 0 };
  for (const item of items) {
    const read = readItem(item);
    sum.all += 1;
    if (!read.scored) continue;
    sum.scored += 1;
    sum.kept += read.kept;
    sum.of += read.full;
  }
  return sum;
}

function put(root, name, text) {
  for (const place of root.querySelectorAll(`[data-tally="${name}"]`)) place.textContent = text;
}

/** Say where the sheet stands, below and in the sections' heads. */
function update(form) {
  const sum = sumUp(form.querySelectorAll("[data-item]"));
  put(form, "scored", String(sum.scored));
  put(form, "kept", marks(sum.kept));
  put(form, "of", marks(sum.of));
  const next = form.querySelector("[data-next-open]");
  next.hidden = sum.scored === sum.all;
  next.closest(".score-bar").querySelector("[data-submit]").hidden = !next.hidden;
  for (const section of form.querySelectorAll("[data-section]")) {
    const own = sumUp(section.querySelectorAll("[data-item]"));
    const head = form.querySelector(`[data-section-head="${section.dataset.section}"]`);
    const done = own.scored === own.all;
    head.classList.toggle("is-done", done);
    head.querySelector("small").textContent = done
      ? `${marks(own.kept)} / ${marks(own.of)}`
      : head.dataset.progress.replace("#", String(own.scored)).replace("#", String(own.all));
  }
}

function step(button) {
  const item = button.closest("[data-item]");
  const input = item.querySelector("[data-deduction]");
  const wanted = Number(input.value || 0) + Number(button.dataset.step);
  input.value = String(Math.min(Number(item.dataset.full), Math.max(0, wanted)));
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function goToNext(form) {
  const open = [...form.querySelectorAll("[data-item]")].find((item) => !readItem(item).scored);
  if (!open) return;
  open.scrollIntoView({ block: "start" });
  open.querySelector("input").focus({ preventScroll: true });
}

function onClick(event) {
  const form = event.target.closest("form[data-scoring]");
  if (!form) return;
  const stepper = event.target.closest("[data-step]");
  if (stepper) step(stepper);
  const reason = event.target.closest("[data-reason]");
  if (reason) {
    const input = reason.closest("[data-item]").querySelector("[data-why]");
    input.value = reason.dataset.reason;
    input.focus();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (event.target.closest("[data-next-open]")) goToNext(form);
}

/** Leaving with entries that are not saved asks first. */
function guardLeaving(form) {
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}

export function startScoring(root) {
  const form = root.querySelector("form[data-scoring]");
  if (!form) return;
  for (const hidden of form.querySelectorAll("[data-with-script]")) hidden.hidden = false;
  root.addEventListener("click", onClick);
  form.addEventListener("input", () => update(form));
  guardLeaving(form);
  update(form);
}
