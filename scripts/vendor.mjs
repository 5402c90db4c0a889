// The third-party browser files of the command centre: bundled, decoded and copied from node_modules, never committed.
//
//   npm ci --ignore-scripts && node scripts/vendor.mjs
//
// echarts.js   a module with only the charts and components the pages use
// htmx.js      as published
// china.json   the map shapes of echarts 4.9.0 as plain GeoJSON, joined to GB/T 2260 codes, with the South China Sea inset
// licences.txt the licence texts of everything above

import { createRequire } from "node:module";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const vendor = join(root, "src", "bianque", "web", "static", "vendor");

const ECHARTS_ENTRY = `
import { init, registerMap, use } from "echarts/core";
import { BarChart, LineChart, MapChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
use([BarChart, LineChart, MapChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);
export { init, registerMap };
`;

async function bundleEcharts() {
  await build({
    stdin: { contents: ECHARTS_ENTRY, resolveDir: root, sourcefile: "echarts-entry.js" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2020",
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
    outfile: join(vendor, "echarts.js"),
    logLevel: "warning",
  });
}

// The encoding of the map files is documented by the decoder that echarts 4.9.0 ships (lib/coord/geo/parseGeoJson.js):
// zigzag and delta coded UTF-16 characters, in units of 1/1024 of a degree.
function decodeRing(text, [x0, y0], scale) {
  const ring = [];
  let [x, y] = [x0, y0];
  for (let i = 0; i < text.length; i += 2) {
    const dx = text.charCodeAt(i) - 64;
    const dy = text.charCodeAt(i + 1) - 64;
    x += (dx >> 1) ^ -(dx & 1);
    y += (dy >> 1) ^ -(dy & 1);
    ring.push([round(x / scale), round(y / scale)]);
  }
  return ring;
}

const round = (degrees) => Math.round(degrees * 1000) / 1000; // 0.001° is about 100 m

function polygons(geometry, scale) {
  const decode = (rings, offsets) => rings.map((ring, i) => decodeRing(ring, offsets[i], scale));
  if (geometry.type === "Polygon") return [decode(geometry.coordinates, geometry.encodeOffsets)];
  return geometry.coordinates.map((rings, i) => decode(rings, geometry.encodeOffsets[i]));
}

// echarts draws two things on its map of China that are not in the file: the South China Sea inset and the Diaoyu
// Islands. They are taken from the same package, so that every drawing of the map, in the browser or not, has them.
async function additions() {
  const load = async (name) => {
    const path = join(modules, "echarts", "lib", "coord", "geo", "fix", name);
    return (await import(pathToFileURL(path).href)).default;
  };
  const inset = [];
  (await load("nanhai.js"))("china", inset);
  const taiwan = { name: "台湾", geometries: [] };
  (await load("diaoyuIsland.js"))("china", taiwan);
  const rings = (region) => region.geometries.map((g) => [g.exterior.map((point) => point.map(round))]);
  if (inset.length !== 1 || taiwan.geometries.length === 0) throw new Error("echarts no longer has its additions");
  return { inset: { name: inset[0].name, polygons: rings(inset[0]) }, diaoyu: rings(taiwan) };
}

async function decodeChina() {
  const map = JSON.parse(await readFile(join(modules, "echarts4", "map", "json", "china.json"), "utf8"));
  const scale = map.UTF8Scale ?? 1024;
  const { inset, diaoyu } = await additions();
  const feature = (code, name, coordinates, more = {}) => ({
    type: "Feature",
    properties: { code, name, ...more },
    geometry: { type: "MultiPolygon", coordinates },
  });
  const provinces = map.features.map(({ id, properties, geometry }) => {
    const shapes = polygons(geometry, scale);
    return feature(id, properties.name, id === "710000" ? [...shapes, ...diaoyu] : shapes);
  });
  provinces.sort((a, b) => a.properties.code.localeCompare(b.properties.code));
  const codes = new Set(provinces.map((p) => p.properties.code));
  if (codes.size !== 34 || ![...codes].every((code) => /^\d{2}0000$/.test(code))) {
    throw new Error(`china.json: 34 GB/T 2260 codes of provinces expected, found ${[...codes].join(" ")}`);
  }
  const features = [...provinces, feature("", inset.name, inset.polygons, { inset: true })];
  await writeFile(join(vendor, "china.json"), JSON.stringify({ type: "FeatureCollection", features }));
}

async function copyHtmx() {
  await writeFile(join(vendor, "htmx.js"), await readFile(join(modules, "htmx.org", "dist", "htmx.min.js")));
}

async function copyLicences() {
  const read = createRequire(import.meta.url);
  const parts = [
    ["echarts.js", "echarts", ["LICENSE", "NOTICE"]],
    ["echarts.js", "zrender", ["LICENSE"]],
    ["echarts.js", "tslib", ["LICENSE.txt"]],
    ["china.json", "echarts4", ["LICENSE", "NOTICE"]],
    ["htmx.js", "htmx.org", ["LICENSE"]],
  ];
  const texts = [];
  for (const [file, name, licences] of parts) {
    const { name: published, version, license } = read(join(modules, name, "package.json"));
    texts.push(`${file}: ${published} ${version}, ${license}\n`);
    for (const licence of licences) texts.push(await readFile(join(modules, name, licence), "utf8"));
  }
  await writeFile(join(vendor, "licences.txt"), texts.join("\n"));
}

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor, { recursive: true });
await Promise.all([bundleEcharts(), decodeChina(), copyHtmx(), copyLicences()]);
