// Every behaviour is asked for by an attribute and delegated from the document, so that content brought by htmx has it too.

/** `/` goes to the search field, unless somebody is typing. */
function onKey(event) {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("[data-search-key]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (event.key === "Escape") closeMenus(null);
}

/** Close every open menu except the one that holds `keep`. */
function closeMenus(keep) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!keep || !menu.contains(keep)) menu.open = false;
  }
}

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

/** Show or hide a password; the button says what it will do next. */
function revealPassword(button) {
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.textContent = shown ? button.dataset.show : button.dataset.hide;
  button.setAttribute("aria-pressed", String(!shown));
}

/** Put a shown secret on the clipboard; without one (no HTTPS) select it, so that the keyboard can. */
async function copySecret(button) {
  const shown = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(shown.textContent.trim());
    button.querySelector("span").textContent = button.dataset.done;
  } catch {
    window.getSelection().selectAllChildren(shown);
  }
}

/** A chart and its numbers are two views of one thing: show one, hide the other. */
function switchTable(button) {
  const group = button.closest("[data-chart-group]") ?? button.closest("[data-chart-block]");
  const tablesShown = button.getAttribute("aria-pressed") !== "true";
  for (const table of group.querySelectorAll("[data-chart-table]")) table.hidden = !tablesShown;
  for (const graph of group.querySelectorAll("[data-chart-graph]")) graph.hidden = tablesShown;
  button.textContent = tablesShown ? button.dataset.showGraph : button.dataset.showTable;
  button.setAttribute("aria-pressed", String(tablesShown));
}

function onClick(event) {
  const target = event.target;
  closeMenus(target);
  const opener = target.closest("[data-dialog]");
  if (opener) openDialog(opener.dataset.dialog);
  if (target.closest("[data-close-dialog]")) target.closest("dialog").close();
  if (target.closest("[data-close-toast]")) target.closest("[data-toast]").remove();
  if (target.closest("[data-print]")) window.print();
  const reveal = target.closest("[data-reveal]");
  if (reveal) revealPassword(reveal);
  const copier = target.closest("[data-copy]");
  if (copier) copySecret(copier);
  const unfold = target.closest("[data-unfold]");
  if (unfold) unfold.setAttribute("aria-expanded", String(!unfold.form.classList.toggle("is-folded")));
  const table = target.closest("[data-show-table]");
  if (table) switchTable(table);
}

/** Filter chips send themselves; the empty ones stay out of the address. */
function onChange(event) {
  const form = event.target.closest("form[data-autosubmit]");
  if (form) form.requestSubmit();
}

/** A second press while the first is under way must not save twice. */
function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.method === "get") {
    for (const field of form.querySelectorAll("input[name], select[name]")) {
      if (field.value === "") field.disabled = true;
    }
    // Leaving by "back" must find the fields alive again.
    setTimeout(() => form.querySelectorAll(":disabled").forEach((field) => { field.disabled = false; }), 0);
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
}

/** Back from the cache of the browser: forms may be sent again. */
function onPageShow() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
}

/** Toasts leave after six seconds, but never under the pointer or the focus. */
function dismissToasts(root) {
  for (const toast of root.querySelectorAll("[data-toast]")) {
    const leave = () => {
      if (toast.matches(":hover, :focus-within")) setTimeout(leave, 2000);
      else toast.remove();
    };
    setTimeout(leave, 6000);
  }
}

/** After a refused save the reader is taken to the first error. */
function goToFirstError(root) {
  const summary = root.querySelector("[data-error-summary]");
  if (summary) summary.focus();
}

export function startBehaviours(root) {
  root.addEventListener("keydown", onKey);
  root.addEventListener("click", onClick);
  root.addEventListener("change", onChange);
  root.addEventListener("submit", onSubmit);
  window.addEventListener("pageshow", onPageShow);
  root.addEventListener("htmx:afterSettle", (event) => dismissToasts(event.target));
  dismissToasts(root);
  goToFirstError(root);
}
