// Takes a list out as a file while the page stays: the button says that it is at work, and that it is done.
// Without scripts the link does the same, silently. What the server refuses is shown as its page.

/** The file's name as the server gave it. */
function fileName(response) {
  const header = response.headers.get("Content-Disposition") ?? "";
  const coded = /filename\*=utf-8''([^;]+)/i.exec(header);
  return coded ? decodeURIComponent(coded[1]) : (/filename="([^"]+)"/.exec(header)?.[1] ?? "export.xlsx");
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Some browsers fetch the address only after the click has been dealt with.
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function takeOut(button) {
  const label = button.querySelector("[data-export-label]");
  const status = button.querySelector("[data-export-status]");
  const usual = label.textContent;
  button.setAttribute("aria-busy", "true");
  label.textContent = status.textContent = button.dataset.busy;
  try {
    const response = await fetch(button.href);
    if (!response.ok || !response.headers.has("Content-Disposition")) {
      window.location.assign(button.href);
      return;
    }
    save(await response.blob(), fileName(response));
    status.textContent = button.dataset.done;
    label.textContent = usual;
  } catch {
    label.textContent = status.textContent = button.dataset.failed;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

export function startExports(root) {
  root.addEventListener("click", (event) => {
    const button = event.target.closest("a[data-export]");
    // A new tab, a new window: as the browser does it.
    if (!button || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!button.hasAttribute("aria-busy")) takeOut(button);
  });
}
