// The inbox: each group's buttons say how many rows are ticked. Without script they only lack the number.

function count(form) {
  const ticked = form.querySelectorAll("input[name=report]:checked").length;
  for (const place of form.querySelectorAll("[data-checked]")) place.textContent = ticked ? String(ticked) : "";
  for (const part of form.querySelectorAll("[data-batch-act], [data-batch-more]")) part.hidden = !ticked;
}

export function startReview(root) {
  for (const form of root.querySelectorAll("form[data-together]")) {
    form.addEventListener("change", () => count(form));
    count(form);
  }
}
