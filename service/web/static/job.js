// The page of a job, live: progress by server-sent events that outlive reload, sleep and a restart of the backend; cancel; filter; times.
const ENDED = ["succeeded", "succeeded_with_errors", "failed", "cancelled"];
const LONGEST_WAIT_MS = 8000;

const main = document.querySelector("main[data-job]");
const said = document.getElementById("said");
const bar = document.getElementById("progress");
let waitMs = 250;

function show(job) {
  const { done, total } = job.progress;
  const stage = job.stage ?? "waiting for its turn";
  const words = total ? `Working: ${stage}, ${done} of ${total} rows.` : `Working: ${stage} …`;
  if (said.textContent !== words) said.textContent = words;
  if (total) { bar.max = total; bar.value = done; } else bar.removeAttribute("value");
}

function follow() {
  const source = new EventSource(`/api/jobs/${main.dataset.job}/events`);
  source.addEventListener("job", (event) => {
    waitMs = 250;
    const job = JSON.parse(event.data);
    if (!ENDED.includes(job.state)) { show(job); return; }
    source.close();
    location.reload();
  });
  // Where the connection breaks, an EventSource asks again by itself, with Last-Event-ID; after nginx's 502 it gives up.
  source.addEventListener("error", () => {
    said.textContent = "The service does not answer at the moment. Your list is kept. Reconnecting …";
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(follow, waitMs);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  });
}

async function cancel(button) {
  button.disabled = true;
  try {
    const answer = await fetch(`/api/jobs/${main.dataset.job}`, { method: "DELETE" });
    if (answer.ok) { location.reload(); return; }
  } catch { /* said below */ }
  button.disabled = false;
  said.textContent = "Cancelling did not work: the service does not answer. Try again in a moment.";
}

function cell(text) {
  const made = document.createElement("td");
  made.textContent = text ?? "";
  return made;
}

function verdict(row) {
  const made = cell({ ok: "✓ ok", warning: "⚠ warning", error: "✕ error" }[row.status]);
  for (const problem of row.problems) {
    const line = document.createElement("p");
    line.textContent = problem.suggestion ? `${problem.detail} Suggestion: ${problem.suggestion}` : problem.detail;
    made.append(line);
  }
  return made;
}

function line(row) {
  const made = document.createElement("tr");
  made.className = row.status;
  made.append(cell(row.cell), cell(row.value), cell(row.encoded ? `${row.encoded} ${row.symbology ?? ""}` : ""), cell(row.quantity), verdict(row));
  return made;
}

async function fill(status, cursor) {
  const more = document.getElementById("more");
  const query = new URLSearchParams({ ...(status && { status }), ...(cursor && { cursor }) });
  const counted = document.getElementById("rows-said");
  try {
    const answer = await fetch(`/api/jobs/${main.dataset.job}/rows?${query}`);
    const page = await answer.json();
    if (!answer.ok) { counted.textContent = page.detail; return; }
    const body = document.getElementById("rows");
    if (!cursor) body.replaceChildren();
    body.append(...page.rows.map(line));
    counted.textContent = `${body.rows.length} rows shown${page.next_cursor ? ", there are more" : ""}.`;
    more.hidden = !page.next_cursor;
    more.dataset.cursor = page.next_cursor ?? "";
  } catch {
    counted.textContent = "The service does not answer at the moment. Try again in a few seconds.";
  }
}

for (const time of document.querySelectorAll("time")) {
  time.title = time.dateTime;
  time.textContent = new Date(time.dateTime).toLocaleString();
}
if (main?.dataset.ended === "no") {
  follow();
  const button = document.getElementById("cancel");
  button.hidden = false;
  button.addEventListener("click", () => cancel(button));
}
const filter = document.getElementById("filter");
if (filter) {
  filter.closest("p").hidden = false;
  filter.addEventListener("change", () => fill(filter.value, ""));
  const more = document.getElementById("more");
  more.addEventListener("click", () => fill(filter.value, more.dataset.cursor));
}
