// What comes from the service goes to the panels.

import { byId } from "/dashboard/elements.js";
import { Feed } from "/dashboard/events.js";
import { onTokenWanted, useToken } from "/dashboard/api.js";
import { noteArrival, showConnection, showFailure, showHeader } from "/dashboard/header.js";
import { showFlow } from "/dashboard/flow.js";
import { fitMatrix, showLegend, showMatrix } from "/dashboard/matrix.js";
import { listenToPartitions, showPartitions } from "/dashboard/partitions.js";
import { showShadows } from "/dashboard/shadows.js";
import { showExperiments } from "/dashboard/experiments.js";
import { showAlert, showAlerts } from "/dashboard/alerts.js";
import { listenToTail, tailAlert, tailCommand, tailDecision } from "/dashboard/tail.js";
import { listenToLookup } from "/dashboard/lookup.js";

const PANELS = [showHeader, showFlow, showAlerts, showMatrix, showPartitions, showShadows, showExperiments];
const AGE_EVERY_MILLIS = 1_000;

let updates = 0;
let waiting = null;

/** A panel that fails must not take the others with it. */
function show(panels, value) {
  for (const panel of panels) {
    try {
      panel(value);
    } catch (error) {
      console.error(error);
    }
  }
}

/** The newest overview is drawn with the next frame; hidden pages draw none until they are seen again. */
function takeOverview(overview) {
  noteArrival(overview);
  if (waiting === null) requestAnimationFrame(drawOverview);
  waiting = overview;
}

function drawOverview() {
  const overview = waiting;
  waiting = null;
  show(PANELS, overview);
  updates += 1;
  byId("main").dataset.updates = String(updates);
}

const feed = new Feed({
  overview: takeOverview,
  decision: (decision) => show([tailDecision], decision),
  command: (command) => show([tailCommand], command),
  alert: (alert) => show([showAlert, tailAlert], alert),
  problem: (problem) => show([showFailure], problem),
});

onTokenWanted((isRefused) => {
  byId("token-title").textContent = isRefused ? "The service refuses this token" : "This service asks for a token";
  byId("token-form").hidden = false;
});

byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  useToken(byId("token").value.trim());
  byId("token").value = "";
  byId("token-form").hidden = true;
  feed.retryNow();
});

showLegend();
listenToPartitions();
listenToTail();
listenToLookup();
new ResizeObserver(fitMatrix).observe(byId("matrix"));
setInterval(showConnection, AGE_EVERY_MILLIS);
feed.follow();
