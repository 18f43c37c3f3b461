// The alerts: those that fire first.

import { byId, h, patch } from "/dashboard/elements.js";
import { duration, figure, instant, isFigure, words } from "/dashboard/format.js";

const SEVERITIES = ["critical", "warning", "info"];
// Each severity has a shape as well as a colour.
const SIGNS = { critical: "◆", warning: "▲", info: "●" };
const RESOLVED_MAX = 10;

const alerts = new Map();
let now = 0;
let heard = null;

/** Takes an overview. */
export function showAlerts(overview) {
  alerts.clear();
  now = overview.time;
  for (const alert of overview.alerts ?? []) alerts.set(alert.rule, alert);
  draw();
}

/** Takes an alert that came between two overviews. */
export function showAlert(alert) {
  alerts.set(alert.rule, alert);
  draw();
}

function draw() {
  const sorted = [...alerts.values()].sort((a, b) =>
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.since - a.since);
  const firing = sorted.filter((alert) => alert.state === "firing");
  const resolved = sorted.filter((alert) => alert.state !== "firing").sort((a, b) => b.since - a.since);
  patch(byId("alerts"), [
    firing.length
      ? h("ul", { class: "alerts" }, firing.map(item))
      : h("p", { class: "empty" }, h("span", { class: "ok" }, "✓"), " Nothing fires."),
    resolved.length > 0 && h("details", null,
      h("summary", null, `Resolved (${resolved.length})`),
      h("ul", { class: "alerts resolved" }, resolved.slice(0, RESOLVED_MAX).map(item))),
  ]);
  announce(firing);
}

/** Screen readers hear of rules that begin to fire, once each. */
function announce(firing) {
  const rules = new Set(firing.map((alert) => alert.rule));
  const fresh = heard === null ? [] : firing.filter((alert) => !heard.has(alert.rule));
  heard = rules;
  if (!fresh.length) return;
  byId("announcer").textContent = fresh.map((alert) => `${alert.severity} alert: ${alert.what}`).join(". ");
}

function item(alert) {
  const isFiring = alert.state === "firing";
  return h("li", { class: `alert ${alert.severity}`, "data-key": alert.rule }, [
    h("p", { class: "alert-what" }, [
      h("span", { class: "sign", "aria-hidden": "true" }, isFiring ? SIGNS[alert.severity] ?? "●" : "✓"),
      alert.what,
    ]),
    h("p", { class: "alert-facts" }, [
      h("span", null, isFiring ? alert.severity : `${alert.severity}, resolved`),
      h("time", { title: instant(alert.since) }, since(alert.since)),
      (alert.figures ?? []).map(figureItem),
    ]),
  ]);
}

function figureItem({ name, value, threshold }) {
  const limit = isFigure(threshold) ? ` of ${figure(name, threshold)}` : "";
  return h("span", null, `${words(name)} ${figure(name, value)}${limit}`);
}

/** Event time and the clock may be far apart, when a past log is replayed: then the time is said as it is. */
function since(time) {
  const age = now - time;
  return age >= 0 && age < 30 * 86_400_000 ? `for ${duration(age)}` : `since ${instant(time).slice(0, 16)} UTC`;
}
