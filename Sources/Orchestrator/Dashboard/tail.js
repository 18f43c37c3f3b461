// The live tail: sampled decisions, commands and alerts, newest first. It never names a customer.

import { byId, h } from "/dashboard/elements.js";
import { duration, isFigure, percent, words } from "/dashboard/format.js";
import { nameOf } from "/dashboard/phases.js";

const ENTRIES_MAX = 50;
// Entries are shown in groups, so that the page stays calm however many come.
const SHOW_EVERY_MILLIS = 250;

let waiting = [];
let timer = null;
let isHeld = false;

/** Takes a decision. */
export function tailDecision({ partition, readFrom, variant, known, ageMillis }) {
  const best = partition && partition !== readFrom ? `best ${partition}` : null;
  const facts = [best, known ? variant : "unknown customer", isFigure(ageMillis) && duration(ageMillis)];
  add("decision", [
    h("span", { class: "tail-what" }, `reads ${readFrom ?? partition}`),
    h("span", { class: "muted" }, facts.filter(Boolean).join(" · ")),
  ]);
}

/** Takes a command. */
export function tailCommand(shadow) {
  const { type, readShare, epoch } = shadow;
  add("command", [
    h("span", { class: "tail-what" }, `${words(type)} ${nameOf(shadow)}`),
    h("span", { class: "muted" }, `${percent(readShare)} of reads · epoch ${epoch}`),
  ]);
}

/** Takes an alert. */
export function tailAlert({ rule, state, severity }) {
  add("alert", [
    h("span", { class: "tail-what" }, `${severity} ${state}`),
    h("span", { class: "muted" }, rule),
  ]);
}

/** Lets the button hold and release the tail. */
export function listenToTail() {
  const button = byId("tail-hold");
  button.addEventListener("click", () => {
    isHeld = !isHeld;
    button.setAttribute("aria-pressed", String(isHeld));
    button.textContent = isHeld ? "Held" : "Hold";
    if (!isHeld) show();
  });
}

function add(kind, content) {
  const time = new Date().toISOString().slice(11, 19);
  waiting.push(h("li", { class: kind }, h("time", { class: "muted" }, time), content));
  if (waiting.length > ENTRIES_MAX) waiting.shift();
  timer ??= setTimeout(show, SHOW_EVERY_MILLIS);
}

function show() {
  timer = null;
  if (isHeld || !waiting.length) return;
  const tail = byId("tail");
  tail.prepend(...waiting.reverse());
  waiting = [];
  while (tail.children.length > ENTRIES_MAX) tail.lastChild.remove();
}
