// Calls of the host. A key that it asks for is kept for this tab alone.

let key = sessionStorage.getItem("key");
let asking = null;

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

function askForKey() {
  asking ??= new Promise((resolve) => {
    const dialog = document.getElementById("key");
    const value = document.getElementById("key-value");
    dialog.addEventListener(
      "close",
      () => {
        key = value.value.trim();
        sessionStorage.setItem("key", key);
        asking = null;
        resolve();
      },
      { once: true },
    );
    value.value = "";
    dialog.showModal();
  });
  return asking;
}

export async function request(method, path, body, signal) {
  for (;;) {
    const headers = {};
    if (key) headers.Authorization = "Bearer " + key;
    const isForm = body instanceof FormData;
    if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
    const reply = await fetch(path, { method, headers, signal, body: body === undefined || isForm ? body : JSON.stringify(body) });
    if (reply.status === 401) {
      await askForKey();
      continue;
    }
    if (reply.ok) return reply;
    const problem = await reply.json().catch(() => ({}));
    throw new Problem(reply.status, problem.detail ?? "The host answered " + reply.status + ".");
  }
}

export async function call(method, path, body, signal) {
  const reply = await request(method, path, body, signal);
  return reply.status === 204 ? null : reply.json();
}

// Server-sent events by fetch: EventSource cannot send a key.
export async function* events(path) {
  const reply = await request("GET", path);
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    pending += value;
    const parts = pending.split("\n\n");
    pending = parts.pop();
    for (const part of parts) {
      const data = part
        .split("\n")
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).trimStart())
        .join("\n");
      if (data) yield JSON.parse(data);
    }
  }
}

export const pathOf = (collection) => "/collections/" + encodeURIComponent(collection);
