// Makes elements. Text goes in as text, never as markup: documents may hold anything.

export const find = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function bytes(count) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000;
    unit++;
  }
  return (count < 10 && unit > 0 ? count.toFixed(1) : Math.round(count)) + " " + units[unit];
}

// A table under its title, in a box that scrolls by itself where it is too narrow; the body is to be filled.
export function table(title, heads) {
  const body = make("tbody");
  const head = make("thead", {}, make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name))));
  const whole = make("div", { className: "wide", tabIndex: 0, role: "region", "aria-label": title }, make("table", {}, make("caption", {}, title), head, body));
  return { whole, body };
}

// A text with the spans that matched marked.
export function marked(text, matches) {
  const parts = [];
  let at = 0;
  for (const { start, length } of matches) {
    parts.push(text.slice(at, start), make("mark", {}, text.slice(start, start + length)));
    at = start + length;
  }
  parts.push(text.slice(at));
  return parts;
}

// A bar of a part of the whole, with its value said beside it.
export function bar(part, kind) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("aria-hidden", "true");
  const rect = document.createElementNS(space, "rect");
  rect.setAttribute("class", kind);
  rect.setAttribute("height", "100%");
  rect.setAttribute("rx", "2");
  rect.setAttribute("width", Math.max(0, Math.min(1, part)) * 100 + "%");
  svg.append(rect);
  return make("div", { className: "bar" }, svg);
}
