// The text of a playlist: the line that the address names, `#line-17`, is marked and brought into sight.
"use strict";

function showLine() {
  const text = document.querySelector("textarea.code");
  const line = Number(/^#line-(\d+)$/.exec(location.hash)?.[1] ?? 0);
  const lines = text?.value.split("\n") ?? [];
  if (!line || line > lines.length) {
    return;
  }
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + lines[line - 1].length);
  text.scrollTop = Math.max(0, (line - 4) * (text.scrollHeight / lines.length));
  text.scrollIntoView({ block: "center" });
}

window.addEventListener("hashchange", showLine);
showLine();
