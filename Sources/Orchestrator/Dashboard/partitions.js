// The partitions: what each serves, how full it is, how fast, and how far its copies are behind.

import { byId, h, patch } from "/dashboard/elements.js";
import { NONE, clock, count, duration, isFigure, micros, number, percent } from "/dashboard/format.js";
import { level } from "/dashboard/charts.js";

// From where on a figure is worth a look, and a call. The planner's own guards are in its configuration.
const LIMITS = {
  utilisation: [0.75, 0.9],
  errorRate: [0.005, 0.02],
  replicaLagMillis: [2_000, 5_000],
};

const COLUMNS = [
  { name: "Partition", of: (p) => p.name, show: (p) => p.name },
  { name: "Utilisation", of: (p) => p.utilisation, show: utilisation, kind: "bar" },
  { name: "Customers", of: (p) => p.customers, show: (p) => count(p.customers) },
  { name: "Decisions /s", of: (p) => p.decisionsPerSecond, show: (p) => number(p.decisionsPerSecond) },
  { name: "Reads", of: (p) => p.reads, show: (p) => count(p.reads) },
  { name: "Writes", of: (p) => p.writes, show: (p) => count(p.writes) },
  { name: "p50", of: (p) => p.latencyP50Micros, show: (p) => micros(p.latencyP50Micros) },
  { name: "p99", of: (p) => p.latencyP99Micros, show: (p) => micros(p.latencyP99Micros) },
  { name: "Errors", of: errorRate, show: (p) => judged(percent(errorRate(p)), grade("errorRate", errorRate(p))) },
  {
    name: "Replica lag", of: (p) => p.replicaLagMillis,
    show: (p) => judged(duration(p.replicaLagMillis), grade("replicaLagMillis", p.replicaLagMillis)),
  },
];

let partitions = [];
let order = { column: null, isDown: false };

/** Takes an overview. */
export function showPartitions(overview) {
  partitions = overview.partitions ?? [];
  const times = partitions.map((one) => one.telemetryTime).filter(isFigure);
  const silent = partitions.length - times.length;
  byId("partitions-note").textContent = times.length
    ? `Telemetry as of ${clock(Math.max(...times))} UTC${silent ? `, none from ${silent}` : ""}`
    : "No telemetry yet";
  draw();
}

/** Sorts by a column when its heading is pressed: downwards, upwards, as configured. */
export function listenToPartitions() {
  byId("partitions").addEventListener("click", (event) => {
    const heading = event.target.closest("button[data-column]");
    if (!heading) return;
    const column = Number(heading.dataset.column);
    if (order.column !== column) order = { column, isDown: true };
    else order = order.isDown ? { column, isDown: false } : { column: null, isDown: false };
    draw();
  });
}

function draw() {
  if (!partitions.length) return patch(byId("partitions"), h("p", { class: "empty" }, "No partitions yet."));
  const head = h("tr", { role: "row" }, COLUMNS.map(heading));
  const row = (one) => h("tr", { role: "row" }, COLUMNS.map((column, index) => cell(column, index, one)));
  // The roles are said because narrow screens show rows as cards, which takes them away.
  patch(byId("partitions"), h("table", { class: "figures", role: "table", "aria-labelledby": "partitions-title" },
    h("thead", { role: "rowgroup" }, head), h("tbody", { role: "rowgroup" }, sorted().map(row))));
}

function heading({ name }, index) {
  const isSorted = order.column === index;
  const direction = isSorted ? (order.isDown ? "descending" : "ascending") : null;
  const sign = isSorted ? h("span", { "aria-hidden": "true" }, order.isDown ? " ↓" : " ↑") : null;
  return h("th", { scope: "col", role: "columnheader", "aria-sort": direction },
    h("button", { type: "button", class: "heading-button", "data-column": index }, name, sign));
}

function cell({ name, show, kind }, index, partition) {
  if (index === 0) return h("th", { scope: "row", role: "rowheader" }, show(partition));
  return h("td", { role: "cell", "data-label": name, class: kind }, show(partition));
}

function sorted() {
  if (order.column === null) return partitions;
  const { of } = COLUMNS[order.column];
  const sign = order.isDown ? -1 : 1;
  const without = (value) => value === null || value === undefined;
  return [...partitions].sort((a, b) => {
    const [x, y] = [of(a), of(b)];
    if (without(x) || without(y)) return without(x) - without(y);
    return x === y ? 0 : x < y ? -sign : sign;
  });
}

/** Errors over reads and writes; null if nothing was measured. */
function errorRate({ reads, writes, errors }) {
  if (!isFigure(errors) || !isFigure(reads)) return null;
  return errors / Math.max(reads + (writes ?? 0), 1);
}

function grade(name, value) {
  if (!isFigure(value)) return "none";
  const [warn, bad] = LIMITS[name];
  return value >= bad ? "bad" : value >= warn ? "warn" : "ok";
}

/** A figure that is too high has a sign as well as a colour. */
function judged(text, kind) {
  return kind === "warn" || kind === "bad" ? h("span", { class: kind }, `▲ ${text}`) : text;
}

function utilisation({ name, utilisation: value }) {
  if (!isFigure(value)) return h("span", { class: "muted" }, NONE);
  const kind = grade("utilisation", value);
  return [level(value, kind, `${name} is ${percent(value)} full`), h("span", { class: kind }, percent(value))];
}
