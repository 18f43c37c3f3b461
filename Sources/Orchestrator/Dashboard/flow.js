// The flow: each topic with what passes through it, each consumer with how far it is behind.

import { byId, h, patch, s } from "/dashboard/elements.js";
import { count, duration, isFigure, list, number } from "/dashboard/format.js";
import { sparkline } from "/dashboard/charts.js";

// The way of a record. Other pairs of topic and consumer are told beneath.
const WAY = [
  ["interactions", "updater"],
  ["affinity-vectors", "trends"],
  ["partition-trends", "planner"],
  ["partition-commands", "orchestrator"],
];
// Lags, in seconds, from which on a consumer is behind, and far behind.
const BEHIND_SECONDS = 10;
const FAR_BEHIND_SECONDS = 60;
const HISTORY_MAX = 90;

const histories = new Map();

/** Takes an overview. */
export function showFlow(overview) {
  const entries = overview.flow ?? [];
  entries.forEach(remember);
  patch(byId("flow"), WAY.map(([topic, consumer]) =>
    stage(topic, consumer, entries.find((entry) => isOf(entry, topic, consumer)))));
  const others = entries.filter((entry) => !WAY.some(([topic, consumer]) => isOf(entry, topic, consumer)));
  patch(byId("flow-aside"), others.length ? `Beside it: ${list(others.map(aside))}.` : "");
}

/** Topics may be prefixed, when several pipelines share a cluster. */
function isOf(entry, topic, consumer) {
  return entry.topic.endsWith(topic) && entry.consumer === consumer;
}

function key({ topic, consumer }) {
  return `${topic} ${consumer}`;
}

function remember(entry) {
  const values = histories.get(key(entry)) ?? [];
  values.push(entry.recordsPerSecond ?? 0);
  if (values.length > HISTORY_MAX) values.shift();
  histories.set(key(entry), values);
}

function stage(topic, consumer, entry) {
  const lag = lagOf(entry);
  return h("li", { class: `stage lag-${lag.kind}` }, [
    h("div", { class: "topic" }, [
      h("span", { class: "name" }, entry?.topic ?? topic),
      h("span", { class: "rate" }, number(entry?.recordsPerSecond), h("small", null, " /s")),
      sparkline((entry && histories.get(key(entry))) ?? []),
    ]),
    h("div", { class: "arrow" }, arrow(entry?.recordsPerSecond > 0)),
    h("div", { class: "consumer" }, [
      h("span", { class: "name" }, consumer),
      h("span", { class: "lag" }, lag.text),
      h("small", { class: "muted" }, lag.records),
    ]),
    h("div", { class: "arrow onward" }, arrow(entry?.recordsPerSecond > 0)),
  ]);
}

function arrow(isMoving) {
  return s("svg", { viewBox: "0 0 24 10", class: isMoving ? "moving" : "", "aria-hidden": "true" }, [
    s("line", { x1: 0, y1: 5, x2: 18, y2: 5 }),
    s("path", { d: "M17 1 L23 5 L17 9 Z" }),
  ]);
}

/** How far behind, in words as well as by colour. */
function lagOf(entry) {
  if (!entry) return { kind: "unknown", text: "no figures", records: "" };
  const { lagSeconds, lagRecords } = entry;
  const records = isFigure(lagRecords) ? `${count(lagRecords)} record${lagRecords === 1 ? "" : "s"}` : "";
  if (!isFigure(lagSeconds)) return { kind: "unknown", text: "lag unknown", records };
  const time = duration(lagSeconds * 1_000);
  if (lagSeconds >= FAR_BEHIND_SECONDS) return { kind: "bad", text: `▲ ${time} far behind`, records };
  if (lagSeconds >= BEHIND_SECONDS) return { kind: "warn", text: `▲ ${time} behind`, records };
  return { kind: "ok", text: lagSeconds === 0 && lagRecords === 0 ? "in step" : `${time} lag`, records };
}

function aside(entry) {
  const lag = lagOf(entry);
  return `${entry.topic} → ${entry.consumer} ${number(entry.recordsPerSecond)} /s, ${lag.text}`;
}
