import { readdirSync } from "node:fs"
import { defineConfig } from "tsup"

/** One entry per door of the package: the files of src/entries, by their names. */
const doors = Object.fromEntries(
  readdirSync(new URL("./src/entries", import.meta.url)).map(file => [
    file.replace(/\.ts$/, ""),
    `src/entries/${file}`,
  ]),
)

export default defineConfig({
  entry: doors,
  // The CommonJS files and the main entry's default in the declarations come after: see finish-build.ts.
  format: ["esm"],
  target: "node20",
  dts: { entry: { ...doors, index: "src/index.ts" }, compilerOptions: { stripInternal: true } },
  clean: true,
  // Split, or two entries would each hold a copy of the module state.
  splitting: true,
  // Deno, and bundlers for other platforms, know the modules of Node by their full names only.
  removeNodeProtocol: false,
  sourcemap: true,
})
