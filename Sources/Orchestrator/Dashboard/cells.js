// A cell of the matrix in words.

import { number, percent } from "/dashboard/format.js";
import { phaseInWords } from "/dashboard/phases.js";

/** What the cell of a home and a partition says, in sentences. */
export function cellInWords(overview, row, column) {
  const { names, customers, mass } = overview.matrix;
  const home = names[row];
  const partition = names[column];
  const count = customers?.[row];
  const share = percent(mass?.[row]?.[column]);
  const whose = `the ${number(count)} customers whose home is ${home}`;
  if (row === column) return `${share} of what is expected of ${whose} stays at home.`;
  const sentences = [`${share} of what is expected of ${whose} goes to ${partition}.`];
  const isHere = (shadow) => shadow.source === home && shadow.target === partition && shadow.phase !== "retired";
  const shadow = overview.shadows?.find(isHere);
  if (shadow) sentences.push(`A shadow is there: ${phaseInWords(shadow)}.`);
  const forecast = overview.forecasts?.find((one) => one.home === home && one.partition === partition);
  if (forecast) sentences.push(forecastInWords(forecast));
  return sentences.join(" ");
}

/** A forecast in a sentence. */
export function forecastInWords({ measured, low, expected, high, threshold, leadWindows }) {
  const windows = `${number(leadWindows)} window${leadWindows === 1 ? "" : "s"}`;
  return `Demand is ${percent(measured)} of customers and in ${windows} ${percent(expected)} is forecast `
    + `(${percent(low)} to ${percent(high)}); the threshold is ${percent(threshold)}.`;
}
