// The collection as points on a plane. Hovering shows a passage, a click opens it; the hits of the query light up.

import { find, make } from "./dom.js";

const palette = ["#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#0891b2", "#be185d", "#65a30d"];
const other = "#7b8494";

let points = [];
let hits = new Set();
let colors = new Map();
let nearest = null;

const canvas = find("map");

function place(point) {
  const margin = 16;
  const half = Math.min(canvas.clientWidth, canvas.clientHeight) / 2 - margin;
  const wide = canvas.clientWidth / 2 - margin;
  return [canvas.clientWidth / 2 + point.x * Math.max(half, wide * 0.9), canvas.clientHeight / 2 + point.y * half];
}

export function draw() {
  const scale = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * scale;
  canvas.height = canvas.clientHeight * scale;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const ink = getComputedStyle(document.body).color;
  const lit = points.filter((point) => hits.has(String(point.key)));
  for (const point of points) {
    const [x, y] = place(point);
    context.globalAlpha = lit.length > 0 ? 0.35 : 0.8;
    context.fillStyle = colors.get(point.color) ?? other;
    context.beginPath();
    context.arc(x, y, 3.5, 0, 7);
    context.fill();
  }
  context.globalAlpha = 1;
  for (const point of lit) {
    const [x, y] = place(point);
    context.fillStyle = colors.get(point.color) ?? other;
    context.strokeStyle = ink;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, 7, 0, 7);
    context.fill();
    context.stroke();
  }
  if (lit.length > 1) {
    // Where the query stands: among its hits.
    const middle = { x: lit.reduce((sum, p) => sum + p.x, 0) / lit.length, y: lit.reduce((sum, p) => sum + p.y, 0) / lit.length };
    const [x, y] = place(middle);
    context.strokeStyle = ink;
    context.beginPath();
    context.moveTo(x - 9, y);
    context.lineTo(x + 9, y);
    context.moveTo(x, y - 9);
    context.lineTo(x, y + 9);
    context.stroke();
  }
  if (nearest) {
    const [x, y] = place(nearest);
    context.strokeStyle = ink;
    context.lineWidth = 3;
    context.beginPath();
    context.arc(x, y, 9, 0, 7);
    context.stroke();
  }
}

export function showMap(map, lit) {
  points = map.points;
  nearest = null;
  const counts = new Map();
  for (const point of points) {
    if (point.color !== null && point.color !== undefined) counts.set(point.color, (counts.get(point.color) ?? 0) + 1);
  }
  const largest = [...counts].sort((a, b) => b[1] - a[1]).slice(0, palette.length);
  colors = new Map(largest.map(([value], i) => [value, palette[i]]));
  find("legend").replaceChildren(
    ...largest.map(([value, count], i) => {
      const dot = make("canvas", { width: 12, height: 12 });
      const context = dot.getContext("2d");
      context.fillStyle = palette[i];
      context.arc(6, 6, 6, 0, 7);
      context.fill();
      return make("span", {}, dot, `${value} (${count})`);
    }),
  );
  light(lit);
}

export function light(keys) {
  hits = new Set([...keys].map(String));
  draw();
}

function look(event) {
  const box = canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let best = 400;
  nearest = null;
  for (const point of points) {
    const [px, py] = place(point);
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance < best) {
      best = distance;
      nearest = point;
    }
  }
  find("tip").textContent = nearest ? nearest.title + (nearest.color ? " — " + nearest.color : "") : "";
  draw();
}

export function bindMap(open) {
  canvas.addEventListener("pointermove", look);
  canvas.addEventListener("pointerdown", look);
  canvas.addEventListener("click", () => nearest && open(nearest));
  canvas.addEventListener("keydown", (event) => {
    if (!["ArrowRight", "ArrowLeft", "Enter"].includes(event.key) || points.length === 0) return;
    event.preventDefault();
    if (event.key === "Enter") {
      if (nearest) open(nearest);
      return;
    }
    const step = event.key === "ArrowRight" ? 1 : points.length - 1;
    nearest = points[((nearest ? points.indexOf(nearest) : -1) + step + points.length) % points.length];
    find("tip").textContent = nearest.title;
    draw();
  });
  window.addEventListener("resize", () => !find("view-map").hidden && draw());
}
