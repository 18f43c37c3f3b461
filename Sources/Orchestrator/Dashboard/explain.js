// A decision in sentences: what it says, and why.

import { duration, instant, isFigure, list, number, percent } from "/dashboard/format.js";

const STAGES = { new: "new", active: "active", "churn-risk": "at risk of leaving", dormant: "dormant" };

/** The sentences that explain a decision; the first one says where reads go and why. */
export function explain(decision) {
  const parts = [reads, writes, best, customer, experiment, age];
  return parts.map((part) => part(decision)).filter(Boolean);
}

function reads(decision) {
  const { readFrom, home, known, shadow } = decision;
  if (!known) return `Reads go to ${readFrom}: nothing is known of this customer yet.`;
  if (shadow) return readsBesideShadow(decision, shadow);
  const place = readFrom === home ? `${readFrom}, the customer's home` : readFrom;
  return `Reads go to ${place}, because no shadow holds a copy for this customer.`;
}

function readsBesideShadow({ readFrom }, { name, phase, readShare, reads: isReading }) {
  const share = percent(readShare);
  const ramping = isReading ? "this customer is in its read share" : "does not serve this customer yet";
  const promoted = isReading ? " and serves all of its cohort" : ", but does not serve this customer now";
  const back = `with ${share} of reads still there, and ${isReading ? "still" : "no longer"} serves this customer`;
  const because = {
    provisioning: `the copy of the shadow ${name} is still being made`,
    populated: `the copy of the shadow ${name} is there but serves no reads yet`,
    "dual-writing": `the shadow ${name} takes writes but serves no reads yet`,
    ramping: `the shadow ${name} is ramping at ${share} and ${ramping}`,
    promoted: `the shadow ${name} is promoted${promoted}`,
    "rolling-back": `the shadow ${name} is rolling back, ${back}`,
    retired: `the shadow ${name} is retired`,
  };
  return `Reads go to ${readFrom} because ${because[phase] ?? `the shadow ${name} is ${phase}`}.`;
}

/** Where the data would best be, which is not always where it is. */
function best({ partition, readFrom, scores = [] }) {
  const top = scores.find((score) => score.partition === partition);
  const [term] = Object.entries(top?.terms ?? {}).sort((a, b) => b[1] - a[1])[0] ?? [];
  const why = top ? ` scores highest, ${number(top.score)}${term ? `, most of it by ${term}` : ""}` : " is best";
  return `${partition}${why}${partition === readFrom ? "" : `; reads go to ${readFrom} all the same`}.`;
}

function writes({ writeTo = [], shadow }) {
  if (!writeTo.length) return "Writes go nowhere: no partition is named for them.";
  if (writeTo.length === 1) return `Writes go to ${writeTo[0]} alone.`;
  const why = shadow ? `, so that every step of the shadow can be undone without loss` : "";
  return `Writes go to ${list(writeTo)}${why}.`;
}

function customer({ known, home, stage }) {
  if (!known || !home) return null;
  return `The customer's home is ${home}${stage ? ` and it is ${STAGES[stage] ?? stage.replace(/-/g, " ")}` : ""}.`;
}

function experiment({ experiment: name, variant }) {
  return name && variant ? `In experiment ${name} it is in variant ${variant}.` : null;
}

function age({ vectorTime, ageMillis, stale }) {
  const parts = [];
  if (isFigure(vectorTime)) parts.push(`It rests on the vector of ${instant(vectorTime)}.`);
  const behind = isFigure(ageMillis) ? ` by ${duration(ageMillis)}` : "";
  if (stale) parts.push(`The service is behind${behind}: this may be old.`);
  else if (behind) parts.push(`What the service knows of it is ${duration(ageMillis)} old.`);
  return parts.join(" ");
}

/** A score in words, for those who do not see its bar. */
export function scoreInWords({ partition, score, terms }) {
  const parts = Object.entries(terms ?? {}).filter(([, value]) => value !== 0);
  const told = parts.map(([name, value]) => `${name} ${value > 0 ? "+" : "−"}${number(Math.abs(value))}`);
  return `${partition} scores ${number(score)}${told.length ? `: ${list(told)}` : ""}`;
}

/** The two horizons in words. */
export function horizonsInWords(partition, next, share) {
  return `${partition}: ${percent(next)} of the next access, ${percent(share)} of the coming ones`;
}
