// Uploads by dragging, choosing or a phone's camera: one file after the other, each with its progress.
"use strict";
(() => {
  const drop = document.getElementById("drop");
  if (!drop) {
    return;
  }
  const words = JSON.parse(drop.dataset.words);
  const list = document.getElementById("uploads");
  const topic = document.getElementById("topic");
  const waiting = [];
  let isBusy = false;

  function row(file) {
    const item = document.createElement("li");
    item.innerHTML = '<span class="breaks"></span><progress max="100" value="0"></progress><span class="number said"></span>';
    item.firstChild.textContent = file.name;
    list.append(item);
    return item;
  }
  function say(item, text, look) {
    const said = item.querySelector(".said");
    said.textContent = text;
    said.className = `said number ${look}`;
    said.classList.toggle("wide", look === "is-bad");
  }
  function choose(item, choices, text) {
    return new Promise((resolve) => {
      const box = document.createElement("div");
      box.className = "wide row";
      box.append(text);
      for (const [key, label] of choices) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = label;
        button.addEventListener("click", () => {
          box.remove();
          resolve(key);
        });
        box.append(button);
      }
      item.append(box);
    });
  }
  async function modeFor(item, where, name) {
    const answer = await fetch(`${drop.dataset.taken}?${new URLSearchParams({ topic: where, name })}`);
    const found = await answer.json();
    if (found.fault) {
      throw new Error(found.fault);
    }
    if (!found.is_taken) {
      return "new";
    }
    const used = found.uses.length ? ` ${words.used}${found.uses.join("、")}` : "";
    return choose(item, [["replace", words.replace], ["both", words.both], ["skip", words.skip]], words.taken + used);
  }
  function send(file, address, item) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const bar = item.querySelector("progress");
      request.upload.addEventListener("progress", (event) => {
        const percent = event.total ? Math.floor((100 * event.loaded) / event.total) : 100;
        bar.value = percent;
        say(item, `${percent}%`, "");
      });
      request.addEventListener("load", () => {
        let said = {};
        try {
          said = JSON.parse(request.responseText);
        } catch {
          said = {};
        }
        if (request.status === 200) {
          bar.value = 100;
          resolve(said);
        } else {
          reject(new Error(said.fault || `${words.failed} (${request.status})`));
        }
      });
      request.addEventListener("error", () => reject(new Error(words.failed)));
      request.open("POST", address);
      request.setRequestHeader("content-type", "application/octet-stream");
      request.send(file);
    });
  }
  async function take(file, item) {
    const as = drop.dataset.as;
    let name = file.name;
    let where = topic ? topic.value.trim() : "";
    let mode = "replace";
    try {
      if (as) {
        where = as.includes("/") ? as.slice(0, as.lastIndexOf("/")) : "";
        name = as.slice(as.lastIndexOf("/") + 1);
        const ending = name.slice(name.lastIndexOf(".")).toLowerCase();
        if (!file.name.toLowerCase().endsWith(ending)) {
          throw new Error(words.ending + ending);
        }
      } else {
        mode = await modeFor(item, where, name);
      }
      if (mode === "skip") {
        item.remove();
        return;
      }
      const address = `${drop.dataset.url}?${new URLSearchParams({ topic: where, name, mode })}`;
      const done = await send(file, address, item);
      say(item, words.done, "is-good");
      item.firstChild.textContent = done.path;
    } catch (error) {
      item.querySelector("progress").remove();
      say(item, error.message, "is-bad");
    }
  }
  // Files that have come stand below at once; the cards follow their own state from there.
  async function refresh() {
    const found = document.getElementById("found");
    if (!found || found.contains(document.activeElement) || !list.querySelector(".is-good")) {
      return;
    }
    try {
      const answer = await fetch(location.pathname + location.search);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("found");
      if (answer.ok && fresh) {
        found.replaceWith(fresh);
        window.htmx?.process(fresh);
      }
    } catch {
      // The link to see them stays.
    }
  }
  async function work() {
    if (isBusy) {
      return;
    }
    isBusy = true;
    while (waiting.length) {
      const [file, item] = waiting.shift();
      await take(file, item);
    }
    isBusy = false;
    await refresh();
    if (list.querySelector(".is-good") && !document.getElementById("again")) {
      const again = document.createElement("li");
      again.id = "again";
      const link = document.createElement("a");
      link.className = "wide";
      link.href = location.pathname + location.search;
      link.textContent = words.again;
      again.append(link);
      list.append(again);
    } else if (document.getElementById("again")) {
      list.append(document.getElementById("again"));
    }
  }
  function begin(files) {
    for (const file of files) {
      waiting.push([file, row(file)]);
    }
    work();
  }
  for (const id of ["files", "camera"]) {
    document.getElementById(id)?.addEventListener("change", (event) => {
      begin(event.target.files);
      event.target.value = "";
    });
  }
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("is-over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("is-over");
    begin(event.dataTransfer.files);
  });
  addEventListener("beforeunload", (event) => {
    if (isBusy) {
      event.preventDefault();
    }
  });
})();

// A picture that cannot be drawn gives way to the kind of its file.
for (const image of document.querySelectorAll("img[data-ending]")) {
  image.addEventListener("error", () => {
    const none = document.createElement("span");
    none.className = "none";
    none.textContent = image.dataset.ending;
    image.replaceWith(none);
  });
}
