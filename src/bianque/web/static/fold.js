// The picture of a structure: what is at the position under the pointer, and a window chosen by dragging or turning.
// A fold that is under way: how far it is. Without this file the forms, the links and the tables do the same.

const at = (selector, root = document) => root.querySelector(selector);
const CHUNK = 1000; // positions that are asked for at once
const NARROWEST = 10; // nt, as the server's
const A_DRAG = 6; // pixels: less is a click
const asked = new Map();

const figureOf = (event) => event.target.closest?.("[data-positions]");
const drawingOf = (figure) => at("svg", figure);
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

// The pointer in units of the drawing's viewBox.
function inDrawing(svg, event) {
  const box = svg.getBoundingClientRect();
  const { width, height } = svg.viewBox.baseVal;
  return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
}

// The position (from 1) below the pointer, as bianque/treat/rna/drawing.py documents it; null outside the drawing.
function positionAt(svg, event, clamped = false) {
  const [x, y] = inDrawing(svg, event);
  const [first, last, left, right, cx, cy, r] = ["first", "last", "left", "right", "cx", "cy", "r"].map((key) => Number(svg.dataset[key]));
  let share = (x - left) / (right - left);
  if (svg.dataset.r) {
    const off = Math.hypot(x - cx, y - cy) / r;
    if (off < 0.3 || off > 1.2) return null;
    share = ((Math.atan2(x - cx, cy - y) / (2 * Math.PI)) + 1) % 1;
  }
  if (clamped) share = clamp(share, 0, 1 - 1e-9);
  return share >= 0 && share < 1 ? first + Math.floor(share * (last - first)) + 1 : null;
}

function chunkOf(figure, position) {
  const from = Math.floor((position - 1) / CHUNK) * CHUNK + 1;
  const address = new URL(figure.dataset.positions, location.href);
  address.searchParams.set("from", from);
  address.searchParams.set("to", Math.min(from + CHUNK - 1, Number(figure.dataset.length)));
  address.searchParams.set("lang", document.documentElement.lang);
  if (!asked.has(address.href)) {
    const answer = fetch(address).then((given) => (given.ok ? given.json() : Promise.reject(new Error(given.status))));
    answer.catch(() => asked.delete(address.href));
    asked.set(address.href, answer);
  }
  return asked.get(address.href);
}

function draw(svg, name, attributes) {
  const part = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
  svg.append(part);
  return part;
}

function unmark(svg) {
  svg.querySelectorAll("[data-mark]").forEach((one) => one.remove());
}

// A line through a position, or a dot on the circle's rim.
function mark(svg, position) {
  const { first, last, left, right, cx, cy, r } = svg.dataset;
  const share = (position - 0.5 - first) / (last - first);
  if (share < 0 || share > 1) return;
  if (r) {
    const [x, y] = [Number(cx) + r * Math.sin(2 * Math.PI * share), cy - r * Math.cos(2 * Math.PI * share)];
    draw(svg, "circle", { "data-mark": "", cx: x, cy: y, r: 5, fill: "#b35806" });
  } else {
    const x = Number(left) + share * (right - left);
    draw(svg, "path", { "data-mark": "", d: `M${x} 0V${svg.viewBox.baseVal.height}`, stroke: "#b35806", "stroke-width": 1.2, "pointer-events": "none" });
  }
}

function rowsOf(words, found, position) {
  const i = position - found.first;
  const partner = found.partners[i];
  const loop = found.named[found.loops[i]];
  const rows = [[words.partner, partner ? partner.toLocaleString("en") : words.unpaired]];
  if (found.unpaired) {
    if (partner) rows.push([words.pair_probability, found.probabilities[i]]);
    rows.push([words.unpaired_probability, found.unpaired[i]]);
  }
  rows.push([words.loop, [loop.kind, loop.closing].filter(Boolean).join(" ")], [words.energy, loop.energy]);
  return rows;
}

function tip(title, rows) {
  const box = document.createElement("div");
  box.className = "tip";
  const head = document.createElement("b");
  head.textContent = title;
  box.append(head);
  for (const row of rows) {
    const line = document.createElement("span");
    line.append(...row.map((text) => Object.assign(document.createElement("i"), { textContent: text })));
    box.append(line);
  }
  return box;
}

