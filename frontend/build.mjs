// Builds static/dist/ from src/: app.css, app.js, charts.js, icons.svg and the font.
// File names are fixed; collectstatic adds the hashes. Same input, same bytes.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "..", "static", "dist");
const icons = path.join(here, "node_modules", "@tabler", "icons", "icons", "outline");

/** The sprite: one <symbol> for each name in icons.txt. Stroke and size are the style sheet's. */
async function buildSprite() {
  const listed = await readFile(path.join(here, "icons.txt"), "utf8");
  const names = listed.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  const symbols = [];
  for (const name of [...new Set(names)].sort()) {
    const source = await readFile(path.join(icons, `${name}.svg`), "utf8");
    const inside = source
      .replace(/<!--[\s\S]*?-->/g, "")
      .replace(/^[\s\S]*?<svg[\s\S]*?>/, "")
      .replace(/<\/svg>\s*$/, "")
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\/?>(<\/path>)?/, "")
      .replace(/\s*\n\s*/g, "");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${inside}</symbol>`);
  }
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
  await writeFile(path.join(out, "icons.svg"), sprite);
  return symbols.length;
}

const options = {
  absWorkingDir: here,
  entryPoints: ["src/app.js", "src/charts.js", "src/app.css"],
  entryNames: "[name]",
  assetNames: "[name]",
  outdir: out,
  bundle: true,
  minify: true,
  sourcemap: false,
  charset: "utf8",
  legalComments: "linked",
  // The oldest browser the portal promises (docs/interface.md); newer CSS is lowered to it.
  target: ["chrome105", "firefox110", "safari16"],
  loader: { ".woff2": "file", ".svg": "dataurl" },
  logLevel: "warning",
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await copyFile(path.join(here, "src", "seal.svg"), path.join(out, "seal.svg"));
const count = await buildSprite();
if (process.argv.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
  console.log(`front end built: ${count} icons`);
}
