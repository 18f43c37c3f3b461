// The experiments: what each variant was given and did, and how sure that is.

import { byId, h, patch } from "/dashboard/elements.js";
import { NONE, change, count, figure, isFigure, micros, percent, probability, words } from "/dashboard/format.js";
import { whisker } from "/dashboard/charts.js";

/** Takes an overview. */
export function showExperiments(overview) {
  const experiments = overview.experiments ?? [];
  patch(byId("experiments"), experiments.length
    ? experiments.map(card)
    : h("p", { class: "empty" }, "No experiment is configured."));
}

function card(experiment) {
  const { name, state, goal, alpha, variants = [], proposal } = experiment;
  return h("article", { class: "card", "data-key": name, "aria-label": `Experiment ${name}` }, [
    h("header", { class: "heading" }, [
      h("h3", null, name),
      h("div", { class: "badges" }, [
        h("span", { class: state === "running" ? "badge ok" : "badge" }, state),
        h("span", { class: "badge faint" }, `goal ${words(goal)}`),
        h("span", { class: "badge faint" }, `α ${alpha ?? NONE}`),
      ]),
    ]),
    table(experiment, reach(variants)),
    h("ul", { class: "checks" }, [sampleRatio(experiment.sampleRatio), (experiment.guards ?? []).map(guard)]),
    proposal && h("p", { class: "proposal" }, h("b", null, "Proposal: "), proposalText(proposal)),
  ]);
}

/** The largest distance from zero of all intervals, so that variants are drawn on one scale. */
function reach(variants) {
  const ends = variants.flatMap(({ difference }) => (difference ? [difference.low, difference.high] : []));
  return Math.max(...ends.filter(isFigure).map(Math.abs), 0.001) * 1.1;
}

function table({ name, goal, variants = [] }, reach) {
  const difference = "Difference to control, lower is better";
  const titles = ["Variant", "Share", "Exposed", "Outcomes", `Mean ${words(goal)}`, difference, "p"];
  const head = titles.map((title) => h("th", { scope: "col", role: "columnheader" }, title));
  return h("table", { class: "figures variants", role: "table", "aria-label": `Variants of ${name}` },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head)),
    h("tbody", { role: "rowgroup" }, variants.map((variant) => row(variant, goal, titles, reach))));
}

function row({ name, share, exposed, outcomes, means, difference }, goal, titles, reach) {
  const values = [
    percent(share), count(exposed), count(outcomes), mean(goal, means?.[goal]), differenceCell(difference, reach),
    difference ? probability(difference.p) : h("span", { class: "muted" }, "control"),
  ];
  return h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, name),
    values.map((value, index) => h("td", {
      role: "cell", "data-label": titles[index + 1], class: index === 4 ? (difference ? "bar" : "bar none") : null,
    }, value)));
}

function mean(goal, value) {
  if (goal === "latency") return micros(value);
  return goal === "errors" || goal === "remoteReads" ? percent(value) : figure(goal, value);
}

function differenceCell(difference, reach) {
  if (!difference) return h("span", { class: "muted" }, NONE);
  const { estimate, low, high } = difference;
  const isKnown = [estimate, low, high].every(isFigure);
  if (!isKnown) return h("span", { class: "muted" }, "too little yet");
  const interval = `${change(low)} to ${change(high)}`;
  const verdict = high < 0 ? "better" : low > 0 ? "worse" : "not clear";
  return [
    whisker(difference, reach, `${change(estimate)}, ${interval}: ${verdict}`),
    h("span", { class: "estimate" }, `${change(estimate)} ${verdict}`, h("small", { class: "muted" }, ` ${interval}`)),
  ];
}

function check(isGood, text) {
  const sign = h("span", { "aria-hidden": "true" }, isGood ? "✓ " : "✕ ");
  return h("li", { class: isGood ? "ok" : "bad" }, sign, text);
}

function sampleRatio(ratio) {
  if (!ratio) return null;
  return check(!ratio.mismatch, ratio.mismatch
    ? `Shares are not as assigned, p ${probability(ratio.p)}: do not trust the differences`
    : `Shares are as assigned, p ${probability(ratio.p)}`);
}

function guard({ metric, variant, breached }) {
  return check(!breached, `Guard ${breached ? "breached" : "holds"}: ${words(metric)} of ${variant}`);
}

/** A proposal is a text, or a variant's name and the reason for it. */
function proposalText(proposal) {
  if (typeof proposal === "string") return proposal;
  return [proposal.name ?? proposal.variant, proposal.reason].filter(Boolean).join(": ");
}
