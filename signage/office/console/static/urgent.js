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

// A picture that is chosen from this device is seen before it is sent.
const upload = document.getElementById("upload");
const picked = document.getElementById("picked");
upload?.addEventListener("change", () => {
  const file = upload.files[0];
  URL.revokeObjectURL(picked.src);
  picked.hidden = !file?.type.startsWith("image/");
  if (!picked.hidden) {
    picked.src = URL.createObjectURL(file);
  }
});
