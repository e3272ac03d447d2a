// Screens' pages: how long ago each was heard, filters that send themselves, and codes as they are typed.
"use strict";

const isEnglish = document.documentElement.lang === "en";

// This computer's clock may be wrong: times are told against the office's.
let ahead = 0;
let toldNow = "";

function agoText(ms) {
  const s = Math.max(0, Math.round((Date.now() - ahead - ms) / 1000));
  const [count, zh, en] =
    s < 90 ? [s, "秒", "s"] : s < 5400 ? [Math.round(s / 60), "分钟", "min"] : s < 172800 ? [Math.round(s / 3600), "小时", "h"] : [Math.round(s / 86400), "天", "days"];
  return isEnglish ? `heard ${count} ${en} ago` : `${count} ${zh}前报到`;
}

// The pulse brings when each screen was heard last; the words count on from there.
function showHeard() {
  const pulse = document.getElementById("pulse");
  const now = document.querySelector("[data-now]")?.dataset.now ?? "";
  if (now && now !== toldNow) {
    toldNow = now;
    ahead = Date.now() - Number(now);
  }
  for (const pair of (pulse?.dataset.heard ?? "").split(" ")) {
    const [id, ms] = pair.split(":");
    const time = id && document.getElementById(id)?.querySelector("time.heard");
    if (time) {
      time.dataset.heard = ms;
    }
  }
  for (const time of document.querySelectorAll("time[data-heard]")) {
    if (time.dataset.heard) {
      time.textContent = agoText(Number(time.dataset.heard));
    }
  }
}
showHeard();

// A day that is wider than a phone is shown from around now.
for (const day of document.querySelectorAll(".timeline")) {
  const now = day.querySelector("line.now");
  if (now && day.scrollWidth > day.clientWidth) {
    day.scrollLeft = now.getBoundingClientRect().left - day.getBoundingClientRect().left - day.clientWidth / 2;
  }
}
setInterval(showHeard, 5000);
document.addEventListener("htmx:afterSettle", showHeard);
document.addEventListener("htmx:oobAfterSwap", showHeard);

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-sends]")) {
    event.target.form.submit();
  }
  if (event.target.matches("[data-toggles]")) {
    toggle(event.target);
  }
});

// What is asked of a new screen is not asked of one that is chosen from the list.
function toggle(select) {
  const part = document.getElementById(select.dataset.toggles);
  part.disabled = part.hidden = select.value !== "";
}
document.querySelectorAll("[data-toggles]").forEach(toggle);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-prints]")) {
    window.print();
  }
});
