// Figures as text. A figure that is null or absent is a dash.

export const NONE = "–";
// Between a figure and its unit: narrow, and no line breaks there.
const GAP = "\u202f";

const formats = new Map();
function digits(value, places) {
  if (!formats.has(places)) {
    const settings = { minimumFractionDigits: places, maximumFractionDigits: places };
    formats.set(places, new Intl.NumberFormat("en-GB", settings));
  }
  return formats.get(places).format(value);
}

/** Whether it is a figure at all. */
export function isFigure(value) {
  return typeof value === "number" && Number.isFinite(value);
}

/** With a decimal sign the right way round: a minus is as wide as a plus. */
function signed(text) {
  return text.replace("-", "−");
}

/** 1,234, 12.5 or 0.041. */
export function number(value) {
  if (!isFigure(value)) return NONE;
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return signed(digits(Math.round(value), 0));
  return signed(digits(value, size >= 1 ? 1 : size >= 0.1 ? 2 : 3));
}

/** 1,234 up to 9,999, then 12.3 k and 4.5 M. */
export function count(value) {
  if (!isFigure(value) || Math.abs(value) < 10_000) return number(value);
  if (Math.abs(value) < 1_000_000) return digits(value / 1_000, 1) + GAP + "k";
  return digits(value / 1_000_000, 1) + GAP + "M";
}

/** 25 %, 1.4 % or 0.05 %, of a share from 0 to 1. */
export function percent(share) {
  if (!isFigure(share)) return NONE;
  const value = share * 100;
  const size = Math.abs(value);
  const places = size === 0 || size >= 10 ? 0 : size >= 1 ? 1 : 2;
  return signed(digits(value, places)).replace(/\.0+$/, "") + GAP + "%";
}

/** +3.1 %: a change. */
export function change(share) {
  return isFigure(share) && share > 0 ? "+" + percent(share) : percent(share);
}

/** 0.041, and < 0.001 under it. */
export function probability(p) {
  if (!isFigure(p)) return NONE;
  return p < 0.001 ? "<" + GAP + "0.001" : digits(p, p < 0.1 ? 3 : 2);
}

/** 900 µs, 4.0 ms or 1.20 s, of microseconds. */
export function micros(value) {
  if (!isFigure(value)) return NONE;
  const size = Math.abs(value);
  if (size < 1_000) return digits(value, 0) + GAP + "µs";
  if (size < 1_000_000) return digits(value / 1_000, size < 100_000 ? 1 : 0) + GAP + "ms";
  return digits(value / 1_000_000, 2) + GAP + "s";
}

/** 40 ms, 1.2 s, 3 min, 5 h or 2 d, of milliseconds. */
export function duration(millis) {
  if (!isFigure(millis)) return NONE;
  const size = Math.abs(millis);
  if (size < 1_000) return digits(millis, 0) + GAP + "ms";
  if (size < 10_000) return digits(millis / 1_000, 1) + GAP + "s";
  if (size < 120_000) return digits(millis / 1_000, 0) + GAP + "s";
  if (size < 7_200_000) return digits(millis / 60_000, 0) + GAP + "min";
  if (size < 172_800_000) return digits(millis / 3_600_000, 0) + GAP + "h";
  return digits(millis / 86_400_000, 0) + GAP + "d";
}

/** 20 KiB. */
export function bytes(value) {
  if (!isFigure(value)) return NONE;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return digits(size, unit === 0 || size >= 10 ? 0 : 1) + GAP + units[unit];
}

/** 2026-01-05 09:30:00 UTC, of epoch milliseconds. */
export function instant(millis) {
  if (!isFigure(millis) || Math.abs(millis) > 8.64e15) return NONE;
  return new Date(millis).toISOString().slice(0, 19).replace("T", " ") + " UTC";
}

/** 09:30:00, of epoch milliseconds, UTC. */
export function clock(millis) {
  return isFigure(millis) ? instant(millis).slice(11, 19) : NONE;
}

/** A figure by its name, which tells its unit: shares and rates are percent, and units come last in names. */
export function figure(name, value) {
  if (/share$|rate$|utilisation$|divergence$/i.test(name)) return percent(value);
  if (/micros$/i.test(name)) return micros(value);
  if (/millis$/i.test(name)) return duration(value);
  if (/seconds$/i.test(name)) return isFigure(value) ? duration(value * 1_000) : NONE;
  if (/volume$|bytes$/i.test(name)) return bytes(value);
  return number(value);
}

/** A name in words: forecastShare is forecast share, latencyP99Micros is latency p99. */
export function words(name) {
  return String(name ?? "")
    .replace(/(Micros|Millis|Seconds)$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/-/g, " ")
    .toLowerCase();
}

/** a, b and c. */
export function list(names) {
  if (names.length < 2) return names.join("");
  return names.slice(0, -1).join(", ") + " and " + names[names.length - 1];
}
