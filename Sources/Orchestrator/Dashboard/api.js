// Requests to the service: the token if it asks for one, and its problem details as errors.

const KEY = "foreshadow.token";
let token = remembered();
const askers = [];

function remembered() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** What the service said is wrong (RFC 9457), or that it could not be reached: then the status is 0. */
export class Problem extends Error {
  constructor(status, title, detail) {
    super(detail ? `${title}: ${detail}` : title);
    this.status = status;
    this.title = title;
    this.detail = detail ?? "";
  }
}

/** Calls `asker(isRefused)` whenever the service wants a token: another one, if it refused the one this page has. */
export function onTokenWanted(asker) {
  askers.push(asker);
}

/** Uses a bearer token from now on, until the tab is closed. */
export function useToken(text) {
  token = text;
  try {
    sessionStorage.setItem(KEY, text);
  } catch {
    // Denied: it lasts as long as the page.
  }
}

/** The response to a GET; throws a `Problem` unless it is one of success. */
export async function request(path, { accept = "application/json", signal } = {}) {
  const headers = { accept };
  if (token) headers.authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { headers, signal, cache: "no-store", credentials: "same-origin" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, "The service cannot be reached", "");
  }
  if (response.ok) return response;
  if (response.status === 401) askers.forEach((asker) => asker(token !== null));
  throw await problem(response);
}

/** The JSON of a GET. */
export async function get(path, options) {
  const response = await request(path, options);
  try {
    return await response.json();
  } catch {
    throw new Problem(response.status, "The answer is not JSON", path);
  }
}

async function problem(response) {
  try {
    const body = await response.json();
    return new Problem(response.status, body.title ?? `Status ${response.status}`, body.detail);
  } catch {
    return new Problem(response.status, `Status ${response.status}`, response.statusText);
  }
}
