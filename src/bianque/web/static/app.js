// Draws the curves and the map of a page, and asks for the page anew when the lake has changed.
// Without this file every page is whole: charts are pictures, switches are links.

const at = (selector, root = document) => root.querySelector(selector);
const echartsAddress = at("#echarts")?.href;
const shapesKept = new Map();
let drawn = [];

const nothing = { silent: true, symbol: "none", lineStyle: { opacity: 0 }, tooltip: { show: false } };

function tip(title, rows) {
  const box = document.createElement("div");
  box.className = "tip";
  const head = document.createElement("b");
  head.textContent = title;
  box.append(head);
  for (const [name, text] of rows) {
    const line = document.createElement("span");
    for (const part of [name, text]) {
      const piece = document.createElement("i");
      piece.textContent = part;
      line.append(piece);
    }
    box.append(line);
  }
  return box;
}

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const tooltip = () => ({ backgroundColor: style("--card"), borderColor: style("--edge"), padding: [6, 10], confine: true, transitionDuration: 0 });

// A band is two stacked lines: an unseen one along the lower end, and the filled difference above it.
function band(range, colours) {
  const colour = range.ahead ? colours.ahead[range.percent] : colours.band;
  const common = { ...nothing, type: "line", stack: range.name, stackStrategy: "all", z: 1, connectNulls: false };
  const height = range.upper.map((upper, i) => (upper === null || range.lower[i] === null ? null : upper - range.lower[i]));
  return [
    { ...common, data: range.lower.map((lower, i) => (height[i] === null ? null : lower)) },
    { ...common, data: height, areaStyle: { color: colour, opacity: 1 } },
  ];
}

function curveOption(curve, colours) {
  const quiet = style("--quiet");
  const lineColour = { main: colours.main, second: colours.second, median: colours.median };
  const series = curve.ranges.flatMap((range) => band(range, colours));
  if (curve.bars) {
    series.push({ type: "bar", data: curve.bars.values, itemStyle: { color: colours.main }, barWidth: "72%", z: 2 });
  }
  for (const line of curve.lines) {
    series.push({ type: "line", data: line.values, symbol: "none", lineStyle: { color: lineColour[line.role], width: 2 }, itemStyle: { color: lineColour[line.role] }, z: 3 });
  }
  if (curve.hidden.length) {
    const lowest = curve.days.map((_, i) => (curve.hidden.includes(i) ? curve.axis.lowest : null));
    series.push({ ...nothing, type: "line", data: lowest, symbol: "emptyCircle", symbolSize: 5, itemStyle: { color: quiet }, z: 4 });
  }
  const rows = Math.max(0, ...curve.marks.map(({ row }) => row + 1));
  const marks = curve.marks.map(({ at: day, label, row }) => ({
    xAxis: day,
    label: { formatter: label, color: style("--alert"), position: "end", rotate: 0, distance: 3 + 13 * (rows - 1 - row), fontSize: 11, align: day > curve.days.length / 2 ? "right" : "left" },
    lineStyle: { color: style("--alert"), type: "dashed" },
  }));
  if (curve.reference !== null) {
    marks.push({ yAxis: curve.reference, label: { show: false }, lineStyle: { color: quiet, type: "solid" } });
  }
  series.push({ ...nothing, type: "line", data: [], markLine: { silent: true, symbol: "none", animation: false, data: marks } });
  const { lowest, highest, step, labels } = curve.axis;
  return {
    animation: false,
    grid: { left: 8, right: 14, top: 12 + 13 * rows, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: { ...tooltip(), trigger: "axis", axisPointer: { type: "line" }, formatter: ([first]) => tip(curve.days[first.dataIndex], curve.tips[first.dataIndex]) },
    xAxis: { type: "category", data: curve.days, axisTick: { show: false }, axisLine: { lineStyle: { color: style("--edge") }, onZero: false }, axisLabel: { color: quiet, hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right" } },
    yAxis: {
      type: "value",
      min: lowest,
      max: highest,
      interval: step,
      splitLine: { lineStyle: { color: style("--rule") } },
      axisLabel: { color: quiet, formatter: (value) => labels[Math.round((value - lowest) / step)] ?? "" },
    },
    series,
  };
}

async function mapOption(map, echarts) {
  if (!shapesKept.has(map.shapes)) {
    const answer = await fetch(map.shapes);
    if (!answer.ok) throw new Error(`${map.shapes}: ${answer.status}`);
    const shapes = await answer.json();
    echarts.registerMap(map.shapes, { geoJSON: shapes });
    shapesKept.set(map.shapes, shapes.features.filter((f) => f.properties.inset).map((f) => f.properties.code));
  }
  const border = style("--quiet");
  const cells = new Map(map.cells.map((cell) => [cell.code, cell]));
  const inset = shapesKept.get(map.shapes).map((code) => ({ name: code, itemStyle: { areaColor: border, borderColor: border }, tooltip: { show: false }, silent: true }));
  return {
    animation: false,
    tooltip: { ...tooltip(), trigger: "item", formatter: ({ name }) => (cells.has(name) ? tip(cells.get(name).name, [[map.title, cells.get(name).text]]) : "") },
    series: [
      {
        type: "map",
        map: map.shapes,
        nameProperty: "code",
        selectedMode: false,
        aspectScale: 0.75,
        left: 4,
        right: 4,
        top: 4,
        bottom: 4,
        itemStyle: { areaColor: map.unknown, borderColor: border, borderWidth: 0.6 },
        label: { show: false },
        emphasis: { label: { show: false }, itemStyle: { areaColor: null, borderColor: style("--ink"), borderWidth: 2 } },
        data: [...map.cells.map((cell) => ({ name: cell.code, itemStyle: { areaColor: cell.colour } })), ...inset],
      },
    ],
  };
}

const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) drawn.find((one) => one.getDom() === target)?.resize();
});

