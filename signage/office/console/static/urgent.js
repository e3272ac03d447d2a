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
