// Server-sent events over fetch, which unlike EventSource can carry a token, with reconnection.

import { get, request } from "/dashboard/api.js";

const FIRST_RETRY_MILLIS = 500;
const LAST_RETRY_MILLIS = 15_000;
// The service sends about once a second; after this long without a byte the connection is taken for dead.
const SILENCE_MILLIS = 10_000;
// An event larger than this is not one of ours.
const EVENT_CHARACTERS_MAX = 16_000_000;

/** Takes the text of a stream in pieces of any size and calls `emit(name, data)` for every event (WHATWG, 9.2.6). */
export class EventParser {
  constructor(emit) {
    this.emit = emit;
    this.rest = "";
    this.name = "";
    this.data = [];
  }

  push(text) {
    this.rest += text;
    if (this.rest.length > EVENT_CHARACTERS_MAX) throw new Error("an event without end");
    // A carriage return at the end may be the first half of a line's end.
    const isSplit = this.rest.endsWith("\r");
    const lines = (isSplit ? this.rest.slice(0, -1) : this.rest).split(/\r\n|\n|\r/);
    this.rest = lines.pop() + (isSplit ? "\r" : "");
    lines.forEach((line) => this.take(line));
  }

  take(line) {
    if (line === "") {
      if (this.data.length) this.emit(this.name || "message", this.data.join("\n"));
      this.name = "";
      this.data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.name = value;
    else if (field === "data") this.data.push(value);
  }
}

/** Follows the service for as long as the page lives: `on.<event>(object)`, and `on.problem(problem)` when it fails. */
export class Feed {
  constructor(on) {
    this.on = on;
    this.retryMillis = FIRST_RETRY_MILLIS;
    this.wake = () => {};
  }

  /** Never returns. Asks for the overview first, so that there are figures even where streams do not get through. */
  async follow() {
    for (;;) {
      try {
        this.on.overview(await get("/v1/overview", { signal: AbortSignal.timeout(SILENCE_MILLIS) }));
        await this.stream();
      } catch (problem) {
        this.on.problem(problem);
        // To ask again without another token would be in vain.
        if (problem.status === 401) await new Promise((resolve) => (this.wake = resolve));
      }
      await this.pause();
    }
  }

  /** Ends a pause between two attempts, or the wait for a token. */
  retryNow() {
    this.retryMillis = FIRST_RETRY_MILLIS;
    this.wake();
  }

  /** Waits longer after every failure; by chance, so that many pages do not come back at once. */
  pause() {
    const millis = this.retryMillis * (0.5 + Math.random() / 2);
    this.retryMillis = Math.min(this.retryMillis * 2, LAST_RETRY_MILLIS);
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, millis);
    });
  }

  async stream() {
    const abort = new AbortController();
    let watchdog = setTimeout(() => abort.abort(), SILENCE_MILLIS);
    try {
      const response = await request("/v1/events", { accept: "text/event-stream", signal: abort.signal });
      const parser = new EventParser((name, data) => this.receive(name, data));
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => abort.abort(), SILENCE_MILLIS);
        parser.push(value);
      }
    } finally {
      clearTimeout(watchdog);
      abort.abort();
    }
  }

  receive(name, data) {
    const handler = this.on[name];
    if (!handler) return;
    this.retryMillis = FIRST_RETRY_MILLIS;
    handler(JSON.parse(data));
  }
}
