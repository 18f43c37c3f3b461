// The header: whether what is shown is live, and the figures that come first.

import { byId, h, patch } from "/dashboard/elements.js";
import { clock, count, duration, isFigure, micros, number, percent } from "/dashboard/format.js";
import { Problem } from "/dashboard/api.js";
import { sparkline } from "/dashboard/charts.js";

// Overviews come about once a second; after this long without one what is shown is called stale.
const STALE_MILLIS = 4_000;
const HISTORY_MAX = 90;

const rates = [];
let latest = null;
let arrived = 0;
let failure = null;
let announced = null;

/** Notes that an overview came, even if the page is hidden and does not draw it. */
export function noteArrival(overview) {
  latest = overview;
  arrived = performance.now();
  failure = null;
}

/** Takes an overview. */
export function showHeader(overview) {
  rates.push(overview.lookups?.perSecond ?? 0);
  if (rates.length > HISTORY_MAX) rates.shift();
  byId("instance").textContent = overview.instance ?? "";
  patch(byId("vitals"), vitals(overview));
  showConnection();
}

/** Says that the connection failed, until an overview comes. */
export function showFailure(problem) {
  failure = problem;
  showConnection();
}

/** To be called about once a second: ages what is shown. */
export function showConnection() {
  const { kind, text, title } = connection();
  const pill = byId("connection");
  pill.className = `pill ${kind}`;
  pill.title = title;
  byId("connection-text").textContent = text;
  document.documentElement.classList.toggle("is-stale", kind === "is-stale");
  showNotice(kind);
  announce(kind);
}

/** How long ago the state shown was right: since it came, and what the service said of its own age. */
function connection() {
  if (!latest) {
    if (!failure) return { kind: "is-waiting", text: "Connecting", title: "No figures yet" };
    return { kind: "is-stale", text: failure.status === 401 ? "Token wanted" : "No connection", title: reason() };
  }
  const silence = performance.now() - arrived;
  const age = silence + (latest.ageMillis ?? 0);
  const title = `Figures of ${clock(latest.time)} UTC${failure ? `. ${reason()}` : ""}`;
  if (silence > STALE_MILLIS || latest.stale) return { kind: "is-stale", text: `Stale ${duration(age)}`, title };
  return { kind: "is-live", text: `Live ${duration(Math.max(latest.ageMillis ?? 0, 0))}`, title };
}

function showNotice(kind) {
  const notice = byId("notice");
  // For a token there is a form.
  notice.hidden = kind !== "is-stale" || failure?.status === 401;
  if (notice.hidden) return;
  const isBehind = !failure && latest.stale;
  if (isBehind) notice.textContent = "The service has fallen behind its topics: what it shows and decides is old.";
  else notice.textContent = `${reason()}.${latest ? " What is shown is old." : ""} This page connects again by itself.`;
}

/** What the service said, or that the connection is lost: what browsers say of that is not for people. */
function reason() {
  if (failure instanceof Problem) return failure.message.replace(/\.$/, "");
  return failure ? "The connection is lost" : "Nothing has come for some seconds";
}

/** Screen readers hear when the connection is lost and when it is back, not every second. */
function announce(kind) {
  if (kind === announced || kind === "is-waiting") return;
  if (announced !== null || kind === "is-stale") {
    byId("announcer").textContent = kind === "is-live" ? "The figures are live again." : "The figures are stale.";
  }
  announced = kind;
}

function vitals(overview) {
  const firing = (overview.alerts ?? []).filter((alert) => alert.state === "firing");
  const worst = firing.some((alert) => alert.severity === "critical") ? "bad" : firing.length ? "warn" : "ok";
  const { perSecond, p50Micros, p99Micros } = overview.lookups ?? {};
  const alerts = firing.length ? `${firing.length} firing` : "None";
  return [
    vital("State", h("span", { class: overview.ready ? "ok" : "bad" }, state(overview))),
    vital("Look-ups", [number(perSecond), h("small", null, " /s "), sparkline(rates)], "wide"),
    vital("p50", micros(p50Micros)),
    vital("p99", micros(p99Micros)),
    vital("Customers", count(overview.customers)),
    vital("Alerts", h("a", { href: "#alerts-title", class: worst }, alerts)),
  ];
}

/** Ready, or how much of the state is back after a start. */
function state({ ready, restored }) {
  if (ready) return "Ready";
  return isFigure(restored) ? `Restoring ${percent(Math.floor(restored * 100) / 100)}` : "Not ready";
}

function vital(name, value, kind) {
  return h("div", { class: kind }, h("dt", null, name), h("dd", null, value));
}
