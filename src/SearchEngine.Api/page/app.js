// The page: what is chosen, what is asked, what is shown.

import { call, pathOf, Problem } from "./api.js";
import { leaveCluster, watchCluster } from "./cluster.js";
import { bytes, find, make, table } from "./dom.js";
import { bindIngest } from "./ingest.js";
import { bindMap, light, showMap } from "./map.js";
import { openPassage, showFacets, showHits } from "./results.js";

const pause = 150;
const facetFields = 4;
const state = { collections: [], chosen: {}, hits: [], running: null, timer: 0, weightTouched: false, farthestAnswer: null };

const say = (text) => (find("status").textContent = text);
const schema = () => state.collections.find((collection) => collection.name === find("collection").value);

function tell(error) {
  if (error.name !== "AbortError") say(error instanceof Problem ? error.message : "The host cannot be reached.");
}

async function guarded(run) {
  try {
    await run();
  } catch (error) {
    tell(error);
  }
}

async function loadCollections(select) {
  const collections = [];
  let after = null;
  do {
    const page = await call("GET", "/collections" + (after ? "?after=" + encodeURIComponent(after) : ""));
    collections.push(...page.collections);
    after = page.next;
  } while (after);
  state.collections = collections;
  const box = find("collection");
  const before = select ?? (box.value || new URLSearchParams(location.search).get("collection"));
  box.replaceChildren(...collections.filter((c) => !c.problem).map((c) => make("option", { value: c.name, textContent: c.name })));
  if ([...box.options].some((option) => option.value === before)) box.value = before;
  find("target").textContent = box.value || "(none yet)";
  showCollections();
  showColors();
}

function showCollections() {
  const { whole, body } = table("Collections", ["Name", "Documents", "Model", "On disk", "In memory", "Health"]);
  const texts = (c) => [c.records.toLocaleString(), c.model ?? "—", bytes(c.diskBytes), bytes(c.memoryBytes), c.problem ?? "sound"];
  const row = (c) => make("tr", {}, make("th", { scope: "row" }, c.name), ...texts(c).map((text) => make("td", {}, text)));
  body.append(...state.collections.map(row));
  find("view-collections").replaceChildren(whole);
}

const facetable = () =>
  (schema()?.fields ?? []).filter((f) => f.isFilterable && !["double", "single", "dateTime", "dateTimeOffset"].includes(f.type) && f.name !== "chunk" && f.name !== "line" && f.name !== "page" && f.name !== "document");

function showColors() {
  find("color").replaceChildren(make("option", { value: "", textContent: "nothing" }), ...facetable().map((f) => make("option", { value: f.name, textContent: f.name })));
  find("color").value = facetable().find((f) => f.name === "source")?.name ?? facetable()[0]?.name ?? "";
}

function filter() {
  const members = Object.entries(state.chosen).filter(([, values]) => values.size > 0);
  return members.length > 0 ? Object.fromEntries(members.map(([field, values]) => [field, [...values]])) : null;
}

function fusion() {
  const weight = Number(find("weight").value) / 100;
  return state.weightTouched ? { vectorWeight: weight, keywordWeight: 1 - weight } : undefined;
}

async function search() {
  state.running?.abort();
  const query = find("query").value.trim();
  const collection = find("collection").value;
  if (!query || !collection) {
    find("results").replaceChildren();
    showFacets(find("filters"), [], state.chosen, search);
    state.hits = [];
    say(collection ? "" : "There is no collection yet: add files to begin.");
    return;
  }
  const running = (state.running = new AbortController());
  await guarded(async () => {
    const asked = { query, k: 20, explain: true, allowPartial: true, filter: filter(), fusion: fusion(), facets: facetable().slice(0, facetFields).map((f) => ({ field: f.name, top: 8 })) };
    const mode = new FormData(find("search")).get("mode");
    const canBoth = schema().vectors.length > 0 && schema().fields.some((f) => f.isFullText);
    if (canBoth) asked.mode = mode;
    if (!canBoth || mode !== "hybrid") delete asked.fusion;
    else if (state.farthestAnswer != null && schema().vectors.every((vector) => vector.metric === "cosine")) asked.farthestAnswer = state.farthestAnswer;
    find("weight").disabled = !canBoth || mode !== "hybrid";
    const reply = await call("POST", pathOf(collection) + "/search", asked, running.signal);
    const nothing = asked.farthestAnswer !== undefined && reply.hits.length === 0 && !asked.filter;
    const before = nothing ? "No passage has a word of it or is near in meaning: " : "";
    show(reply, reply.correction ? `Nothing holds “${query}”; searched for “${reply.correction.text}”. ` : before);
    showFacets(find("filters"), reply.facets, state.chosen, search);
    history.replaceState(null, "", "?" + new URLSearchParams({ collection, q: query, mode }));
  });
}

