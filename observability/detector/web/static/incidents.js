// Adds to pages that work without it: copy buttons, the reader's time zone, and changes as they happen.
"use strict";

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

const instant = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hour12: false });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

function age(since) {
  const seconds = Math.max(0, Math.floor((Date.now() - since) / 1000));
  for (const [unit, length] of [["d", 86400], ["h", 3600], ["min", 60]]) {
    if (seconds >= length) return `${Math.floor(seconds / length)} ${unit} ago`;
  }
  return `${seconds} s ago`;
}

function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    if ("age" in time.dataset) time.textContent = age(at);
    else time.textContent = "instant" in time.dataset ? `${day.format(at)}, ${instant.format(at)}` : moment.format(at);
  }
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not a secure context: select a hidden field, as before there was a clipboard API.
    const field = Object.assign(document.createElement("textarea"), { value: text, className: "offscreen" });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, 1500);
}

function addCopyButtons(root) {
  for (const block of root.querySelectorAll("pre.copy")) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy", className: "quiet" });
    button.setAttribute("aria-label", `Copy: ${block.textContent}`);
    const text = block.textContent;
    button.addEventListener("click", () => copy(text, button));
    const frame = Object.assign(document.createElement("div"), { className: "copyable" });
    block.replaceWith(frame);
    frame.append(block, button);
  }
  const markdown = root.querySelector("#markdown");
  markdown?.addEventListener("click", async (event) => {
    event.preventDefault();
    const answer = await fetch(markdown.href);
    if (answer.ok) await copy(await answer.text(), markdown);
  });
}

function dress(root) {
  localise(root);
  addCopyButtons(root);
}

const opened = (root) => [...root.querySelectorAll("details")].map((one) => one.open);
const live = document.querySelector("[data-live]");
const status = document.getElementById("live");
let waiting = false;

const isTyped = (root) => [...root.querySelectorAll("input:not([type=hidden])")].some((field) => field.value !== field.defaultValue);

// One at a time: of two answers the older one may come last.
let asking = false;
let again = false;

async function refresh() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    do {
      again = false;
      await replace();
    } while (again);
  } catch {
    status.textContent = "connecting…"; // the detector is away: the stream comes back with it, and asks again
  } finally {
    asking = false;
  }
}

async function replace() {
  // What somebody is reading with the keyboard, types or has marked stays under their hands; the next change tries again.
  const shown = document.querySelector("[data-live]");
  waiting = isTyped(shown) || shown.contains(document.activeElement) || !document.getSelection().isCollapsed;
  if (waiting) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  if (!fresh) return;
  const open = opened(shown);
  [...fresh.querySelectorAll("details")].forEach((one, index) => { one.open = open[index] ?? one.open; });
  dress(fresh);
  shown.replaceWith(fresh);
}

if (live) {
  const events = new EventSource("/incidents/events");
  events.addEventListener("hello", () => {
    if (status.textContent === "connecting…") refresh(); // what changed meanwhile
    status.textContent = "live";
  });
  events.addEventListener("changed", refresh);
  events.addEventListener("error", () => { status.textContent = "connecting…"; });
  addEventListener("pagehide", () => events.close());
  document.addEventListener("focusout", () => { if (waiting) setTimeout(refresh, 0); });
  setInterval(() => {
    for (const time of document.querySelectorAll("time[data-age]")) time.textContent = age(new Date(time.dateTime));
  }, 15000);
}
dress(document);
