// The label sheet to scale. A click or an arrow key on it picks the first label; the number beside it says the same.
const SVG = "http://www.w3.org/2000/svg";

function shape(name, values) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
  return made;
}

function labelBox(sheet, slot) {
  const x = sheet.origin_x_mm + (slot % sheet.columns) * sheet.pitch_x_mm;
  const y = sheet.origin_y_mm + Math.floor(slot / sheet.columns) * sheet.pitch_y_mm;
  return shape("rect", { x, y, width: sheet.label_width_mm, height: sheet.label_height_mm, rx: 1 });
}

export function drawSheet(sheets, select, start) {
  const drawing = document.getElementById("sheet");
  const current = () => sheets.find((sheet) => sheet.id === select.value) ?? sheets[0];

  function mark() {
    const first = Number(start.value) || 1;
    [...drawing.children].forEach((box, at) => box.setAttribute("class", at + 1 < first ? "used" : at + 1 === first ? "start" : ""));
    drawing.setAttribute("aria-valuenow", first);
    drawing.setAttribute("aria-valuetext", `label ${first} of ${current().labels_per_page}`);
  }

  function draw() {
    const sheet = current();
    drawing.setAttribute("viewBox", `0 0 ${sheet.page_width_mm} ${sheet.page_height_mm}`);
    drawing.setAttribute("aria-valuemax", sheet.labels_per_page);
    drawing.replaceChildren(...Array.from({ length: sheet.labels_per_page }, (_, slot) => labelBox(sheet, slot)));
    start.max = sheet.labels_per_page;
    pick(Number(start.value) || 1);
  }

  function pick(place) {
    const value = String(Math.min(Math.max(place, 1), current().labels_per_page));
    if (start.value !== value) {
      start.value = value;
      start.dispatchEvent(new Event("change", { bubbles: true })); // the form makes another upload of it
    }
    mark();
  }

  drawing.addEventListener("click", (event) => {
    const at = [...drawing.children].indexOf(event.target);
    if (at >= 0) pick(at + 1);
  });
  drawing.addEventListener("keydown", (event) => {
    const { columns, labels_per_page: last } = current();
    const now = Number(start.value) || 1;
    const place = { ArrowRight: now + 1, ArrowLeft: now - 1, ArrowDown: now + columns, ArrowUp: now - columns, Home: 1, End: last }[event.key];
    if (place === undefined) return;
    event.preventDefault();
    pick(place);
  });
  start.addEventListener("input", mark);
  select.addEventListener("change", draw);
  draw();
}
