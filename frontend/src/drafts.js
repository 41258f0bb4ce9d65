// Any long form (`data-draft`): what was typed outlives an idle time-out and a closed tab. The same person is
// offered it when the page is opened again; a save that was taken forgets it. Passwords and files are never kept.
import { clock, forget, forgetOld, forgetPerson, keep, kept, note, person, takeNote } from "./browser-store.js";
import { standing } from "./outbox.js";

const SENT = "portal-sent";
const PAUSE_MS = 300;
const NEVER = new Set(["csrfmiddlewaretoken", "request_key"]);

function idOf(form) {
  return location.pathname + (form.id ? `#${form.id}` : "");
}

function valuesOf(form) {
  return [...new FormData(form)].filter(([name, value]) => {
    const control = form.elements[name];
    return typeof value === "string" && !NEVER.has(name) && control?.type !== "password";
  });
}

/** Put values back, boxes and repeated names included, as if they had been typed. */
function fill(form, values) {
  const wanted = values.map(([name, value]) => `${name}\n${value}`);
  for (const control of form.elements) {
    if (!control.name || NEVER.has(control.name) || ["password", "file", "submit"].includes(control.type)) continue;
    if (["checkbox", "radio"].includes(control.type)) {
      control.checked = wanted.includes(`${control.name}\n${control.value}`);
    } else if (control.multiple) {
      for (const option of control.options) option.selected = wanted.includes(`${control.name}\n${option.value}`);
    } else {
      const value = values.find(([name]) => name === control.name);
      if (value) control.value = value[1];
    }
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function offer(form, draft) {
  const template = document.getElementById("kept-offer");
  if (!template) return;
  const notice = template.content.cloneNode(true).firstElementChild;
  notice.querySelector("[data-kept-at]").textContent = clock(draft.at);
  notice.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-kept]")?.dataset.kept;
    if (choice === "take") fill(form, draft.values);
    if (choice === "leave") forget("form", idOf(form));
    if (choice) {
      notice.remove();
      form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    }
  });
  form.before(notice);
}

function watch(form) {
  const id = idOf(form);
  const before = JSON.stringify(valuesOf(form));
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const values = valuesOf(form);
      if (JSON.stringify(values) === before) forget("form", id);
      else keep("form", id, { at: Date.now(), values });
    }, PAUSE_MS);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    const values = valuesOf(form);
    if (JSON.stringify(values) !== before) keep("form", id, { at: Date.now(), values });
    note(SENT, id);
  });
  const draft = kept("form", id);
  if (draft && !form.querySelector("[data-error-summary]") && JSON.stringify(draft.values) !== before) offer(form, draft);
}

/** A page that a form led to, and that is not the form refused again, means that the form was taken. */
function settle(root) {
  const sent = takeNote(SENT);
  if (!sent || !person()) return;
  const cameBack = performance.getEntriesByType("navigation")[0]?.type !== "navigate";
  const fromForm = document.referrer && new URL(document.referrer).pathname === sent.split("#")[0];
  if (!cameBack && fromForm && !root.querySelector("form [data-error-summary], form [data-conflicts]")) forget("form", sent);
}

/** Signing out leaves nothing behind; what was not sent yet is worth a question. */
function onSignOut(event) {
  const form = event.target.closest("form[data-sign-out]");
  if (!form) return;
  const left = standing().waiting.length + standing().refused.length;
  if (left && !window.confirm(form.dataset.signOut.replace("{n}", left))) event.preventDefault();
  else forgetPerson();
}

export function startDrafts(root) {
  forgetOld();
  settle(root);
  if (!person()) return;
  for (const form of root.querySelectorAll("form[data-draft]")) watch(form);
  root.addEventListener("submit", onSignOut, true);
}
