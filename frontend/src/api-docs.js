// Swagger draws the API's documentation; what it leaves without a name or out of the keyboard's reach is mended here.

export function startApiDocs(root) {
  const drawn = root.getElementById("swagger-ui");
  if (drawn) new MutationObserver(() => mend(drawn)).observe(drawn, { childList: true, subtree: true });
}

function mend(drawn) {
  for (const select of drawn.querySelectorAll("select:not([aria-label])")) {
    const row = select.closest("[data-param-name]");
    select.setAttribute("aria-label", row?.dataset.paramName || "Content-Type");
  }
  for (const text of drawn.querySelectorAll("pre:not([tabindex])")) text.tabIndex = 0;
}
