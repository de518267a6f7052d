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
  format: ["esm", "cjs"],
  target: "node20",
  // The main entry's default comes after: see entry-types.ts.
  dts: { entry: { ...doors, index: "src/index.ts" } },
  clean: true,
  // Both formats are split, or two entries would each hold a copy of the module state.
  splitting: true,
  sourcemap: true,
})
