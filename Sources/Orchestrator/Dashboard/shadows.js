// The shadows: where each is on its way, who is meant, and the figures that led there.

import { byId, h, patch } from "/dashboard/elements.js";
import { figure, instant, isFigure, number, percent, words } from "/dashboard/format.js";
import { bullet } from "/dashboard/charts.js";
import { forecastInWords } from "/dashboard/cells.js";
import { BACK, PHASES, nameOf, phaseInWords, urgency } from "/dashboard/phases.js";

// How many flows without a shadow are shown: those nearest to their threshold.
const DEMAND_MAX = 8;

/** Takes an overview. */
export function showShadows(overview) {
  const order = (a, b) => urgency(a) - urgency(b) || nameOf(a).localeCompare(nameOf(b));
  const shadows = [...(overview.shadows ?? [])].sort(order);
  const open = shadows.filter((shadow) => shadow.phase !== "retired");
  const retired = shadows.filter((shadow) => shadow.phase === "retired");
  const forecasts = overview.forecasts ?? [];
  byId("shadows-note").textContent = `${open.length} open. In charts of demand the bar is measured, the band forecast.`;
  patch(byId("shadows"), [
    open.map((shadow) => card(shadow, forecasts.find((one) => flowOf(one) === nameOf(shadow)))),
    !open.length && h("p", { class: "empty" }, "No shadow is open: every read goes to its home."),
    retired.length > 0 && h("details", { class: "retired" }, [
      h("summary", null, `Retired (${retired.length})`),
      h("ul", null, retired.map(retiredItem)),
    ]),
  ]);
  showDemand(forecasts, new Set(open.map(nameOf)));
}

function retiredItem(shadow) {
  return h("li", null, `${nameOf(shadow)}, epoch ${shadow.epoch}, `, span(shadow.window));
}

/** The name that a shadow of a forecast's flow has. */
function flowOf({ home, partition }) {
  return `${home}>${partition}`;
}

function card(shadow, forecast) {
  const name = nameOf(shadow);
  const about = { class: `card phase-${shadow.phase}`, "data-key": name, "aria-label": `Shadow ${name}` };
  return h("article", about, [
    h("header", { class: "heading" }, [
      h("h3", null, shadow.source, h("span", { class: "muted", "aria-label": "to" }, " → "), shadow.target),
      h("div", { class: "badges" }, [
        shadow.paused && h("span", { class: "badge warn" }, "paused"),
        shadow.pinned && h("span", { class: "badge" }, "pinned"),
        shadow.dualWrite && h("span", { class: "badge" }, "writes to both"),
        h("span", { class: "badge faint" }, `epoch ${shadow.epoch}`),
      ]),
    ]),
    track(shadow),
    h("dl", { class: "pairs" }, [
      pairOf("Reads from the shadow", [share(shadow.readShare), percent(shadow.readShare)], "wide"),
      pairOf("Cohort", cohort(shadow)),
      pairOf("Last command", [words(shadow.type), " ", span(shadow.window)]),
    ]),
    forecast && demand(forecast),
    h("ul", { class: "evidence", "aria-label": "Evidence of the last command" }, (shadow.evidence ?? []).map(evidence)),
  ]);
}

function pairOf(name, value, kind) {
  return h("div", { class: kind }, h("dt", null, name), h("dd", null, value));
}

function cohort({ source, cohort: of }) {
  return of ? `${number(of.size)}, ${percent(of.share)} of ${source}` : "unknown";
}

/** The share of reads as a bar, for the eye: the figure stands beside it. */
function share(value) {
  return h("span", { class: "share", vars: { "--share": `${(value ?? 0) * 100}%` }, "aria-hidden": "true" });
}

/** The phases as steps; a shadow on its way back shows that in the place of promotion. */
function track(shadow) {
  const isBack = shadow.phase === BACK;
  const steps = isBack ? PHASES.map((phase) => (phase === "promoted" ? BACK : phase)) : PHASES;
  const now = steps.indexOf(shadow.phase);
  return h("ol", { class: isBack ? "phases back" : "phases", "aria-label": `Phase: ${phaseInWords(shadow)}` },
    steps.map((phase, index) => h("li", {
      class: index < now ? "done" : index === now ? "now" : null, "aria-current": index === now ? "step" : null,
    }, h("span", null, words(phase)))));
}

function evidence({ figure: name, value, threshold }) {
  return h("li", null, [
    h("span", { class: "muted" }, `${words(name)} `), figure(name, value),
    threshold !== null && threshold !== undefined && h("span", { class: "muted" }, ` of ${figure(name, threshold)}`),
  ]);
}

/** The end of a window of event time: month, day, hour and minute in UTC; all of it on pointing. */
function span(window) {
  if (!isFigure(window?.end)) return "without a window";
  return h("time", { class: "muted", title: `Window until ${instant(window.end)}` }, instant(window.end).slice(5, 16));
}

function demand(forecast) {
  const { measured, expected, low, high, threshold } = forecast;
  return h("figure", { class: "demand" }, [
    h("figcaption", null, [
      h("span", null, "Demand ", h("b", null, percent(measured))),
      h("span", { class: "coming" }, `in ${forecast.leadWindows} windows `, h("b", null, percent(expected)),
        h("span", { class: "muted" }, ` (${percent(low)} to ${percent(high)})`)),
      h("span", { class: "muted" }, `threshold ${percent(threshold)}`),
    ]),
    bullet(forecast, forecastInWords(forecast)),
  ]);
}

function showDemand(forecasts, open) {
  const nearest = forecasts
    .filter((forecast) => !open.has(flowOf(forecast)))
    .sort((a, b) => b.high / b.threshold - a.high / a.threshold)
    .slice(0, DEMAND_MAX);
  patch(byId("demand"), nearest.length
    ? h("ul", { class: "demands" }, nearest.map(demandItem))
    : h("p", { class: "empty" }, "None is forecast."));
}

function demandItem(forecast) {
  const title = h("h3", null, `${forecast.home} → ${forecast.partition}`);
  return h("li", { "data-key": flowOf(forecast) }, title, demand(forecast));
}
