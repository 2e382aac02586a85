import { defineConfig } from "vite";

/** What every build and test shares; scripts/build.mjs adds what each bundle needs. */
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  publicDir: false,
  test: {
    environment: "happy-dom",
    include: ["{shared,widget,inbox,faults}/**/*.test.{ts,tsx}"],
    // One DOM for all files: making one for each took nine tenths of the time.
    pool: "threads",
    isolate: false,
    unstubGlobals: true,
    restoreMocks: true,
  },
});
