// The page of one playlist: order by dragging or arrows, new entries, and each entry drawn while it is typed.
"use strict";
(() => {
  const form = document.getElementById("playlist");
  if (!form) {
    return;
  }
  const words = JSON.parse(form.dataset.words);
  const entries = document.getElementById("entries");
  const screen = document.getElementById("screen");
  let fresh = 0;
  let isChanged = false;
  let isSent = false;

  function changed() {
    isChanged = true;
    document.getElementById("changed")?.removeAttribute("hidden");
    document.getElementById("count").textContent = entries.children.length;
    document.getElementById("no-entries").hidden = entries.children.length > 0;
  }
  form.addEventListener("submit", () => {
    isSent = true;
  });
  addEventListener("beforeunload", (event) => {
    if (isChanged && !isSent) {
      event.preventDefault();
    }
  });

  // Order
  if (window.Sortable) {
    window.Sortable.create(entries, { handle: ".grip", animation: 150, onEnd: changed });
  }
  entries.addEventListener("click", (event) => {
    const entry = event.target.closest(".entry");
    const move = event.target.closest("[data-move]");
    if (move) {
      const other = move.dataset.move === "up" ? entry.previousElementSibling : entry.nextElementSibling;
      if (other) {
        other[move.dataset.move === "up" ? "before" : "after"](entry);
        move.focus();
        changed();
      }
    } else if (event.target.closest("[data-remove]")) {
      entry.remove();
      changed();
    } else if (event.target.closest("[data-edit]")) {
      const body = entry.querySelector(".entry-body");
      body.hidden = !body.hidden;
      event.target.closest("[data-edit]").setAttribute("aria-expanded", String(!body.hidden));
      if (!body.hidden) {
        draw(entry);
      }
    } else if (event.target.closest("[data-page]")) {
      entry.dataset.page = Math.max(1, Number(entry.dataset.page || 1) + Number(event.target.closest("[data-page]").dataset.page));
      draw(entry);
    }
  });

  // An entry drawn as it is typed: asked for when the typing pauses; an answer that comes too late is dropped.
  const timers = new WeakMap();
  const numbers = new WeakMap();
  function drawSoon(entry) {
    clearTimeout(timers.get(entry));
    timers.set(entry, setTimeout(() => draw(entry), 300));
  }
  async function draw(entry) {
    const place = entry.querySelector("[data-preview]");
    const number = (numbers.get(entry) || 0) + 1;
    numbers.set(entry, number);
    const sent = new FormData();
    sent.set("number", entry.dataset.id);
    sent.set("screen", screen.value);
    sent.set("zone", form.elements.zone.value);
    sent.set("page", entry.dataset.page || 1);
    for (const field of entry.querySelectorAll("input[name], textarea[name], select[name]")) {
      sent.set(field.name, field.value);
    }
    place?.classList.add("is-drawing");
    let said = { faults: [], picture: "", pages: 0 };
    try {
      const answer = await fetch("/playlist-parts/preview", { method: "POST", body: sent });
      if (answer.ok) {
        said = await answer.json();
      }
    } catch {
      said.faults = [];
    }
    if (numbers.get(entry) !== number) {
      return;
    }
    place?.classList.remove("is-drawing");
    tell(entry, said.faults);
    if (place) {
      show(entry, place, said);
    }
  }
  function tell(entry, faults) {
    for (const place of entry.querySelectorAll("[data-fault]")) {
      place.textContent = "";
    }
    for (const fault of faults) {
      const name = `e.${entry.dataset.id}.${fault.field}`;
      const place = [...entry.querySelectorAll("[data-fault]")].find((one) => one.dataset.fault === name);
      (place || entry.querySelector("[data-fault]")).textContent += `${fault.text} `;
    }
    entry.classList.toggle("is-bad", faults.length > 0);
  }
  function show(entry, place, said) {
    const picture = place.querySelector(".preview-picture");
    const wait = place.querySelector(".preview-wait");
    if (said.picture) {
      picture.src = said.picture;
      picture.hidden = false;
      const small = entry.querySelector(".entry-picture");
      const image = small.querySelector("img") || document.createElement("img");
      image.alt = "";
      image.src = said.picture;
      small.replaceChildren(image);
    } else {
      picture.hidden = true;
      wait.textContent = words.none;
    }
    const pages = place.querySelector(".pages");
    pages.hidden = said.pages < 2;
    const page = Math.min(Number(entry.dataset.page || 1), said.pages || 1);
    entry.dataset.page = page;
    place.querySelector("[data-page-said]").textContent = `${page} / ${said.pages}`;
    const typed = entry.querySelector("[name$='.seconds']");
    place.querySelector("[data-said]").textContent =
      said.seconds && typed && !typed.value ? `${words.auto}${said.seconds}${words.seconds}` : "";
  }
  form.addEventListener("input", (event) => {
    changed();
    const entry = event.target.closest(".entry");
    if (entry) {
      relabel(entry, event.target);
      drawSoon(entry);
    }
  });
  function relabel(entry, field) {
    const first = entry.querySelector(".entry-fields input[name], .entry-fields textarea[name]");
    if (field === first && field.value.trim()) {
      entry.querySelector("[data-label]").textContent = field.value.trim();
    }
  }
  screen.addEventListener("change", drawOpen);
  function drawOpen() {
    for (const body of entries.querySelectorAll(".entry-body:not([hidden])")) {
      draw(body.closest(".entry"));
    }
  }

  // New entries and windows
  async function add(query) {
    const answer = await fetch(`/playlist-parts/entry?${query}&first=${fresh}`);
    const box = document.createElement("template");
    box.innerHTML = await answer.text();
    const made = [...box.content.querySelectorAll(".entry")];
    fresh += made.length;
    for (const entry of made) {
      entries.append(entry);
      draw(entry);
    }
    changed();
    made.at(-1)?.scrollIntoView({ block: "center", behavior: "smooth" });
    made.at(-1)?.querySelector(".entry-fields input, .entry-fields textarea")?.focus({ preventScroll: true });
  }
  async function addWindow() {
    const answer = await fetch(`/playlist-parts/window?first=${fresh}`);
    fresh += 1;
    document.getElementById("windows").insertAdjacentHTML("beforeend", await answer.text());
    changed();
  }
  document.addEventListener("click", (event) => {
    const adder = event.target.closest("[data-add]");
    if (adder) {
      adder.closest("dialog")?.close();
      add(adder.dataset.add);
    }
    if (event.target.closest("[data-add-window]")) {
      addWindow();
    }
    if (event.target.closest("[data-remove-window]")) {
      event.target.closest("[data-window]").remove();
      changed();
    }
  });
  function fade(select) {
    select.closest("[data-window]").classList.toggle("has-class", select.value !== "");
  }
  form.querySelectorAll("[data-class]").forEach(fade);
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-class]")) {
      fade(event.target);
    }
  });

  // Choosing from the media: for a new entry, or for a field
  const chooser = document.getElementById("chooser");
  const choices = document.getElementById("choices");
  const search = document.getElementById("chooser-words");
  let aim = null;
  let only = "";
  let timer = 0;
  async function list() {
    const answer = await fetch(`/playlist-parts/choose?${new URLSearchParams({ q: search.value, only })}`);
    choices.innerHTML = await answer.text();
  }
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-choose]");
    if (opener) {
      aim = opener.dataset.choose;
      only = opener.dataset.only || "";
      search.value = "";
      list();
      chooser.showModal();
    }
  });
  search?.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(list, 250);
  });
  document.getElementById("chosen")?.addEventListener("click", () => {
    const paths = [...choices.querySelectorAll("input:checked")].map((box) => box.value);
    chooser.close();
    if (!paths.length) {
      return;
    }
    if (!aim) {
      add(paths.map((path) => `file=${encodeURIComponent(path)}`).join("&"));
      return;
    }
    const field = form.elements[aim];
    const isList = field.tagName === "TEXTAREA";
    field.value = isList ? [field.value.trim(), ...paths].filter(Boolean).join("\n") : paths[0];
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  drawOpen();
})();
