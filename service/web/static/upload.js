// The upload page: what was guessed of a list is shown and corrected before anything is drawn; the first label is picked on the sheet;
// a failed upload says what became of it, and goes on with the same file under the same key.
import { drawSheet } from "./sheet.js";

const form = document.querySelector("form");
const input = document.getElementById("file");
const found = document.getElementById("found");
const said = document.getElementById("said");
const send = form.querySelector("button.first");
const resume = document.getElementById("resume");
const REMEMBERED = ["symbology", "layout"];
const COLUMNS = ["code", "name", "quantity", "price"];

let file = null; // kept here until the page is left
let key = null; // one for each attempt to make these labels: sent again, it makes no second job
let asked = 0;

const field = (name) => form.elements[name];

function remember() {
  try {
    for (const name of REMEMBERED) localStorage.setItem(`labels.${name}`, field(name).value);
  } catch { /* a browser that keeps nothing */ }
}

function recall() {
  try {
    for (const name of REMEMBERED) {
      const kept = localStorage.getItem(`labels.${name}`);
      if ([...field(name).options].some((option) => option.value === kept)) field(name).value = kept;
    }
  } catch { /* a browser that keeps nothing */ }
}

function options() {
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, field(`column-${name}`).value.trim()]).filter(([, value]) => value));
  const header = Number(field("header_row").value);
  return {
    symbology: field("symbology").value, layout: field("layout").value, start: Number(field("start").value) || 1, columns,
    ...(field("sheet").value && { sheet: field("sheet").value }), ...(header && { header_row: header }),
  };
}

function body() {
  const data = new FormData();
  data.append("options", JSON.stringify(options()));
  data.append("file", file, file.name);
  return data;
}

function cell(text) {
  const made = document.createElement("td");
  made.textContent = text ?? "";
  return made;
}

function line(row) {
  const made = document.createElement("tr");
  made.className = row.status;
  const words = row.problems.map((problem) => problem.suggestion ? `${problem.detail} Suggestion: ${problem.suggestion}` : problem.detail);
  made.append(cell(row.cell), cell(row.value), cell(row.symbology), cell([{ ok: "✓ ok", warning: "⚠ warning", error: "✕ error" }[row.status], ...words].join(" – ")));
  return made;
}

function showGuess(guess) {
  field("sheet").placeholder = guess.sheet ?? "";
  field("header_row").placeholder = guess.header_row ?? "";
  for (const name of COLUMNS) {
    const column = guess.columns[name];
    field(`column-${name}`).placeholder = column ? [column.header, column.letter && `(${column.letter})`].filter(Boolean).join(" ") : "none found";
  }
  const { rows, ok, warning, error, labels } = guess.counts;
  document.getElementById("counts").textContent = guess.problem
    ? `${guess.problem.title ?? "This list cannot be used"}. ${guess.problem.detail ?? ""}`
    : `${rows} rows: ${ok} well, ${warning} with a warning, ${error} in error. ${labels} labels.`;
  document.getElementById("first-rows").replaceChildren(...guess.rows.slice(0, 10).map(line));
  found.hidden = false;
}

async function look() {
  if (!file) return;
  const mine = ++asked;
  said.textContent = `Reading ${file.name} …`;
  try {
    const answer = await fetch("/api/barcodes/validate", { method: "POST", body: body(), headers: { Accept: "application/json" } });
    const told = await answer.json();
    if (mine !== asked) return; // something was changed meanwhile
    said.textContent = answer.ok ? `${file.name} was read. Correct below what was guessed wrongly.` : `${told.title}. ${told.detail}`;
    if (answer.ok) showGuess(told);
    else found.hidden = true;
  } catch {
    if (mine === asked) said.textContent = "The service does not answer at the moment. Your file is kept on this page.";
  }
}

function take(chosen) {
  if (!chosen) return;
  file = chosen;
  key = null;
  resume.hidden = true;
  input.required = false;
  for (const name of ["sheet", "header_row", ...COLUMNS.map((column) => `column-${column}`)]) field(name).value = "";
  look();
}

function failed(told) {
  resume.hidden = false;
  const incident = told.incident ? ` The failure is recorded as an incident (${told.incident.state}).` : "";
  const request = told.request_id ? ` Request id: ${told.request_id}.` : "";
  said.textContent = `${told.title}. ${told.detail}${incident}${request} Your file is kept on this page.`;
}

async function upload() {
  key ??= Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  asked += 1; // what is still being read is of no interest any more
  send.disabled = true;
  resume.hidden = true;
  said.textContent = "Uploading …";
  try {
    const headers = { Accept: "application/json", "Idempotency-Key": key };
    const answer = await fetch("/api/barcodes/upload-excel", { method: "POST", body: body(), headers });
    const told = await answer.json();
    const id = answer.ok ? told.id : told.upload === "kept" ? told.job_id : null;
    if (id) { location.assign(`/jobs/${encodeURIComponent(id)}`); return; }
    if (answer.status >= 500) failed(told);
    else said.textContent = `${told.title}. ${told.detail}`;
  } catch {
    failed({ title: "The connection broke", detail: "It is not known whether the upload arrived. Resuming makes no second job." });
  } finally {
    send.disabled = false;
  }
}

input.addEventListener("change", () => take(input.files[0]));
const drop = document.getElementById("drop");
drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); take(event.dataTransfer.files[0]); });
document.addEventListener("paste", (event) => take(event.clipboardData.files[0]));
form.addEventListener("change", (event) => {
  if (event.target === input) return;
  key = null; // other options are another upload
  remember();
  if (event.target.name !== "start" && event.target.name !== "layout") look();
});
form.addEventListener("submit", (event) => { event.preventDefault(); if (file) upload(); });
resume.addEventListener("click", upload);

recall();
for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
const answer = await fetch("/api/sheets").catch(() => null);
if (answer?.ok) drawSheet((await answer.json()).sheets, field("layout"), field("start"));
if (input.files[0]) take(input.files[0]);
