// The list of hits: snippets, why each is there, what is like it, and the document around it.

import { call, pathOf } from "./api.js";
import { bar, find, make, marked } from "./dom.js";

const number = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

export function titleOf(hit) {
  const { title, heading } = hit.fields;
  const parts = [title, heading].filter((part) => typeof part === "string" && part);
  return parts.length > 0 ? parts.join(" › ") : String(hit.key);
}

function whyOf(explanation) {
  const box = make("div", { className: "why" });
  const whole = Math.max(explanation.fused, 1e-12);
  for (const [name, kind] of [
    ["Meaning", "vector"],
    ["Words", "keyword"],
  ]) {
    const ranker = explanation[kind];
    box.append(
      make("span", {}, name),
      ranker ? bar(ranker.contribution / whole, kind) : make("span", { className: "hint" }, "did not bring it"),
      make("span", {}, ranker ? `rank ${ranker.rank}, ${number(ranker.score)} → ${number(ranker.contribution)}` : ""),
    );
  }
  const most = Math.max(...explanation.terms.map((term) => term.score), 1e-12);
  for (const term of explanation.terms) {
    box.append(make("span", {}, `“${term.term}” in ${term.field}`), bar(term.score / most, "keyword"), make("span", {}, number(term.score)));
  }
  box.append(make("b", {}, "Score"), make("span", {}), make("b", {}, number(explanation.fused)));
  return box;
}

export async function openPassage(collection, schema, hit) {
  const dialog = find("passage");
  find("passage-title").textContent = titleOf(hit);
  const text = find("passage-text");
  const paragraph = (fields, isHere) => make("p", { className: isHere ? "here" : "" }, String(fields.text ?? fields.content ?? JSON.stringify(fields, null, 1)));
  text.replaceChildren(paragraph(hit.fields, true));
  if (!dialog.open) dialog.showModal();
  const has = (name) => schema.fields.some((field) => field.name === name && field.isFilterable);
  if (!has("source") || !has("chunk") || !hit.fields.source) return;
  const page = await call("POST", pathOf(collection) + "/documents/scroll", {
    filter: { source: hit.fields.source },
    orderBy: [{ field: "chunk" }],
    limit: 200,
  });
  text.replaceChildren(...page.documents.map((document) => paragraph(document.fields, document.key === hit.key)));
  text.querySelector(".here")?.scrollIntoView({ block: "center" });
}

export function showHits(list, hits, context) {
  list.replaceChildren(
    ...hits.map((hit) => {
      const why = hit.explanation ? whyOf(hit.explanation) : null;
      if (why) why.hidden = true;
      const details = make("button", {
        type: "button",
        textContent: "Why this result",
        "aria-expanded": "false",
        onclick: () => {
          why.hidden = !why.hidden;
          details.setAttribute("aria-expanded", String(!why.hidden));
        },
      });
      return make(
        "li",
        { "data-key": String(hit.key) },
        make("h2", {}, make("button", { type: "button", textContent: titleOf(hit), onclick: () => context.open(hit) })),
        make("div", { className: "source" }, [hit.fields.source, hit.fields.page ? "page " + hit.fields.page : null].filter(Boolean).join(", ")),
        hit.snippet ? make("p", { className: "snippet" }, ...marked(hit.snippet.text, hit.snippet.matches)) : null,
        make("div", { className: "tools" }, why ? details : null, make("button", { type: "button", textContent: "Similar", onclick: () => context.similar(hit) })),
        why,
      );
    }),
  );
}

export function showFacets(filters, facets, chosen, changed) {
  const box = find("facets");
  // They are drawn anew after each tick: the focus stays on the value that had it.
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.facet : null;
  box.replaceChildren(
    ...(facets ?? [])
      .filter((facet) => facet.values.length > 1 || chosen[facet.field])
      .map((facet) =>
        make(
          "section",
          {},
          make("h2", {}, facet.field),
          ...facet.values.map(({ value, count }) => {
            const picked = (chosen[facet.field] ??= new Set());
            return make(
              "label",
              {},
              make("input", {
                type: "checkbox",
                "data-facet": facet.field + "\n" + value,
                checked: picked.has(value),
                onchange: (event) => {
                  if (event.target.checked) picked.add(value);
                  else picked.delete(value);
                  changed();
                },
              }),
              make("span", {}, String(value)),
              make("span", { className: "count" }, String(count)),
            );
          }),
        ),
      ),
  );
  const picked = Object.values(chosen).reduce((sum, values) => sum + values.size, 0);
  find("chosen").textContent = picked > 0 ? `: ${picked} chosen` : "";
  filters.hidden = box.childElementCount === 0;
  if (focused !== null) [...box.querySelectorAll("input")].find((input) => input.dataset.facet === focused)?.focus();
}