let shown = null; // the position that is read out
async function read(figure, event) {
  const svg = drawingOf(figure);
  const position = positionAt(svg, event);
  if (position === null) return forget(figure);
  const box = figure.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  shown = position;
  const found = await chunkOf(figure, position).catch(() => null);
  if (shown !== position || !found || !figure.isConnected) return undefined; // the pointer has gone on
  at("title", svg)?.remove(); // the browser's own tip would cover ours; the drawing keeps its label
  const words = JSON.parse(at("#fold-words").textContent);
  const place = at("[data-at]", figure);
  place.replaceChildren(tip(`${words.position} ${position.toLocaleString("en")} ${found.letters[position - found.first]}`, rowsOf(words, found, position)));
  place.hidden = false;
  place.style.left = `${clamp(x + 14, 0, Math.max(0, box.width - place.offsetWidth))}px`;
  place.style.top = `${y + 18}px`;
  unmark(svg);
  mark(svg, position);
  const partner = found.partners[position - found.first];
  if (partner) mark(svg, partner);
  return undefined;
}

function forget(figure) {
  shown = null;
  at("[data-at]", figure).hidden = true;
  unmark(drawingOf(figure));
}

// Another window, as a link of the page would ask for it.
function show(figure, first, last) {
  const length = Number(figure.dataset.length);
  const wide = clamp(last - first + 1, Math.min(NARROWEST, length), length);
  const from = clamp(Math.round(first), 1, length - wide + 1);
  const address = new URL(location.href);
  for (const key of ["loops", "pairs"]) address.searchParams.delete(key);
  address.searchParams.set("from", from);
  address.searchParams.set("to", from + wide - 1);
  const link = Object.assign(document.createElement("a"), { href: address.pathname + address.search, hidden: true });
  at("[data-window]").append(link);
  window.htmx.process(link);
  link.click();
}

let drag = null; // where a stretch begins
addEventListener("pointerdown", (event) => {
  const figure = figureOf(event);
  const svg = figure && drawingOf(figure);
  if (!svg || !svg.contains(event.target) || svg.dataset.r || event.button !== 0 || event.pointerType === "touch") return;
  event.preventDefault();
  const [x] = inDrawing(svg, event);
  drag = { figure, svg, x, clientX: event.clientX, first: positionAt(svg, event, true) };
});

addEventListener("pointermove", (event) => {
  if (drag) {
    const [x] = inDrawing(drag.svg, event);
    drag.stretch ??= draw(drag.svg, "rect", { y: 0, height: drag.svg.viewBox.baseVal.height, fill: "#b35806", "fill-opacity": 0.16 });
    drag.stretch.setAttribute("x", Math.min(x, drag.x));
    drag.stretch.setAttribute("width", Math.abs(x - drag.x));
    return;
  }
  const figure = figureOf(event);
  if (figure && drawingOf(figure)?.contains(event.target)) read(figure, event);
  else document.querySelectorAll("[data-positions]").forEach(forget);
});

addEventListener("pointerup", (event) => {
  if (!drag) return;
  const { figure, svg, clientX, first, stretch } = drag;
  drag = null;
  stretch?.remove();
  if (Math.abs(event.clientX - clientX) < A_DRAG) return;
  const ends = [first, positionAt(svg, event, true)].sort((one, other) => one - other);
  show(figure, ...ends);
});

// The browser took the pointer for something else, or the reader wants nothing of it (WCAG 2.2, 1.4.13).
function letGo() {
  drag?.stretch?.remove();
  drag = null;
  document.querySelectorAll("[data-positions]").forEach(forget);
}
addEventListener("pointercancel", letGo);
addEventListener("keydown", (event) => {
  if (event.key === "Escape") letGo();
});

addEventListener(
  "wheel",
  (event) => {
    const figure = figureOf(event);
    if (!figure || !event.ctrlKey) return;
    event.preventDefault();
    const [first, last] = [Number(figure.dataset.first), Number(figure.dataset.last)];
    const middle = positionAt(drawingOf(figure), event, true) ?? (first + last) / 2;
    const factor = event.deltaY > 0 ? 2 : 0.5;
    if (figure.dataset.turning) return; // the last turn is not shown yet
    figure.dataset.turning = "yes";
    show(figure, Math.round(middle - (middle - first) * factor), Math.round(middle + (last - middle) * factor));
  },
  { passive: false },
);

const waiting = at("[data-job]");
if (waiting) {
  const source = new EventSource(waiting.dataset.job);
  source.addEventListener("job", ({ data }) => {
    const { status, share, text } = JSON.parse(data);
    at("progress", waiting).value = share;
    at("[role=status]", waiting).textContent = text;
    if (["queued", "running"].includes(status)) return;
    source.close();
    location.reload();
  });
  addEventListener("pagehide", () => source.close());
}
