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

// On a phone the place where one is, and today in the week, are scrolled into sight.
for (const strip of document.querySelectorAll(".places, .tabs")) {
  const here = strip.querySelector("[aria-current]");
  if (here && strip.scrollWidth > strip.clientWidth) {
    strip.scrollLeft = here.offsetLeft - strip.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  }
}
for (const wide of document.querySelectorAll("[data-scrolls]")) {
  wide.scrollLeft = wide.scrollWidth * Number(wide.dataset.scrolls) - wide.clientWidth / 3;
}