async function draw() {
  const text = at("#figures")?.textContent;
  const places = document.querySelectorAll("[data-curve], [data-map]");
  if (!text || !places.length) return;
  const echarts = await import(echartsAddress);
  const figures = JSON.parse(text);
  drawn.forEach((one) => one.dispose());
  drawn = [];
  resized.disconnect();
  for (const place of document.querySelectorAll("[data-curve], [data-map]")) {
    const isMap = place.hasAttribute("data-map");
    const option = isMap ? await mapOption(figures.map, echarts) : curveOption(figures.curves[place.dataset.curve], figures.colours);
    const one = echarts.init(place, null, { renderer: "canvas" });
    one.setOption(option);
    if (isMap) one.on("click", ({ name }) => { const cell = figures.map.cells.find((c) => c.code === name); if (cell) location.assign(cell.href); });
    drawn.push(one);
    resized.observe(place);
  }
  document.documentElement.dataset.drawn = String(drawn.length);
}

// What a reader has unfolded stays unfolded when the page is asked for anew.
let unfolded = [];
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = [...document.querySelectorAll("#page details")].map((one) => one.open);
});
document.addEventListener("htmx:afterSettle", () => {
  document.querySelectorAll("#page details").forEach((one, i) => { one.open = unfolded[i] ?? one.open; });
  draw();
});

function listen() {
  const { events, on, waiting, refreshed } = document.body.dataset;
  const live = at("#live");
  const say = (words, connected) => { live.textContent = words; live.classList.toggle("on", connected); };
  const source = new EventSource(events);
  source.addEventListener("open", () => say(on, true));
  source.addEventListener("error", () => say(waiting, false));
  source.addEventListener("state", async ({ data }) => {
    const page = at("#page");
    if (!page?.dataset.state || page.dataset.state === data) return;
    await window.htmx.ajax("GET", location.pathname + location.search, { target: "#page", select: "#page", swap: "outerHTML show:none" });
    say(refreshed, true);
  });
  addEventListener("pagehide", () => source.close());
}

draw();
if (at("#page")?.dataset.state) listen();
