// Photos of the monthly report: shown only where the chosen stage asks for them, sent one by one with progress and a
// key, so that a photo sent again after a lost connection is the same one. Without script it is a plain form.
import { newKey } from "./browser-store.js";

let sending = false;

/** The photo part of the page for a stage; the report's form tells which one is chosen. */
export function showPhotosOf(stage) {
  const part = document.querySelector("[data-photos]");
  if (!part) return;
  const wanted = part.dataset.stages.split(" ").includes(stage);
  part.querySelector("[data-photo-wanted]").hidden = !wanted;
  part.querySelector("[data-photo-none]").hidden = wanted;
  document.querySelector("form[data-photo-form]").elements.stage.value = wanted ? stage : "";
}

function say(part, text, tone = "") {
  const place = part.querySelector("[data-photo-said]");
  place.textContent = text;
  place.className = `photo-said ${tone}`.trim();
}

function show(part, value) {
  const bar = part.querySelector("[data-photo-progress]");
  bar.hidden = value === null;
  bar.value = value ?? 0;
}

function answerOf(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return null;
  }
}

function finished(part, form, request) {
  show(part, null);
  sending = false;
  form.removeAttribute("aria-busy");
  const answer = answerOf(request);
  if (request.status === 200 && answer?.html !== undefined) {
    part.querySelector("[data-photo-list]").innerHTML = answer.html;
    form.elements.request_key.value = newKey();
    form.elements.picture.value = "";
    form.elements.caption.value = "";
    say(part, part.dataset.done, "is-ok");
  } else if (answer?.message) {
    say(part, answer.message, "is-bad");
  } else {
    const signedOut = request.status === 200 || request.status === 403;
    say(part, signedOut ? part.dataset.signedOut : part.dataset.failed, "is-bad");
  }
}

function send(part, form) {
  if (sending) return;
  if (!form.elements.picture.files.length) {
    say(part, part.dataset.empty, "is-bad");
    form.elements.picture.focus();
    return;
  }
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", ({ lengthComputable, loaded, total }) => {
    if (!lengthComputable) return;
    const percent = Math.floor((loaded / total) * 100);
    show(part, percent);
    say(part, percent < 100 ? part.dataset.sending.replace("{percent}", percent) : part.dataset.looking);
  });
  request.addEventListener("load", () => finished(part, form, request));
  request.addEventListener("error", () => {
    show(part, null);
    sending = false;
  form.removeAttribute("aria-busy");
    say(part, part.dataset.unreached, "is-warn");
  });
  sending = true;
  form.setAttribute("aria-busy", "true");
  request.send(new FormData(form));
}

export function startPhotos(root) {
  root.addEventListener("submit", (event) => {
    const part = document.querySelector("[data-photos]");
    if (!part || !event.target.matches("form[data-photo-form]")) return;
    event.preventDefault(); // before behaviours.js takes it for sent
    send(part, event.target);
  }, true);
  // What is written here is no part of the report: its form must not take it for a change.
  root.addEventListener("input", (event) => {
    if (event.target.closest?.("[data-photos]")) event.stopPropagation();
  }, true);
}
