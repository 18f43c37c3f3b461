// The look-up of one customer: its decision explained, its scores, its affinity vector.

import { byId, h } from "/dashboard/elements.js";
import { bytes, duration, instant, number, percent } from "/dashboard/format.js";
import { get } from "/dashboard/api.js";
import { pair, stack } from "/dashboard/charts.js";
import { explain, horizonsInWords, scoreInWords } from "/dashboard/explain.js";

const TERMS = ["home", "affinity", "proximity", "load", "shadow"];
const TIMEOUT_MILLIS = 10_000;

// Only the newest question is answered, whatever order the answers come in.
let asked = 0;

/** Answers the form. */
export function listenToLookup() {
  byId("lookup-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const customer = byId("customer").value.trim();
    if (customer) lookUp(customer);
  });
}

async function lookUp(customer) {
  asked += 1;
  const question = asked;
  const answer = byId("answer");
  answer.setAttribute("aria-busy", "true");
  const path = `/v1/customers/${encodeURIComponent(customer)}`;
  const options = { signal: AbortSignal.timeout(TIMEOUT_MILLIS) };
  const answers = ["partition", "affinity"].map((what) => get(`${path}/${what}`, options));
  const [decision, affinity] = await Promise.allSettled(answers);
  if (question !== asked) return;
  answer.replaceChildren(
    h("h3", { class: "answer-title" }, customer),
    decision.status === "fulfilled" ? decisionOf(decision.value) : problem("The decision", decision.reason),
    affinityPart(decision, affinity),
  );
  answer.setAttribute("aria-busy", "false");
}

/** The vector; that a customer has none yet is no problem. */
function affinityPart(decision, affinity) {
  if (affinity.status === "fulfilled") return affinityOf(affinity.value);
  // The same said twice is said once.
  if (decision.reason?.message === affinity.reason.message) return "";
  const isNew = decision.status === "fulfilled" && affinity.reason.status === 404;
  if (isNew) return h("p", { class: "muted" }, "It has no affinity vector yet.");
  return problem("The affinity vector", affinity.reason);
}

function problem(what, reason) {
  const isLate = reason?.name === "TimeoutError";
  const late = `${what} did not come within ${duration(TIMEOUT_MILLIS)}.`;
  return h("div", { class: "problem" }, [
    h("p", null, h("b", null, isLate ? "No answer in time" : reason.title ?? "Something went wrong"),
      reason.status ? h("span", { class: "muted" }, ` (${reason.status})`) : null),
    h("p", null, isLate ? late : reason.detail || `${what} could not be read.`),
  ]);
}

function decisionOf(decision) {
  const [first, ...rest] = explain(decision);
  const scores = decision.scores ?? [];
  return h("div", { class: "decision" }, [
    h("p", { class: "verdict", id: "explanation" }, first),
    rest.map((sentence) => h("p", null, sentence)),
    scores.length > 0 && scoreBars(scores, decision),
    h("p", { class: "muted small" }, `Decision ${decision.id}`),
  ]);
}

function scoreBars(scores, { readFrom, partition }) {
  const values = scores.map(({ terms }) => TERMS.map((term) => terms?.[term] ?? 0));
  const sums = (sign) => values.map((row) => row.filter((value) => value * sign > 0).reduce((a, b) => a + b, 0));
  const lowest = Math.min(0, ...sums(-1));
  const highest = Math.max(...sums(1), 0.01);
  const used = TERMS.filter((term) => scores.some(({ terms }) => terms?.[term]));
  return h("figure", null, [
    h("figcaption", null, [
      h("b", null, "Scores"),
      h("span", { class: "keys" }, used.map((term) => h("span", { class: `key term-${term}` }, term))),
    ]),
    h("ul", { class: "bars" }, scores.map((score, place) => h("li", null, [
      h("span", { class: "bar-name" }, score.partition, mark(score.partition, readFrom, partition)),
      stack(values[place].map(part), lowest, highest, scoreInWords(score)),
      h("span", { class: "bar-value" }, number(score.score)),
    ]))),
  ]);
}

function part(value, term) {
  return { kind: `term-${TERMS[term]}`, value };
}

function mark(name, readFrom, partition) {
  if (name === readFrom) return h("small", null, " reads");
  return name === partition ? h("small", null, " best") : null;
}

function affinityOf(vector) {
  const next = vector.next ?? {};
  const share = vector.share ?? {};
  const names = [...new Set([...Object.keys(share), ...Object.keys(next)])]
    .sort((a, b) => (share[b] ?? 0) - (share[a] ?? 0) || (next[b] ?? 0) - (next[a] ?? 0));
  return h("figure", { class: "affinity" }, [
    h("figcaption", null, [
      h("b", null, "Affinity"),
      h("span", { class: "keys" }, [
        h("span", { class: "key horizon-next" }, "next access"),
        h("span", { class: "key horizon-share" }, "coming accesses"),
      ]),
    ]),
    h("ul", { class: "bars" }, names.map((name) => h("li", null, [
      h("span", { class: "bar-name" }, name, vector.high?.includes(name) ? h("small", null, " high") : null),
      pair(next[name] ?? 0, share[name] ?? 0, horizonsInWords(name, next[name] ?? 0, share[name] ?? 0)),
      h("span", { class: "bar-value" }, percent(next[name] ?? 0), h("br"), percent(share[name] ?? 0)),
    ]))),
    h("p", { class: "muted small" }, [
      `Vector ${vector.sequence} of ${instant(vector.time)}, `,
      `${number(vector.rate)} accesses and ${bytes(vector.volume)} a day, `,
      `${duration(vector.ageMillis)} old${vector.stale ? " and stale" : ""}.`,
    ]),
  ]);
}
