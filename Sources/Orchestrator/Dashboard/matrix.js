// The matrix of homes and partitions, coloured by affinity mass, with one cell in the tab order that arrows move.

import { byId, h } from "/dashboard/elements.js";
import { cellInWords } from "/dashboard/cells.js";
import { nameOf } from "/dashboard/phases.js";

const LEVELS = 10;
// Widths in pixels: of a cell that has room for a number, and for a heading that is not turned.
const NUMBER_WIDTH = 34;
const HEADING_CHARACTER_WIDTH = 7.4;
const CELL_WIDTH_MIN = 12;
const CELL_WIDTH_MIN_FINGER = 24;
const CELL_WIDTH_MAX = 110;
const ROW_HEADING_SHARE_MAX = 0.34;
// What the table has beside its cells: its own border spacing, and the padding around it.
const EDGE_WIDTH = 8;

const INTRODUCTION = "Rows are homes, columns are partitions: the mean share of a home's customers' accesses that is "
  + "expected in each. Arrow keys move between cells.";

let overview = null;
let names = [];
let cells = [];
let at = { row: 0, column: 0 };
let pointed = null;

/** Takes an overview; only what changed is touched, as there may be thousands of cells. */
export function showMatrix(fresh) {
  overview = fresh;
  const wanted = fresh.matrix?.names ?? [];
  if (wanted.join("\n") !== names.join("\n")) build(wanted);
  const open = openShadows(fresh.shadows);
  fresh.matrix?.mass?.forEach((masses, row) => masses.forEach((mass, column) => {
    update(cells[row]?.[column], mass, open.has(`${names[row]}>${names[column]}`));
  }));
  showLine();
}

/** Fits the cells to the width there is; to be called when that changed. */
export function fitMatrix() {
  const table = byId("matrix").querySelector("table");
  if (!table || !names.length) return;
  const longest = Math.max(...names.map((name) => name.length));
  const room = byId("matrix").clientWidth;
  const heading = Math.min(longest * HEADING_CHARACTER_WIDTH + 16, room * ROW_HEADING_SHARE_MAX);
  const finest = matchMedia("(pointer: coarse)").matches ? CELL_WIDTH_MIN_FINGER : CELL_WIDTH_MIN;
  const free = Math.floor((room - heading - EDGE_WIDTH) / names.length);
  const width = Math.min(Math.max(free, finest), CELL_WIDTH_MAX);
  table.style.setProperty("--cell", `${width}px`);
  table.style.setProperty("--row-heading", `${Math.round(heading)}px`);
  table.classList.toggle("dense", width < NUMBER_WIDTH);
  table.classList.toggle("turned", width < longest * HEADING_CHARACTER_WIDTH);
}

function openShadows(shadows) {
  return new Set((shadows ?? []).filter((shadow) => shadow.phase !== "retired").map(nameOf));
}

function build(wanted) {
  names = wanted;
  at = { row: Math.min(at.row, names.length - 1), column: Math.min(at.column, names.length - 1) };
  at = { row: Math.max(at.row, 0), column: Math.max(at.column, 0) };
  cells = names.map((_, row) => names.map((_, column) => h("td", {
    "data-row": row, "data-column": column, tabindex: row === at.row && column === at.column ? 0 : -1,
    class: row === column ? "home" : null, role: "gridcell",
  })));
  const top = h("tr", null, h("td", { class: "corner" }, "home"), names.map((name, column) =>
    h("th", { scope: "col", "data-heading": column, title: name }, h("span", null, name))));
  const rows = names.map((name, row) => h("tr", null, h("th", { scope: "row", title: name }, name), cells[row]));
  const table = h("table", { role: "grid", "aria-labelledby": "matrix-title", "aria-describedby": "matrix-line" },
    h("thead", null, top), h("tbody", null, rows));
  byId("matrix").replaceChildren(table);
  listen(table);
  fitMatrix();
}

/** The level's scale is a square root: what moves a decision is small beside the homes' own share. */
function update(cell, mass, hasShadow) {
  if (!cell) return;
  const shown = cellText(mass);
  const level = String(Math.min(Math.max(Math.round(Math.sqrt(mass) * LEVELS), 0), LEVELS));
  if (cell.textContent !== shown) cell.textContent = shown;
  if (cell.dataset.level !== level) cell.dataset.level = level;
  if (hasShadow !== cell.classList.contains("has-shadow")) cell.classList.toggle("has-shadow", hasShadow);
}

/** Percent without their sign, so that they fit: 62, 3.1 or 0. */
function cellText(mass) {
  const value = mass * 100;
  return value < 0.05 ? "0" : value.toFixed(value < 9.95 ? 1 : 0);
}

function listen(table) {
  const cellOf = (event) => event.target.closest("td[data-row]");
  table.addEventListener("keydown", move);
  table.addEventListener("focusin", (event) => cellOf(event) && select(cellOf(event)));
  table.addEventListener("focusout", () => queueMicrotask(showLine));
  table.addEventListener("click", (event) => cellOf(event)?.focus());
  table.addEventListener("pointerover", (event) => {
    const cell = cellOf(event);
    pointed = cell ? { row: Number(cell.dataset.row), column: Number(cell.dataset.column) } : null;
    showLine();
  });
  table.addEventListener("pointerleave", () => {
    pointed = null;
    showLine();
  });
}

function move(event) {
  const last = names.length - 1;
  const whole = event.ctrlKey || event.metaKey;
  const steps = {
    ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-8, 0], PageDown: [8, 0],
    Home: [whole ? -last : 0, -last], End: [whole ? last : 0, last],
  };
  const step = steps[event.key];
  if (!step || event.altKey) return;
  event.preventDefault();
  const row = Math.min(Math.max(at.row + step[0], 0), last);
  const column = Math.min(Math.max(at.column + step[1], 0), last);
  // The line must be right before the cell has the focus, as it describes it to screen readers.
  select(cells[row][column]);
  cells[row][column].focus();
}

function select(cell) {
  cells[at.row][at.column].tabIndex = -1;
  at = { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
  cell.tabIndex = 0;
  pointed = null;
  showLine();
}

function showLine() {
  const table = byId("matrix").querySelector("table");
  const place = pointed ?? (table?.contains(document.activeElement) ? at : null);
  const text = place ? cellInWords(overview, place.row, place.column) : INTRODUCTION;
  if (byId("matrix-line").textContent !== text) byId("matrix-line").textContent = text;
}

/** Draws the legend, once. */
export function showLegend() {
  const steps = Array.from({ length: LEVELS + 1 }, (_, level) => h("i", { "data-level": level }));
  const label = "From the palest, nothing, to the strongest, all, by the square root";
  byId("matrix-legend").replaceChildren(
    h("span", null, "0"),
    h("span", { class: "ramp", role: "img", "aria-label": label }, steps),
    h("span", null, "100\u202f%"),
    h("span", { class: "key home-key" }, "home"),
    h("span", { class: "key shadow-key" }, "shadow"),
  );
}
