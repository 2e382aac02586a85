// Builds what is committed under static/ (widget, inbox, tokens), or with `replay` the reducer and with `driver` the
// clients of the fault tests, each as a node script.
// `--check` builds elsewhere and compares, so that nobody commits assets that the sources do not build.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const frontend = fileURLToPath(new URL("..", import.meta.url));
const parts = { widget, inbox, shared };
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));

if (wanted[0] === "replay") {
  await replay();
} else if (wanted[0] === "driver") {
  await driver();
} else {
  const names = wanted.length ? wanted : Object.keys(parts);
  const out = process.argv.includes("--check") ? mkdtempSync(join(tmpdir(), "porchlight-")) : join(frontend, "static");
  for (const name of names) await parts[name](join(out, name));
  if (out !== join(frontend, "static")) compare(out, names);
}

/** The panel first, because the loader carries the panel's hashed name. */
async function widget(outDir) {
  const [panel] = await bundle({
    outDir,
    emptyOutDir: true,
    rollupOptions: {
      input: join(frontend, "widget/panel.tsx"),
      preserveEntrySignatures: "strict",
      output: { format: "es", entryFileNames: "panel-[hash].js", chunkFileNames: "[name]-[hash].js" },
    },
  });
  await bundle(
    {
      outDir,
      emptyOutDir: false,
      rollupOptions: {
        input: join(frontend, "widget/loader.ts"),
        output: { format: "iife", entryFileNames: "loader.js", codeSplitting: false },
      },
    },
    { __PANEL__: JSON.stringify(panel.fileName) },
  );
  // The panel under a stable name, for pages that outlived an update and know only an older one.
  writeFileSync(join(outDir, "panel.js"), `export * from "./${panel.fileName}";\n`);
}

async function inbox(outDir) {
  const entry = join(frontend, "inbox/main.tsx");
  if (!existsSync(entry)) return;
  await bundle(
    {
      outDir,
      emptyOutDir: true,
      manifest: "manifest.json",
      modulePreload: false,
      rollupOptions: {
        input: entry,
        output: {
          entryFileNames: "[name]-[hash].js",
          chunkFileNames: "[name]-[hash].js",
          assetFileNames: "[name]-[hash][extname]",
        },
      },
    },
    {},
    "/static/inbox/",
  );
}

/** The tokens, for the pages that Django draws. */
async function shared(outDir) {
  mkdirSync(outDir, { recursive: true });
  copyFileSync(join(frontend, "shared/tokens.css"), join(outDir, "tokens.css"));
}

async function replay() {
  await bundle({
    ssr: join(frontend, "shared/replay.ts"),
    outDir: join(frontend, "build"),
    minify: false,
    rollupOptions: { output: { entryFileNames: "replay.mjs" } },
  });
}

/** Whole, without a package beside it, so that a build can be kept and speak for its version for ever. */
async function driver() {
  await bundle(
    {
      ssr: join(frontend, "faults/driver.ts"),
      outDir: join(frontend, "build"),
      emptyOutDir: false,
      minify: process.argv.includes("--minify"),
      target: "node20",
      rollupOptions: { output: { entryFileNames: "driver.mjs", codeSplitting: false } },
    },
    {},
    "./",
    { noExternal: true },
  );
}

async function bundle(options, define = {}, base = "./", ssr = {}) {
  const result = await build({
    root: frontend,
    configFile: join(frontend, "vite.config.mjs"),
    logLevel: "warn",
    base,
    define,
    ssr,
    build: { target: ["chrome109", "firefox115", "safari16.4"], reportCompressedSize: false, ...options },
  });
  return result.output.filter((chunk) => chunk.isEntry);
}

function compare(fresh, names) {
  const stale = names.flatMap((name) =>
    differences(join(fresh, name), join(frontend, "static", name)).map((path) => `${name}/${path}`),
  );
  rmSync(fresh, { recursive: true });
  for (const path of stale) console.error(`static/${path} is not what the sources build: run \`npm run build\`.`);
  process.exitCode = stale.length ? 1 : 0;
}

function differences(fresh, committed) {
  const paths = new Set([...files(fresh), ...files(committed)]);
  const read = (folder, path) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path), "utf8") : null);
  return [...paths].filter((path) => read(fresh, path) !== read(committed, path)).sort();
}

function files(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
}