function show(reply, before) {
  state.hits = reply.hits;
  showHits(find("results"), reply.hits, { open, similar });
  light(reply.hits.map((hit) => hit.key));
  const missing = reply.missingShards ? `; shard ${reply.missingShards.join(", ")} did not answer, so what lies there is not among them` : "";
  say(`${before}${reply.hits.length} ${reply.hits.length === 1 ? "passage" : "passages"} in ${(reply.seconds * 1000).toFixed(0)} ms${missing}`);
}

const open = (hit) => guarded(() => openPassage(find("collection").value, schema(), hit));

const similar = (hit) =>
  guarded(async () => {
    const reply = await call("POST", pathOf(find("collection").value) + "/recommend", { like: [hit.key], search: { k: 20, snippetField: schema().fields.find((f) => f.name === "text")?.name } });
    show(reply, `Like “${hit.fields.title ?? hit.key}”: `);
  });

async function suggest() {
  const text = find("query").value;
  if (!text.trim() || !find("collection").value) return;
  const reply = await call("GET", `${pathOf(find("collection").value)}/suggest?text=${encodeURIComponent(text)}`);
  find("suggestions").replaceChildren(...reply.suggestions.map((suggestion) => make("option", { value: suggestion.text })));
}

const map = () =>
  guarded(async () => {
    const collection = find("collection").value;
    if (!collection) return;
    say("The map is being made…");
    const color = find("color").value;
    const reply = await call("GET", `${pathOf(collection)}/map${color ? "?color=" + encodeURIComponent(color) : ""}`);
    showMap(reply, state.hits.map((hit) => hit.key));
    say(`${reply.points.length.toLocaleString()} of ${reply.records.toLocaleString()} passages`);
  });

function pick(tab) {
  for (const other of document.querySelectorAll("[role=tab]")) {
    const isPicked = other === tab;
    other.setAttribute("aria-selected", String(isPicked));
    other.tabIndex = isPicked ? 0 : -1;
    find(other.getAttribute("aria-controls")).hidden = !isPicked;
  }
  if (tab.id === "tab-map") map();
  if (tab.id === "tab-collections") guarded(() => loadCollections());
  leaveCluster();
  if (tab.id === "tab-cluster") watchCluster(say, tell);
}

function bind() {
  const soon = () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => {
      search();
      guarded(suggest);
    }, pause);
  };
  find("query").addEventListener("input", soon);
  find("search").addEventListener("submit", (event) => {
    event.preventDefault();
    pick(find("tab-search"));
    search();
  });
  find("search").addEventListener("change", (event) => event.target.name === "mode" && search());
  find("weight").addEventListener("input", () => {
    state.weightTouched = true;
    soon();
  });
  find("collection").addEventListener("change", () => {
    state.chosen = {};
    find("target").textContent = find("collection").value;
    showColors();
    search();
    if (!find("view-map").hidden) map();
  });
  find("color").addEventListener("change", map);
  // Beside the hits where there is room, folded above them where there is none.
  const narrow = matchMedia("(max-width: 45rem)");
  const fold = () => (find("filters").open = !narrow.matches);
  narrow.addEventListener("change", fold);
  fold();
  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.addEventListener("click", () => pick(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const tabs = [...document.querySelectorAll("[role=tab]:not([hidden])")];
      const next = tabs.at((tabs.indexOf(tab) + step) % tabs.length);
      pick(next);
      next.focus();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const titles = [...document.querySelectorAll("#results h2 button")];
    const at = titles.indexOf(document.activeElement);
    if (event.key === "/" && !["INPUT", "SELECT"].includes(document.activeElement.tagName)) {
      event.preventDefault();
      find("query").focus();
    } else if (event.key === "ArrowDown" && (at >= 0 || document.activeElement === find("query")) && titles[at + 1]) {
      event.preventDefault();
      titles[at + 1].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (titles[at - 1] ?? find("query")).focus();
    }
  });
  bindMap((point) => guarded(async () => open(await call("GET", `${pathOf(find("collection").value)}/documents/${encodeURIComponent(point.key)}`))));
  bindIngest({ say, collection: () => find("collection").value, refresh: (name) => loadCollections(name) });
}

bind();
guarded(async () => {
  const health = await call("GET", "/health");
  find("weight").value = Math.round(health.vectorWeight * 100);
  state.farthestAnswer = health.farthestAnswer;
  // A map is made of the files of one machine.
  find("tab-map").hidden = health.cluster;
  find("tab-cluster").hidden = !health.cluster;
  const parameters = new URLSearchParams(location.search);
  const tab = document.querySelector(`[role=tab]:not([hidden])#tab-${CSS.escape(parameters.get("view") ?? "")}`);
  // Not behind the collections: they are what waits where shards do not answer.
  if (tab === find("tab-cluster")) pick(tab);
  await loadCollections();
  const mode = document.querySelector(`[name=mode][value="${CSS.escape(parameters.get("mode") ?? "")}"]`);
  if (mode) mode.checked = true;
  find("query").value = parameters.get("q") ?? "";
  await search();
  find("query").focus();
  if (tab) pick(tab);
});
