// The phases of a shadow, in their order and in words.

import { percent } from "/dashboard/format.js";

/** The way forward. */
export const PHASES = ["provisioning", "populated", "dual-writing", "ramping", "promoted", "retired"];

/** The way back, which is left for `retired` too. */
export const BACK = "rolling-back";

const WORDS = {
  provisioning: () => "its copy is being made",
  populated: () => "its copy is there and follows, nothing reads from it yet",
  "dual-writing": () => "writes go to both, nothing reads from it yet",
  ramping: ({ readShare }) => `ramping at ${percent(readShare)} of reads`,
  promoted: () => "promoted, all of its cohort read from it",
  "rolling-back": ({ readShare }) => `rolling back, ${percent(readShare)} of reads are still there`,
  retired: () => "retired",
};

/** A shadow's name, which commands call `shadow` and some lists `name`. */
export function nameOf({ source, target }) {
  return `${source}>${target}`;
}

/** What a shadow in that phase does. */
export function phaseInWords(shadow) {
  return WORDS[shadow.phase]?.(shadow) ?? shadow.phase;
}

/** What needs attention comes first: what goes back, then what is furthest on its way, then what is done. */
export function urgency({ phase }) {
  return ["rolling-back", "ramping", "dual-writing", "populated", "provisioning", "promoted", "retired"].indexOf(phase);
}
