// Buttons that show what was typed as a password. Without this file they stay hidden.
"use strict";

for (const button of document.querySelectorAll("[data-shows]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const input = button.parentElement.querySelector("input");
    input.type = input.type === "password" ? "text" : "password";
    [button.textContent, button.dataset.other] = [button.dataset.other, button.textContent];
    input.focus();
  });
}

// A dialog whose form came back with a fault is open already: it also covers the page.
for (const dialog of document.querySelectorAll("dialog[open]")) {
  dialog.close();
  dialog.showModal();
}
