// Files dropped or chosen become a job; its progress is shown as it comes.

import { call, events, pathOf } from "./api.js";
import { bytes, find, make } from "./dom.js";

export function bindIngest(context) {
  const drop = find("drop");
  const send = async (files) => {
    const collection = find("newname").value.trim() || context.collection();
    if (!collection || files.length === 0) {
      context.say(collection ? "No file was chosen." : "Name a collection first.");
      return;
    }
    const form = new FormData();
    for (const file of files) form.append("files", file, file.webkitRelativePath || file.name);
    const bar = make("progress", { max: 1, value: 0, "aria-label": "Progress" });
    const line = make("span", {}, `${files.length} files into ${collection}: being sent…`);
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
    send([...event.target.files]);
  });
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    send([...event.dataTransfer.files]);
  });
}
