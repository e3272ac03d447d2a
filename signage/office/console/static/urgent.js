// The preview follows the text, a moment after the last stroke.
"use strict";

const text = document.getElementById("text");
let waiting = 0;
text?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    for (const picture of document.querySelectorAll("img.preview")) {
      picture.src = `/urgent/card?size=${picture.dataset.size}&text=${encodeURIComponent(text.value)}`;
    }
  }, 500);
});

// A file that is chosen goes to the office at once and is converted there, while screens and time are chosen. Who wants
// to show it before it is ready has it shown when it is.
const upload = document.getElementById("upload");
const picked = document.getElementById("picked");
const sent = document.getElementById("sent");
if (upload && sent) {
  const words = JSON.parse(sent.dataset.words);
  const form = upload.form;
  const button = form.querySelector("button.go");
  const plainWords = button.textContent;
  const field = form.elements.sent;
  const bar = document.getElementById("sent-bar");
  let request = null;
  let turn = 0;
  let isBusy = false;
  let isWanted = false;

  const say = (text, look, percent) => {
    const state = document.getElementById("sent-state");
    sent.hidden = false;
    state.textContent = text;
    state.className = `state ${look}`;
    bar.hidden = percent === undefined;
    bar.value = percent ?? 0;
  };
  const want = (wanted) => {
    isWanted = wanted;
    button.disabled = wanted;
    button.textContent = wanted ? words.queued : plainWords;
  };
  const fail = (text) => {
    isBusy = false;
    field.value = "";
    upload.value = "";
    picked.hidden = true;
    say(text, "bad");
    want(false);
  };
  const show = (said) => {
    const pages = said.pages > 1 ? `（${words.pages.replace("%d", said.pages)}）` : "";
    isBusy = false;
    say(words.ready + pages, "good");
    if (said.has_picture) {
      URL.revokeObjectURL(picked.src);
      picked.src = `/urgent/files/${said.id}/picture`;
      picked.hidden = false;
    }
    if (isWanted) {
      upload.disabled = true;
      form.submit();
    }
  };
  const follow = async (said, mine) => {
    while (mine === turn && !said.fault && !said.is_ready) {
      say(`${words.converting} ${said.percent}%`, "warn", said.percent);
      await new Promise((resolve) => setTimeout(resolve, 400));
      try {
        const answer = await fetch(`/urgent/files/${field.value}`);
        said = answer.ok ? await answer.json() : { fault: words.failed };
      } catch {
        // The network is away for a moment; the conversion goes on.
      }
    }
    if (mine === turn) {
      said.fault ? fail(said.fault) : show(said);
    }
  };
  const send = (file) => {
    const mine = ++turn;
    const body = new FormData();
    body.append("upload", file);
    request?.abort();
    request = new XMLHttpRequest();
    isBusy = true;
    field.value = "";
    document.getElementById("sent-name").textContent = file.name;
    say(words.sending, "warn", 0);
    request.upload.addEventListener("progress", (event) => {
      const percent = event.total ? Math.floor((100 * event.loaded) / event.total) : 100;
      say(percent < 100 ? `${words.sending} ${percent}%` : words.converting, "warn", percent < 100 ? percent : 0);
    });
    request.addEventListener("error", () => fail(words.failed));
    request.addEventListener("load", () => {
      let said = { fault: words.failed };
      try {
        said = JSON.parse(request.responseText);
      } catch {
        // Not from this page: signed out, or too long.
      }
      field.value = said.id ?? "";
      follow(said, mine);
    });
    request.open("POST", "/urgent/files");
    request.send(body);
  };

  upload.addEventListener("change", () => {
    const file = upload.files[0];
    want(false);
    URL.revokeObjectURL(picked.src);
    picked.hidden = !file?.type.startsWith("image/");
    if (!picked.hidden) {
      picked.src = URL.createObjectURL(file);
    }
    if (file) {
      send(file);
    } else {
      turn += 1;
      request?.abort();
      field.value = "";
      sent.hidden = true;
    }
  });
  picked.addEventListener("error", () => {
    picked.hidden = true;
  });
  form.addEventListener("submit", (event) => {
    if (isBusy) {
      event.preventDefault();
      event.stopPropagation();
      want(true);
    } else if (field.value) {
      upload.disabled = true;
    }
  });
  if (field.value) {
    isBusy = true;
    follow({ percent: 0 }, turn);
  }
}
