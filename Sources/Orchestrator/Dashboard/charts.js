// Small charts as SVG. Colours are classes; positions are attributes in the units of the view box.

import { s } from "/dashboard/elements.js";

/** A scale from [low, high] to [0, width], held within it. */
export function scale(low, high, width) {
  const span = high - low || 1;
  return (value) => Math.round(Math.min(Math.max((value - low) / span, 0), 1) * width * 100) / 100;
}

/** A chart for the eye; `label` says the same in words. */
function chart(width, height, kind, label, ...children) {
  const view = { viewBox: `0 0 ${width} ${height}`, class: `chart ${kind}`, preserveAspectRatio: "none" };
  return s("svg", { ...view, role: "img", "aria-label": label }, children);
}

function bar(x, y, width, height, kind) {
  return s("rect", { x, y, width: Math.max(width, 0), height, class: kind });
}

function tick(x, from, to, kind) {
  return s("line", { x1: x, x2: x, y1: from, y2: to, class: kind });
}

/** The last values as a line from zero; decorative, so hidden from screen readers. */
export function sparkline(values) {
  const top = Math.max(...values, 0) || 1;
  const x = scale(0, Math.max(values.length - 1, 1), 100);
  const points = values.map((value, index) => `${x(index)},${18 - scale(0, top, 16)(value)}`);
  const line = s("polyline", { points: points.join(" "), class: "spark-line" });
  const area = s("polygon", { points: `0,18 ${points.join(" ")} ${x(values.length - 1)},18`, class: "spark-area" });
  const view = { viewBox: "0 0 100 18", class: "chart spark", preserveAspectRatio: "none", "aria-hidden": "true" };
  return s("svg", view, values.length > 1 && [area, line]);
}

/** A level from 0 to 1 with a mark; `kind` is ok, warn or bad. */
export function level(value, kind, label) {
  return chart(100, 8, "level", label, bar(0, 0, 100, 8, "track"), bar(0, 0, scale(0, 1, 100)(value), 8, kind));
}

/** A bullet chart: what is measured as a bar, the forecast as a band with its middle, the threshold as a line. */
export function bullet({ measured, low, expected, high, threshold }, label) {
  const values = [measured, low, expected, high, threshold].filter(Number.isFinite);
  const x = scale(0, Math.max(...values, 0.01) * 1.15, 200);
  const has = Number.isFinite;
  return chart(200, 22, "bullet", label, [
    bar(0, 2, 200, 18, "track"),
    has(low) && has(high) && bar(x(low), 4, x(high) - x(low), 14, "forecast"),
    has(measured) && bar(0, 8, x(measured), 6, measured >= threshold ? "measured over" : "measured"),
    has(expected) && tick(x(expected), 4, 18, "expected"),
    has(threshold) && tick(x(threshold), 0, 22, "threshold"),
  ]);
}

/** An interval around an estimate, beside a zero line, on the scale from -reach to reach; lower is better. */
export function whisker({ estimate, low, high }, reach, label) {
  const x = scale(-reach, reach, 200);
  const kind = high < 0 ? "whisker better" : low > 0 ? "whisker worse" : "whisker";
  return chart(200, 22, kind, label, [
    bar(0, 2, 200, 18, "track"),
    tick(x(0), 0, 22, "zero"),
    s("line", { x1: x(low), x2: x(high), y1: 11, y2: 11, class: "reach" }),
    tick(x(low), 7, 15, "reach"),
    tick(x(high), 7, 15, "reach"),
    bar(x(estimate) - 2, 6, 4, 10, "estimate"),
  ]);
}

/** Parts of a sum side by side; parts under zero go to the left of the zero line. `parts` are {kind, value}. */
export function stack(parts, lowest, highest, label) {
  const x = scale(lowest, highest, 200);
  let up = 0;
  let down = 0;
  const bars = parts.map(({ kind, value }) => {
    const from = value < 0 ? down + value : up;
    if (value < 0) down += value;
    else up += value;
    return bar(x(from), 2, x(from + Math.abs(value)) - x(from), 12, kind);
  });
  return chart(200, 16, "stack-chart", label, bar(0, 2, 200, 12, "track"), bars, tick(x(0), 0, 16, "zero"));
}

/** Two shares of the same thing, one over the other. */
export function pair(first, second, label) {
  const x = scale(0, 1, 200);
  return chart(200, 16, "pair", label, [
    bar(0, 0, 200, 16, "track"),
    bar(0, 1, x(first), 6, "first"),
    bar(0, 9, x(second), 6, "second"),
  ]);
}
