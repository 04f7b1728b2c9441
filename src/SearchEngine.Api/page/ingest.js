// Files dropped or chosen become a job; its progress is shown as it comes.

import { call, events, pathOf } from "./api.js";
import { bytes, find, make } from "./dom.js";

// The files that were dropped, those in folders too, each with its path.
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files].map((file) => ({ file, path: file.name }));
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) {
      found.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path: entry.fullPath.replace(/^\//, "") });
      return;
    }
    // A folder is read a hundred entries at a time.
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return;
      for (const inner of some) await walk(inner);
    }
  };
  for (const entry of entries) await walk(entry);
  return found;
}

export function bindIngest(context) {
  const drop = find("drop");
  const send = async (files) => {
    const collection = find("newname").value.trim() || context.collection();
    if (!collection || files.length === 0) {
      context.say(collection ? "No file was chosen." : "Name a collection first.");
      return;
    }
    const form = new FormData();
    for (const { file, path } of files) form.append("files", file, path);
    const bar = make("progress", { max: 1, value: 0, "aria-label": "Progress" });
    const line = make("span", {}, `${files.length} ${files.length === 1 ? "file" : "files"} into ${collection}: being sent…`);
    const cancel = make("button", { type: "button", textContent: "Cancel" });
    const details = make("div", { className: "hint" });
    find("jobs").prepend(make("li", {}, line, " ", cancel, bar, details));
    try {
      const job = await call("POST", pathOf(collection) + "/ingest", form);
      cancel.onclick = () => call("DELETE", "/jobs/" + job.id);
      for await (const state of events(`/jobs/${job.id}/events`)) {
        bar.max = state.totalBytes || 1;
        bar.value = state.state === "done" ? bar.max : state.bytes;
        line.textContent = `${collection}: ${state.state}, ${state.files} of ${state.totalFiles} files, ${state.chunks} passages, ${bytes(state.bytes)}`;
        details.textContent = state.problem ?? "";
        if (state.report) {
          line.textContent = `${collection}: done, ${state.report.read} files read, ${state.report.chunks} passages in ${state.report.seconds.toFixed(1)} s`;
          details.textContent = [...state.report.failures, ...state.report.warnings].map((p) => `${p.path}: ${p.message}`).join(" · ");
        }
      }
      await context.refresh(collection);
    } catch (error) {
      line.textContent = `${collection}: ${error.message}`;
    } finally {
      cancel.remove();
    }
  };
  find("files").addEventListener("change", (event) => {
    send([...event.target.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
    // The same files may be chosen again.
    event.target.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    try {
      await send(await dropped(event.dataTransfer));
    } catch (error) {
      context.say("What was dropped cannot be read: " + error.message);
    }
  });
}
