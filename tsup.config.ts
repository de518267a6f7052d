import { readdirSync } from "node:fs"
import { defineConfig } from "tsup"

/** One entry per door of the package: the files of src/entries, by their names. */
const doors = Object.fromEntries(
  readdirSync(new URL("./src/entries", import.meta.url)).map(file => [
    file.replace(/\.ts$/, ""),
    `src/entries/${file}`,
  ]),
)

// The main entry's default export comes after, and so do the CommonJS files: see finish-build.ts.
const entry = { ...doors, index: "src/index.ts" }

export default defineConfig({
  entry,
  format: ["esm"],
  target: "node20",
  dts: { entry, compilerOptions: { stripInternal: true } },
  clean: true,
  // Split, or two entries would each hold a copy of the module state.
  splitting: true,
  // Deno, and bundlers for other platforms, know the modules of Node by their full names only.
  removeNodeProtocol: false,
  sourcemap: true,
})
