// What htmx and plain HTML cannot do. Every page works without it, if less comfortably.
"use strict";

// A dialog is opened and closed by buttons that name it: data-opens="id", data-closes.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    document.getElementById(opener.dataset.opens)?.showModal();
  }
  if (event.target.closest("[data-closes]")) {
    event.target.closest("dialog")?.close();
  }
});

// A form that says data-once cannot be sent twice by a double click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.once !== undefined) {
    if (form.dataset.sent) {
      event.preventDefault();
    }
    form.dataset.sent = "1";
  }
});
